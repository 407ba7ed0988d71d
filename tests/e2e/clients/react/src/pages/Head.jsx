import { Link } from '@inertiajs/react'

export default function Head({ number }) {
  return <><h1>Head {number}</h1><Link id="next" href={`/head/${number + 1}`}>next</Link></>
}
