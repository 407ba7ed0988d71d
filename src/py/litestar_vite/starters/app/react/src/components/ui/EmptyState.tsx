import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

interface EmptyStateProps {
  Icon: LucideIcon
  title: string
  text: string
  /** The suggested action. */
  children?: ReactNode
}

export function EmptyState({ Icon, title, text, children }: EmptyStateProps) {
  return (
    <div className="grid justify-items-center px-6 py-14 text-center">
      <span className="grid size-11 place-items-center rounded-xl border bg-sunken text-muted">
        <Icon className="size-5" aria-hidden />
      </span>
      <h2 className="mt-4 text-base">{title}</h2>
      <p className="mt-1 max-w-80 text-muted">{text}</p>
      {children && <div className="mt-5">{children}</div>}
    </div>
  )
}
