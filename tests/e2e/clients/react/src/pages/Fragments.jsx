import { Link } from '@inertiajs/react'

export default function Fragments({ from }) {
  return (
    <>
      <h1>Fragments</h1>
      <p id="from">{from}</p>
      <Link id="go" href="/fragments/go">redirect with a fragment</Link>{' '}
      <Link id="keep" href="/fragments/keep#two">keep my fragment</Link>{' '}
      <Link id="plain" href="/fragments?from=plain#two">plain</Link>
      <section id="one">one</section>
      <section id="two">two</section>
    </>
  )
}
