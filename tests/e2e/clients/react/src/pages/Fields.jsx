import { Form, Link, usePoll } from '@inertiajs/react'
import { useState } from 'react'

// A form with the given fields, each a name and a type. It is sent to `url`.
export default function Fields({ url, fields, precognition, poll, values, links }) {
  const [outcomes, setOutcomes] = useState([])
  const ended = (outcome) => setOutcomes((before) => [...before, outcome])
  usePoll(poll ?? 1000, { only: ['ticks'] }, { autoStart: Boolean(poll) })
  return (
    <>
      <h1>Form for {url}</h1>
      <Form action={url} method="post" validationTimeout={50} transform={(data) => ({ ...data, ...values })}
        onSuccess={() => ended('accepted')} onError={() => ended('refused')}>
        {({ errors, validate, valid }) => (
          <>
            {fields.map(([name, type]) => (
              <p key={name}>
                <input name={name} type={type} step="any" onBlur={() => precognition && validate(name)} />
                <span id={`${name}-error`} className="error">{errors[name]}</span>
                <span id={`${name}-valid`}>{valid(name) ? 'valid' : ''}</span>
              </p>
            ))}
            <p id="form-error">{errors.form}</p>
            <output id="count">{Object.keys(errors).length}</output>
            <output id="last">{Object.keys(errors).at(-1)}</output>
            <button id="send">Send</button>
          </>
        )}
      </Form>
      <output id="outcomes">{outcomes.join(' ')}</output>
      {links?.map((link) => <Link key={link} href={link} className="link">{link}</Link>)}
    </>
  )
}
