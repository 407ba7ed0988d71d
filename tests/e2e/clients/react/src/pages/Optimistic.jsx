import { like } from '../../../shared/actions'

export default function Optimistic({ likes, errors }) {
  return (
    <>
      <h1>Optimistic</h1>
      <output id="likes">{likes}</output>
      <button id="like" onClick={() => like('/optimistic/like')}>like</button>
      <button id="refused" onClick={() => like('/optimistic/refused')}>like, refused</button>
      <span className="error">{errors.likes}</span>
    </>
  )
}
