import type { ReactNode } from 'react'
import '../styles/plain.css'

/** The frame of pages without JavaScript: links only, without toasts or a theme switch. */
export function PlainLayout({ children }: { children: ReactNode }) {
  return (
    <main id="main" className="plain">
      <a href="/contacts" className="brand">
        <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M11 8v16M22 8l-9 8 9 8" />
        </svg>
        Kontor
      </a>
      <div className="narrow">{children}</div>
    </main>
  )
}
