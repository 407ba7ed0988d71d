import { Search } from 'lucide-react'
import { router } from 'litestar-vite/react'
import { useEffect, useRef, useState } from 'react'
import type { Filters } from '../../generated/pages.gen'
import { projectsUrl } from '../../lib/query'
import { type Status, STATUSES } from '../ui/StatusBadge'

const WAIT_MS = 250

/** Search and status. Every change is a visit, so that the URL always matches the page. */
export function ProjectFilters({ filters }: { filters: Filters }) {
  const [search, setSearch] = useState(filters.search)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // The last request. Its response does not change the field, since the user may have typed more by then.
  const asked = useRef(filters)

  // After going back in the history, the field follows.
  useEffect(() => {
    if (filters.search !== asked.current.search) {
      clearTimeout(timer.current)
      setSearch(filters.search)
    }
    asked.current = filters
  }, [filters])
  useEffect(() => () => clearTimeout(timer.current), [])

  function show(changes: Partial<Filters> & { search: string }) {
    clearTimeout(timer.current)
    asked.current = { ...asked.current, page: 1, ...changes, search: changes.search.trim() }
    router.visit(projectsUrl(asked.current), { preserveState: true, preserveScroll: true, replace: true })
  }

  return (
    <search className="mb-3 flex flex-col gap-2 sm:flex-row">
      <div className="relative flex-1">
        <Search className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted" aria-hidden />
        <input
          type="search"
          aria-label="Search projects"
          placeholder="Search"
          className="input pl-9"
          value={search}
          onChange={({ target }) => {
            setSearch(target.value)
            clearTimeout(timer.current)
            timer.current = setTimeout(() => show({ search: target.value }), WAIT_MS)
          }}
        />
      </div>
      <select
        aria-label="Status"
        className="input sm:w-44"
        value={filters.status ?? ''}
        onChange={({ target }) => show({ search, status: (target.value || null) as Status | null })}
      >
        <option value="">All statuses</option>
        {Object.entries(STATUSES).map(([status, { label }]) => (
          <option key={status} value={status}>
            {label}
          </option>
        ))}
      </select>
    </search>
  )
}
