import { Link } from '@inertiajs/react'

export default function Instant() {
  return (
    <>
      <h1>Instant visits</h1>
      <p><Link id="go" href="/instant/target" component="InstantTarget">go</Link></p>
      <p><Link id="go-head" href="/instant/head" component="InstantHead">go to a page with a head</Link></p>
    </>
  )
}
