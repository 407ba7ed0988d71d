import { Head, Link } from '@inertiajs/react'

export default function Xss({ text }) {
  return (
    <>
      <Head><title>{text}</title><meta name="description" content={text} /></Head>
      <h1>Hostile text</h1>
      <p id="text" title={text}>{text}</p>
      <Link id="link" href={`/xss?q=${encodeURIComponent(text)}`}>link</Link>
    </>
  )
}
