import { Head, Link } from '@inertiajs/react'
import type { PageProps } from '../../generated/pages.gen'
import { contactsIndex } from '../../generated/routes'

const MESSAGES: Record<number, [title: string, text: string]> = {
  400: ['This address makes no sense here', 'A part of it could not be understood.'],
  403: ['You may not do this', 'Please reload the page and try again.'],
  404: ['This page does not exist', 'It may have been deleted, or the address has a typing error.'],
}
const OTHERWISE = ['Something went wrong', 'It is not your fault. Please try again in a moment.'] as const

export default function ErrorPage({ status }: PageProps<'Errors/Error'>) {
  const [title, text] = MESSAGES[status] ?? OTHERWISE
  return (
    <div className="error-page">
      <Head title={title} />
      <p className="error-status" aria-hidden="true">
        {status}
      </p>
      <h1>{title}</h1>
      <p>{text}</p>
      <Link href={contactsIndex()} className="button">
        Back to the contacts
      </Link>
    </div>
  )
}
