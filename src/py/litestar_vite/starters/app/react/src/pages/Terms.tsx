import { Head } from 'litestar-vite/react'
import { Logo } from '../components/Logo'
import { welcome } from '../generated/routes'

/** A page without JavaScript: nothing here runs in the browser. Write your own terms. */
export default function Terms() {
  return (
    <div className="mx-auto max-w-2xl px-5 py-5 sm:px-8">
      <Head title="Terms" />
      <a href={welcome().url} className="block w-fit rounded-lg" aria-label="Home page">
        <Logo className="size-8" />
      </a>
      <main className="py-14">
        <h1 className="text-4xl tracking-tight">Terms of use</h1>
        <p className="mt-5 text-muted">
          This text is in <code>src/pages/Terms</code>. Its handler is <code>terms</code> in <code>backend/dashboard.py</code>.
        </p>
        <h2 className="mt-8 text-lg">Your account</h2>
        <p className="mt-2 text-muted">Keep your password to yourself. You can delete your account in the settings at any time.</p>
        <h2 className="mt-8 text-lg">Your data</h2>
        <p className="mt-2 text-muted">Say here what you store, for how long, and whom visitors can ask.</p>
      </main>
    </div>
  )
}
