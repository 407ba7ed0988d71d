import { Form, Head, Link } from 'litestar-vite/react'
import { Field } from '../../components/Field'
import { formatDay } from '../../format'
import { guestbookDestroy, guestbookStore } from '../../generated/routes'
import type { Inputs, PageProps } from '../../generated/pages.gen'

export default function GuestbookIndex({ entries }: PageProps<'Guestbook/Index'>) {
  return (
    <>
      <Head title="Guest book" />
      <h1>Guest book</h1>
      <div className="columns">
        <Form<Inputs['guestbook.store']> action={guestbookStore()} className="card form" resetOnSuccess options={{ preserveScroll: true }} noValidate>
          {({ errors, processing }) => (
            <>
              <Field name="name" label="Name" error={errors.name}>
                {(control) => <input {...control} autoComplete="name" />}
              </Field>
              <Field name="message" label="Message" error={errors.message}>
                {(control) => <textarea {...control} />}
              </Field>
              <button className="button button-primary" disabled={processing}>
                {processing ? 'Signing…' : 'Sign'}
              </button>
            </>
          )}
        </Form>
        {entries.length === 0 ? (
          <p className="empty">No entries yet. Be the first to write one.</p>
        ) : (
          <ul className="entries">
            {entries.map((entry) => (
              <li key={entry.id} className="card entry">
                <div className="entry-head">
                  <h2>{entry.name}</h2>
                  <time dateTime={entry.written_at}>{formatDay(entry.written_at)}</time>
                  <Link
                    href={guestbookDestroy({ entry_id: entry.id })}
                    as="button"
                    className="button button-quiet"
                    preserveScroll
                    aria-label={`Remove the entry of ${entry.name}`}
                  >
                    ✕
                  </Link>
                </div>
                <p>{entry.message}</p>
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  )
}
