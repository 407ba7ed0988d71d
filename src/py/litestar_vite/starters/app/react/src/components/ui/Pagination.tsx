import { ChevronLeft, ChevronRight } from 'lucide-react'
import { Link } from 'litestar-vite/react'

interface PaginationProps {
  page: number
  pages: number
  total: number
  pageSize: number
  href: (page: number) => string
}

export function Pagination({ page, pages, total, pageSize, href }: PaginationProps) {
  const first = (page - 1) * pageSize + 1
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-4 border-t px-4 py-3 text-sm text-muted">
      <span>
        {first}–{Math.min(page * pageSize, total)} of {total}
      </span>
      <span className="flex gap-2">
        <Step href={page > 1 ? href(page - 1) : null} label="Previous page" Icon={ChevronLeft} />
        <Step href={page < pages ? href(page + 1) : null} label="Next page" Icon={ChevronRight} />
      </span>
    </nav>
  )
}

function Step({ href, label, Icon }: { href: string | null; label: string; Icon: typeof ChevronLeft }) {
  if (href === null) {
    return (
      <button type="button" disabled className="btn btn-icon" aria-label={label}>
        <Icon aria-hidden />
      </button>
    )
  }
  return (
    <Link href={href} preserveScroll preserveState prefetch className="btn btn-icon" aria-label={label}>
      <Icon aria-hidden />
    </Link>
  )
}
