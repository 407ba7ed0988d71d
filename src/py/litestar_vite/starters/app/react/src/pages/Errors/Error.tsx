import { Head, Link } from 'litestar-vite/react'
import { Logo } from '../../components/Logo'
import type { PageProps } from '../../generated/pages.gen'
import { welcome } from '../../generated/routes'
import { describeError } from '../../lib/format'

/** The page for every error. Unknown URLs are served without a session, so the user is unknown. */
export default function ErrorPage({ status }: PageProps<'Errors/Error'>) {
  const { title, text } = describeError(status)
  return (
    <main tabIndex={-1} className="grid min-h-dvh place-content-center justify-items-center px-6 text-center">
      <Head title={title} />
      <Logo className="size-10" />
      <p className="mt-8 text-sm font-semibold tracking-widest text-accent-text">{status}</p>
      <h1 className="mt-2 text-3xl tracking-tight">{title}</h1>
      <p className="mt-3 max-w-md text-muted">{text}</p>
      <Link href={welcome()} className="btn mt-8">
        Go to the home page
      </Link>
    </main>
  )
}
