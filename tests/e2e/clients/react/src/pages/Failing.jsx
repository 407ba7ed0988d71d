import { Deferred, Link } from '@inertiajs/react'

export default function Failing({ orders, total }) {
  return (
    <>
      <h1>Orders</h1>
      <Deferred data="orders" fallback={<p>…</p>}><output id="orders">{orders}</output></Deferred>
      <Deferred data="total" fallback={<p>…</p>} rescue={<p id="sorry">The total is missing.</p>}>
        <output id="total">{total}</output>
      </Deferred>
      <Link id="broken" href="/broken">Broken</Link>
    </>
  )
}
