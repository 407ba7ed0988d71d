// The shapes of pages.py: what the server sends and the pages receive.

export const STATUSES = ['lead', 'active', 'customer', 'archived'] as const
export type Status = (typeof STATUSES)[number]

export type SortField = 'name' | 'organisation' | 'status' | 'created'
export type Sort = SortField | `-${SortField}`

export interface OrganisationRef {
  id: number
  name: string
}

export interface ContactRow {
  id: number
  name: string
  email: string
  role: string
  status: Status
  organisation: OrganisationRef | null
  createdAt: string
}

export interface Contact extends ContactRow {
  firstName: string
  lastName: string
  phone: string
  notes: string
  updatedAt: string
}

export interface Activity {
  id: number
  kind: 'call' | 'email' | 'meeting' | 'note'
  summary: string
  happenedAt: string
}

export interface Organisation extends OrganisationRef {
  industry: string
  city: string
  country: string
  website: string
  contactCount: number
}

export interface ContactFilters {
  q: string
  status: Status | ''
  sort: Sort
}

export interface Paginated<Item> {
  items: Item[]
  page: number
  pages: number
  total: number
}

export interface ContactsIndexProps {
  contacts: Paginated<ContactRow>
  filters: ContactFilters
}

export interface ContactsShowProps {
  contact: Contact
  // Deferred: absent on the first answer.
  activity?: Activity[]
  colleagues?: ContactRow[]
}

export interface ContactsCreateProps {
  organisations: OrganisationRef[]
  // Chosen beforehand when the form was opened from an organisation.
  organisationId: number | null
}

export interface ContactsEditProps {
  contact: Contact
  organisations: OrganisationRef[]
}

export interface OrganisationsIndexProps {
  organisations: Organisation[]
}

export interface OrganisationsShowProps {
  organisation: Organisation
  contacts: ContactRow[]
}

export interface ErrorProps {
  status: number
}

export interface Auth {
  user: { name: string; email: string }
}

export type Flash = Partial<Record<'success' | 'error' | 'info', string[]>>

declare module '@inertiajs/core' {
  export interface InertiaConfig {
    sharedPageProps: { auth: Auth }
    flashDataType: Flash
  }
}
