import type { ReactNode } from 'react'

interface SectionProps {
  title: string
  text?: ReactNode
  children: ReactNode
}

/** A card with a heading, for a form of the settings. */
export function Section({ title, text, children }: SectionProps) {
  return (
    <section className="card p-5 sm:p-6">
      <h2 className="text-base">{title}</h2>
      {text && <p className="mt-1 text-sm text-muted">{text}</p>}
      <div className="mt-5">{children}</div>
    </section>
  )
}
