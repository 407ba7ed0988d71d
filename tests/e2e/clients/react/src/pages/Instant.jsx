import { Link } from '@inertiajs/react'

export default function Instant() {
  return <><h1>Instant visits</h1><Link id="go" href="/instant/target" component="InstantTarget">go</Link></>
}
