import type { ContactFilters } from './choices'

/** The URL of the contact list for these filters, without default values. */
export function contactsUrl(filters: ContactFilters, page = 1): string {
  const query = new URLSearchParams()
  if (filters.q.trim()) query.set('q', filters.q.trim())
  if (filters.status) query.set('status', filters.status)
  if (filters.sort !== 'name') query.set('sort', filters.sort)
  if (page > 1) query.set('page', String(page))
  return query.size ? `/contacts?${query}` : '/contacts'
}
