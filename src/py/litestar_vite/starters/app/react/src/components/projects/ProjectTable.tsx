import { Menu } from '@base-ui/react/menu'
import { ArrowDown, ArrowUp, Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { Link } from 'litestar-vite/react'
import type { ReactNode } from 'react'
import type { Filters, ProjectRow } from '../../generated/pages.gen'
import { formatDay } from '../../lib/format'
import { projectsUrl } from '../../lib/query'
import { StatusBadge } from '../ui/StatusBadge'

interface Actions {
  onEdit: (project: ProjectRow) => void
  onDelete: (project: ProjectRow) => void
}

interface ProjectTableProps extends Actions {
  projects: ProjectRow[]
  filters: Filters
}

export function ProjectTable({ projects, filters, ...actions }: ProjectTableProps) {
  return (
    <table className="w-full table-fixed text-left text-sm">
      <thead className="border-b bg-sunken/60 text-muted">
        <tr>
          <Column field="name" filters={filters}>
            Name
          </Column>
          <Column field="status" filters={filters} className="w-28">
            Status
          </Column>
          <Column field="due_on" filters={filters} className="hidden w-36 md:table-cell">
            Due
          </Column>
          <Column field="updated_at" filters={filters} className="hidden w-36 md:table-cell">
            Changed
          </Column>
          <th scope="col" className="w-14">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y">
        {projects.map((project) => (
          <tr key={project.id} className="hover:bg-sunken/40">
            <td className="px-4 py-2.5">
              <button
                type="button"
                className="block max-w-full truncate rounded text-left font-medium hover:underline"
                onClick={() => actions.onEdit(project)}
              >
                {project.name}
              </button>
              {project.description && <p className="truncate text-muted">{project.description}</p>}
              {project.due_on && <p className="text-muted md:hidden">Due {formatDay(project.due_on)}</p>}
            </td>
            <td className="px-4 py-2.5">
              <StatusBadge status={project.status} />
            </td>
            <td className="hidden px-4 py-2.5 text-muted tabular-nums md:table-cell">
              {project.due_on ? formatDay(project.due_on) : '—'}
            </td>
            <td className="hidden px-4 py-2.5 text-muted tabular-nums md:table-cell">{formatDay(project.updated_at)}</td>
            <td className="pr-2 text-right">
              <RowMenu project={project} {...actions} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface ColumnProps {
  field: string
  filters: Filters
  className?: string
  children: ReactNode
}

/** A heading that sorts by its column. A second click reverses the order. */
function Column({ field, filters, className = '', children }: ColumnProps) {
  const isAscending = filters.sort === field
  const isDescending = filters.sort === `-${field}`
  const Arrow = isDescending ? ArrowDown : ArrowUp
  return (
    <th
      scope="col"
      aria-sort={isAscending ? 'ascending' : isDescending ? 'descending' : undefined}
      className={`font-medium ${className}`}
    >
      <Link
        href={projectsUrl({ ...filters, sort: isAscending ? `-${field}` : field, page: 1 })}
        preserveState
        preserveScroll
        replace
        className="group inline-flex items-center gap-1 px-4 py-2.5 hover:text-text"
      >
        {children}
        <Arrow
          aria-hidden
          className={`size-3.5 ${isAscending || isDescending ? '' : 'opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60'}`}
        />
      </Link>
    </th>
  )
}

function RowMenu({ project, onEdit, onDelete }: Actions & { project: ProjectRow }) {
  return (
    <Menu.Root>
      <Menu.Trigger className="btn btn-ghost btn-icon" aria-label={`Actions for ${project.name}`}>
        <Ellipsis aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={4} className="z-30">
          <Menu.Popup className="menu min-w-40">
            <Menu.Item className="menu-item" onClick={() => onEdit(project)}>
              <Pencil aria-hidden />
              Edit
            </Menu.Item>
            <Menu.Item className="menu-item danger" onClick={() => onDelete(project)}>
              <Trash2 aria-hidden />
              Delete
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
