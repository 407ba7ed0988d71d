import { FolderPlus, Plus, Search, SearchX } from 'lucide-react'
import { Head, router } from 'litestar-vite/react'
import { useState } from 'react'
import { DeleteProject } from '../../components/projects/DeleteProject'
import { ProjectFilters } from '../../components/projects/ProjectFilters'
import { ProjectModal } from '../../components/projects/ProjectModal'
import { ProjectTable } from '../../components/projects/ProjectTable'
import { EmptyState } from '../../components/ui/EmptyState'
import { PageHeader } from '../../components/ui/PageHeader'
import { Pagination } from '../../components/ui/Pagination'
import type { PageProps, ProjectRow } from '../../generated/pages.gen'
import { projectsUrl } from '../../lib/query'

const PAGE_SIZE = 10

export default function ProjectsIndex({ projects, total, pages, filters }: PageProps<'Projects/Index'>) {
  // The project in a dialog. "new" is the form for a new one.
  const [edited, setEdited] = useState<ProjectRow | 'new' | null>(null)
  const [deleted, setDeleted] = useState<ProjectRow | null>(null)
  const isFiltered = filters.search !== '' || filters.status !== null

  return (
    <>
      <Head title="Projects" />
      <PageHeader title="Projects" text="What you work on, and what comes next.">
        <button type="button" className="btn btn-primary" onClick={() => setEdited('new')}>
          <Plus aria-hidden />
          New project
        </button>
      </PageHeader>
      {(total > 0 || isFiltered) && <ProjectFilters filters={filters} />}
      <div className="card overflow-hidden">
        {projects.length > 0 ? (
          <>
            <ProjectTable projects={projects} filters={filters} onEdit={setEdited} onDelete={setDeleted} />
            <Pagination
              page={filters.page}
              pages={pages}
              total={total}
              pageSize={PAGE_SIZE}
              href={(page) => projectsUrl({ ...filters, page })}
            />
          </>
        ) : isFiltered || total > 0 ? (
          <EmptyState Icon={SearchX} title="Nothing found" text="No project matches. Try another word or status.">
            <button type="button" className="btn" onClick={() => router.visit(projectsUrl({ ...filters, search: '', status: null, page: 1 }))}>
              <Search aria-hidden />
              Show all projects
            </button>
          </EmptyState>
        ) : (
          <EmptyState Icon={FolderPlus} title="No projects yet" text="A project has a name, a status and, if you like, a due date.">
            <button type="button" className="btn btn-primary" onClick={() => setEdited('new')}>
              Create the first one
            </button>
          </EmptyState>
        )}
      </div>
      <ProjectModal project={edited} onClose={() => setEdited(null)} />
      <DeleteProject project={deleted} filters={filters} onClose={() => setDeleted(null)} />
    </>
  )
}
