import { Link } from '@inertiajs/react'

export default function Prefetch() {
  return (
    <>
      <h1>Prefetch</h1>
      <p><Link id="hover" href="/detail/1" prefetch cacheFor="1m">on hover</Link></p>
      <p><Link id="plain" href="/detail/2">not at all</Link></p>
      <p><Link id="gone" href="/prefetch/fragment" prefetch cacheFor="1m">to a fragment</Link></p>
    </>
  )
}
