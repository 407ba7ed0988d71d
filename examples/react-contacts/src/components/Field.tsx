import type { ReactNode } from 'react'

interface ControlAttributes {
  id: string
  name: string
  required: boolean
  'aria-invalid': boolean | undefined
  'aria-describedby': string | undefined
}

interface FieldProps {
  name: string
  label: string
  error?: string
  optional?: boolean
  wide?: boolean
  children: (control: ControlAttributes) => ReactNode
}

/** A label, its control and the error under it, tied together for screen readers. */
export function Field({ name, label, error, optional = false, wide = false, children }: FieldProps) {
  const errorId = error ? `${name}-error` : undefined
  return (
    <div className={wide ? 'field field-wide' : 'field'}>
      <label htmlFor={name}>
        {label}
        {optional && <span className="field-optional">Optional</span>}
      </label>
      {children({ id: name, name, required: !optional, 'aria-invalid': error ? true : undefined, 'aria-describedby': errorId })}
      {error && (
        <p className="field-error" id={errorId}>
          {error}
        </p>
      )}
    </div>
  )
}
