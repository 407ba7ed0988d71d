import { Head, Link } from '@inertiajs/react'
import { describeError } from '../../format'
import { route } from '../../routes'
import type { ErrorProps } from '../../types'

export default function ErrorPage({ status }: ErrorProps) {
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
        <Link href={route('home')} className="button">
          Back to the home page
        </Link>
      </div>
    </header>
  )
}
