import { Head, usePage } from '@inertiajs/react'
import { useCsrfField, useOldInput } from 'litestar-vite/react'
import { Field } from '../components/Field'
import { PlainLayout } from '../components/PlainLayout'
import type { PageProps } from '../generated/pages.gen'

/** A page without JavaScript: nothing here runs in the browser. Links and the form work as in any HTML document. */
export default function Help({ version }: PageProps<'Help'>) {
  const { props, flash } = usePage()
  const { errors } = props
  const old = useOldInput()
  return (
    <>
      <Head title="Help" />
      <header className="page-header">
        <div>
          <h1>Help and feedback</h1>
          <p className="page-subtitle">Kontor {version}</p>
        </div>
      </header>
      <div className="stack">
        <section className="card card-padded">
          <h2>Where to find what</h2>
          <p>
            The <a href="/contacts">contacts</a> are searched by name, e-mail address, role and organisation. Customers cannot be
            deleted, only archived. Colleagues are listed on the page of each contact, and under{' '}
            <a href="/organisations">organisations</a>.
          </p>
        </section>
        <section className="card card-padded">
          <h2>Write to us</h2>
          {flash.success?.map((message) => (
            <p key={message} className="notice" role="status">
              {message}
            </p>
          ))}
          {flash.error?.map((message) => (
            <p key={message} className="notice notice-error" role="alert">
              {message}
            </p>
          ))}
          <form method="post" action="/help" className="form-grid" noValidate>
            <input {...useCsrfField()} />
            <Field name="message" label="Your message" error={errors.message} wide>
              {(control) => <textarea {...control} rows={5} defaultValue={old('message')} />}
            </Field>
            <Field name="email" label="E-mail" error={errors.email} optional wide>
              {(control) => <input {...control} type="email" autoComplete="email" defaultValue={old('email')} />}
            </Field>
            <div className="field-wide">
              <button type="submit" className="button button-primary">
                Send
              </button>
            </div>
          </form>
        </section>
      </div>
    </>
  )
}

Help.layout = PlainLayout
