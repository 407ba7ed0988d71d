import { Deferred, Link, router } from '@inertiajs/react'

export default function Account({ name, menu, orders }) {
  return (
    <>
      <h1>Account of {name}</h1>
      <output id="menu">{menu}</output>
      <Deferred data="orders" fallback={<p>…</p>}><output id="orders">{orders}</output></Deferred>
      <button id="as-ada" onClick={() => router.post('/session', { name: 'Ada' })}>Ada</button>
      <button id="as-bob" onClick={() => router.post('/session', { name: 'Bob' })}>Bob</button>
      <button id="leave" onClick={() => router.delete('/session')}>Log out</button>
      <Link id="reload" href="/account/other">Account</Link>
    </>
  )
}
