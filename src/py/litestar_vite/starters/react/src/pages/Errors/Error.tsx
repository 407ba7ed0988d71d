import { Head, Link } from 'litestar-vite/react'
import { describeError } from '../../format'
import { home } from '../../generated/routes'
import type { PageProps } from '../../generated/pages.gen'

export default function ErrorPage({ status }: PageProps<'Errors/Error'>) {
  const { title, text } = describeError(status)
  return (
    <header>
      <Head title={title} />
      <p className="status" aria-hidden="true">
        {status}
      </p>
      <h1>{title}</h1>
      <p className="lead">{text}</p>
      <div className="actions">
        <Link href={home()} className="button">
          Back to the home page
        </Link>
      </div>
    </header>
  )
}
