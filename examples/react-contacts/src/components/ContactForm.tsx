import { Link, useForm } from '@inertiajs/react'
import { type SubmitEvent, useEffect, useRef } from 'react'
import { STATUSES, type Status } from '../choices'
import type { OrganisationRef } from '../generated/pages.gen'
import { Field } from './Field'
import { STATUS_LABELS } from './StatusBadge'

export interface ContactValues {
  firstName: string
  lastName: string
  email: string
  phone: string
  role: string
  status: Status
  organisationId: number | null
  notes: string
}

interface ContactFormProps {
  method: 'post' | 'put'
  url: string
  values: ContactValues
  organisations: OrganisationRef[]
  submitLabel: string
  cancelUrl: string
}

// The rules of ContactForm in contacts.py, with messages for users.
const NAME = { pattern: '.*\\S.*', title: 'A name needs at least one letter.' }
const EMAIL = { pattern: '[^@\\s]+@[^@\\s]+\\.[^@\\s]+', title: 'Enter an address such as ada@example.com.' }
const PHONE = { pattern: '[+\\d \\(\\)\\/.\\-]*', title: 'Use digits, spaces and + ( ) / . -' }

/** The browser's validation errors. With noValidate, they are shown next to the fields instead of in bubbles. */
function problemsOf(form: HTMLFormElement): Partial<Record<keyof ContactValues, string>> {
  const controls = [...form.elements].filter((element) => 'validity' in element) as HTMLInputElement[]
  const invalid = controls.filter(({ validity }) => !validity.valid)
  return Object.fromEntries(
    invalid.map(({ name, title, validity, validationMessage }) => [name, (!validity.valueMissing && title) || validationMessage]),
  )
}

/** The form of both pages. Data that the browser accepts is sent to the server. Errors of both are shown alike. */
export function ContactForm({ method, url, values, organisations, submitLabel, cancelUrl }: ContactFormProps) {
  const form = useForm<ContactValues>(values)
  const { data, errors } = form
  const element = useRef<HTMLFormElement>(null)
  const submitted = useRef(false)

  // Only after a submit: an error that disappears while the user types must not move the focus.
  useEffect(() => {
    if (!submitted.current || !form.hasErrors) return
    submitted.current = false
    element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [form.hasErrors, errors])

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault()
    submitted.current = true
    const problems = problemsOf(event.currentTarget)
    if (Object.keys(problems).length) form.setError(problems)
    else form.submit(method, url, { invalidateCacheTags: 'contacts' })
  }

  function text(name: Exclude<keyof ContactValues, 'status' | 'organisationId'>) {
    return {
      value: data[name],
      onChange: (event: { target: { value: string } }) => {
        form.setData(name, event.target.value)
        form.clearErrors(name)
      },
    }
  }

  return (
    <form ref={element} className="card form" onSubmit={submit} noValidate>
      <div className="form-grid">
        <Field name="firstName" label="First name" error={errors.firstName}>
          {(control) => <input {...control} {...text('firstName')} {...NAME} maxLength={60} autoComplete="off" />}
        </Field>
        <Field name="lastName" label="Last name" error={errors.lastName}>
          {(control) => <input {...control} {...text('lastName')} {...NAME} maxLength={60} autoComplete="off" />}
        </Field>
        <Field name="email" label="E-mail" error={errors.email}>
          {(control) => <input {...control} {...text('email')} {...EMAIL} type="email" maxLength={160} autoComplete="off" />}
        </Field>
        <Field name="phone" label="Phone" error={errors.phone} optional>
          {(control) => <input {...control} {...text('phone')} {...PHONE} type="tel" maxLength={40} autoComplete="off" />}
        </Field>
        <Field name="role" label="Role" error={errors.role} optional>
          {(control) => <input {...control} {...text('role')} maxLength={80} />}
        </Field>
        <Field name="organisationId" label="Organisation" error={errors.organisationId} optional>
          {(control) => (
            <select
              {...control}
              value={data.organisationId ?? ''}
              onChange={(event) => form.setData('organisationId', event.target.value ? Number(event.target.value) : null)}
            >
              <option value="">None</option>
              {organisations.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <fieldset className="field field-wide">
          <legend>Status</legend>
          <div className="segments">
            {STATUSES.map((status) => (
              <label key={status} className="segment">
                <input
                  type="radio"
                  name="status"
                  value={status}
                  checked={data.status === status}
                  onChange={() => form.setData('status', status)}
                />
                <span>{STATUS_LABELS[status]}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <Field name="notes" label="Notes" error={errors.notes} optional wide>
          {(control) => <textarea {...control} {...text('notes')} rows={5} maxLength={2000} />}
        </Field>
      </div>
      <div className="form-actions">
        <Link href={cancelUrl} className="button">
          Cancel
        </Link>
        <button className="button button-primary" disabled={form.processing}>
          {form.processing ? 'Saving…' : submitLabel}
        </button>
      </div>
    </form>
  )
}
