import { reloadAll, reloadExcept, reloadOnly } from '../../../shared/actions'

export default function Partial({ a, b, always, user, hidden }) {
  return (
    <>
      <h1>Partial reloads</h1>
      <output id="a">{a}</output>
      <output id="b">{b}</output>
      <output id="always">{always}</output>
      <output id="name">{user.name}</output>
      <output id="email">{user.email}</output>
      <output id="hidden">{hidden ?? 'none'}</output>
      <p>
        <button id="only-a" onClick={() => reloadOnly('a')}>only a</button>
        <button id="except-a" onClick={() => reloadExcept('a')}>except a</button>
        <button id="only-name" onClick={() => reloadOnly('user.name')}>only user.name</button>
        <button id="only-hidden" onClick={() => reloadOnly('hidden')}>only hidden</button>
        <button id="all" onClick={() => reloadAll()}>all</button>
      </p>
    </>
  )
}
