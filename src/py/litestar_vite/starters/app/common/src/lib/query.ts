import { projectsIndex } from '../generated/routes'
import type { Filters } from '../generated/pages.gen'

/** The URL of the list of projects for these filters, without default values. */
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
