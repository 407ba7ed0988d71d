import type { ReactNode } from 'react'

interface PageHeaderProps {
  title: string
  text?: ReactNode
  /** Buttons on the right. */
  children?: ReactNode
}

export function PageHeader({ title, text, children }: PageHeaderProps) {
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
      <div>
        <h1 className="text-2xl">{title}</h1>
        {text && <p className="mt-1 text-muted">{text}</p>}
      </div>
      {children && <div className="flex gap-2">{children}</div>}
    </header>
  )
}
