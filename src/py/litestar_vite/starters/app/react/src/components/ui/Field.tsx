import { type ReactNode, useId } from 'react'

interface Control {
  id: string
  'aria-invalid'?: true
  'aria-describedby'?: string
}

interface FieldProps {
  label: string
  error?: string
  hint?: ReactNode
  /** A link next to the label. */
  aside?: ReactNode
  children: (control: Control) => ReactNode
}

/** A label, a control, and its hint or error message, connected for screen readers. */
export function Field({ label, error, hint, aside, children }: FieldProps) {
  const id = useId()
  const described = error || hint ? { 'aria-describedby': `${id}-text` } : {}
  return (
    <div className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-4">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {aside}
      </div>
      {children({ id, ...described, ...(error ? { 'aria-invalid': true } : {}) })}
      {error ? (
        <p id={`${id}-text`} role="alert" className="text-sm text-danger-text">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-text`} className="text-sm text-muted">
            {hint}
          </p>
        )
      )}
    </div>
  )
}
