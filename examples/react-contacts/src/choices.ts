import type { ContactRow, Pages } from './generated/pages.gen'

export type Status = ContactRow['status']
export const STATUSES = ['lead', 'active', 'customer', 'archived'] as const satisfies readonly Status[]

export type SortField = 'name' | 'organisation' | 'status' | 'created'
export type Sort = SortField | `-${SortField}`

export type ContactFilters = Pages['Contacts/Index']['filters']
