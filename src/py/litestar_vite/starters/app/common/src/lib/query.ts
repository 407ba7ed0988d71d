import { projectsIndex } from '../generated/routes'
import type { Filters } from '../generated/pages.gen'

/** The address of the list of projects for these filters. What is the default stays out of it. */
export function projectsUrl({ search, status, sort, page }: Filters): string {
  return projectsIndex.url({
    query: {
      ...(search.trim() && { search: search.trim() }),
      ...(status && { status }),
      ...(sort !== '-updated_at' && { sort }),
      ...(page > 1 && { page }),
    },
  })
}
