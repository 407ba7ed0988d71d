import { CalendarClock, FolderPlus } from 'lucide-react'
import { Deferred, Head, Link } from 'litestar-vite/react'
import { EmptyState } from '../components/ui/EmptyState'
import { PageHeader } from '../components/ui/PageHeader'
import { StatusBadge, STATUSES } from '../components/ui/StatusBadge'
import type { DueProject, PageProps } from '../generated/pages.gen'
import { projectsIndex } from '../generated/routes'
import { formatDay } from '../lib/format'

export default function Dashboard({ auth, counts, due }: PageProps<'Dashboard'>) {
  const total = counts.reduce((sum, { projects }) => sum + projects, 0)
  return (
    <>
      <Head title="Dashboard" />
      <PageHeader
        title={`Hello, ${auth.user?.name.split(' ', 1)[0]}`}
        text={total ? 'This is where your projects are.' : 'Everything is ready for your first project.'}
      />
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {counts.map(({ status, projects }) => (
          <div key={status} className="card relative p-4 hover:border-line-strong">
            <dt className="text-sm font-medium text-muted">
              <Link href={projectsIndex({ query: { status } })} className="after:absolute after:inset-0 after:rounded-[inherit]">
                {STATUSES[status].label}
              </Link>
            </dt>
            <dd className="mt-2 text-3xl font-semibold tracking-tight tabular-nums">{projects}</dd>
          </div>
        ))}
      </dl>
      <section className="card mt-6">
        <h2 className="border-b px-5 py-4 text-base">Due next</h2>
        <Deferred<'Dashboard'> data="due" fallback={<Loading />}>
          <DueList projects={due ?? []} isNew={total === 0} />
        </Deferred>
      </section>
    </>
  )
}

function DueList({ projects, isNew }: { projects: DueProject[]; isNew: boolean }) {
  if (projects.length === 0) {
    return isNew ? (
      <EmptyState Icon={FolderPlus} title="No projects yet" text="Create the first one, and it shows up here.">
        <Link href={projectsIndex()} className="btn btn-primary">
          Go to projects
        </Link>
      </EmptyState>
    ) : (
      <EmptyState Icon={CalendarClock} title="Nothing is due" text="Open projects with a due date show up here." />
    )
  }
  return (
    <ul className="divide-y">
      {projects.map(({ id, name, status, due_on }) => (
        <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
          <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
          <StatusBadge status={status} />
          <time dateTime={due_on} className="w-28 text-right text-sm text-muted tabular-nums">
            {formatDay(due_on)}
          </time>
        </li>
      ))}
    </ul>
  )
}

/** The placeholder until the deferred prop arrives. */
function Loading() {
  return (
    <div className="divide-y" role="status" aria-label="Loading">
      {[60, 45, 52].map((width) => (
        <div key={width} className="flex h-[3.06rem] items-center px-5">
          <div className="skeleton h-4" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  )
}
