import type { ReactNode } from 'react'

interface FieldProps {
  name: string
  label: string
  error?: string
  children: (control: { id: string; name: string; 'aria-invalid'?: true; 'aria-describedby'?: string }) => ReactNode
}

/** A label, a control and its error message, associated for assistive technology. */
export function Field({ name, label, error, children }: FieldProps) {
  const described = error ? ({ 'aria-invalid': true, 'aria-describedby': `${name}-error` } as const) : {}
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      {children({ id: name, name, ...described })}
      {error && (
        <p id={`${name}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  )
}
