import { Link } from '@inertiajs/react'
import { Icon } from './Icon'

interface PaginationProps {
  page: number
  pages: number
  href: (page: number) => string
}

export function Pagination({ page, pages, href }: PaginationProps) {
  if (pages <= 1) return null
  return (
    <nav className="pagination" aria-label="Pages">
      <Step to={page - 1} disabled={page <= 1} href={href} icon="left" label="Previous page" />
      <span className="pagination-status">
        Page {page} of {pages}
      </span>
      <Step to={page + 1} disabled={page >= pages} href={href} icon="right" label="Next page" />
    </nav>
  )
}

interface StepProps {
  to: number
  disabled: boolean
  href: (page: number) => string
  icon: 'left' | 'right'
  label: string
}

function Step({ to, disabled, href, icon, label }: StepProps) {
  if (disabled) {
    return (
      <span className="button button-icon" aria-hidden="true" data-disabled="">
        <Icon name={icon} />
      </span>
    )
  }
  return (
    <Link className="button button-icon" href={href(to)} aria-label={label} prefetch cacheTags="contacts">
      <Icon name={icon} />
    </Link>
  )
}
