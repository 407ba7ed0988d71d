import { router } from 'litestar-vite/react'
import type { Filters, ProjectRow } from '../../generated/pages.gen'
import { projectsDestroy } from '../../generated/routes'
import { projectsUrl } from '../../lib/query'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { useLast } from '../useLast'

interface DeleteProjectProps {
  project: ProjectRow | null
  /** The list to return to. */
  filters: Filters
  onClose: () => void
}

export function DeleteProject({ project, filters, onClose }: DeleteProjectProps) {
  const shown = useLast(project)

  function destroy() {
    if (!project) return
    const query = projectsUrl(filters).split('?')[1]
    const { url } = projectsDestroy({ project_id: project.id })
    router.delete(query ? `${url}?${query}` : url, { preserveScroll: true, onFinish: onClose })
  }

  return (
    <ConfirmDialog
      isOpen={project !== null}
      onClose={onClose}
      onConfirm={destroy}
      title={`Delete ${shown?.name ?? ''}?`}
      text="The project is deleted for good."
      action="Delete project"
    />
  )
}
