import { logOut } from '../../../shared/actions'

export default function Secret({ secret, visit }) {
  return (
    <>
      <h1>Secret</h1>
      <p id="secret">{secret}</p>
      <output id="visit">{visit}</output>
      <button id="logout" onClick={() => logOut()}>Log out</button>
    </>
  )
}
