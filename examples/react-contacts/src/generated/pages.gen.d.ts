// Written by `litestar assets types` from the app's handlers. Your changes will be lost.
/* eslint-disable */

export interface ActivityItem {
  id: number
  kind: 'call' | 'email' | 'meeting' | 'note'
  summary: string
  happenedAt: string
}

export interface ContactDetails {
  id: number
  name: string
  email: string
  role: string
  status: 'lead' | 'active' | 'customer' | 'archived'
  organisation: OrganisationRef | null
  createdAt: string
  firstName: string
  lastName: string
  phone: string
  notes: string
  updatedAt: string
}

export interface ContactForm {
  firstName: string
  lastName: string
  email: string
  status: 'lead' | 'active' | 'customer' | 'archived'
  phone: string
  role: string
  organisationId: number | null
  notes: string
}

export interface ContactRow {
  id: number
  name: string
  email: string
  role: string
  status: 'lead' | 'active' | 'customer' | 'archived'
  organisation: OrganisationRef | null
  createdAt: string
}

export interface ContactsPage {
  items: ContactRow[]
  page: number
  pages: number
  total: number
}

export interface FeedbackForm {
  message: string
  email: string
}

export interface OrganisationDetails {
  id: number
  name: string
  industry: string
  city: string
  country: string
  website: string
  contactCount: number
}

export interface OrganisationRef {
  id: number
  name: string
}

/** The props of each page component. */
export interface Pages {
  /**
   * GET /contacts/new: contacts.new (../../contacts.py:96)
   */
  'Contacts/Create': {
    organisations: OrganisationRef[]
    organisationId: number | null
  }
  /**
   * GET /contacts/{contact_id:int}/edit: contacts.edit (../../contacts.py:101)
   */
  'Contacts/Edit': {
    contact: ContactDetails
    organisations: OrganisationRef[]
  }
  /**
   * GET /contacts: contacts.index (../../contacts.py:62)
   */
  'Contacts/Index': {
    contacts: ContactsPage
    filters: {
      q: string
      status: string
      sort: string
    }
  }
  /**
   * GET /contacts/{contact_id:int}: contacts.show (../../contacts.py:80)
   */
  'Contacts/Show': {
    contact: ContactDetails // live
    activity?: ActivityItem[] // defer
    colleagues?: ContactRow[] // defer
  }
  /**
   * exception handler: app.error_page (../../app.py:51)
   */
  'Errors/Error': {
    status: number
  }
  /**
   * GET /help: feedback.page (../../feedback.py:22)
   */
  Help: {
    version: string
  }
  /**
   * GET /organisations: organisations.index (../../organisations.py:18)
   */
  'Organisations/Index': {
    organisations: OrganisationDetails[]
  }
  /**
   * GET /organisations/{organisation_id:int}: organisations.show (../../organisations.py:34)
   */
  'Organisations/Show': {
    organisation: OrganisationDetails
    contacts: ContactRow[]
  }
}

/** The props of every page. */
export interface SharedProps {
  auth: {
    user: {
      name: string
      email: string
    }
  }
}

/** Messages that are shown once. */
export interface FlashData {
  error?: string[]
  success?: string[]
}

/** What forms send, by the name of their route. */
export interface Inputs {
  'contacts.create': ContactForm
  'contacts.update': ContactForm
  'feedback.send': FeedbackForm
}

/** The props of a page and the shared ones: `PageProps<'Users/Show'>`. */
export type PageProps<C extends keyof Pages> = Pages[C] & SharedProps

declare module 'litestar-vite/types' {
  export interface Register {
    pages: Pages
    shared: SharedProps
  }
}

declare module '@inertiajs/core' {
  export interface InertiaConfig {
    sharedPageProps: Pick<SharedProps, keyof SharedProps>
    flashDataType: FlashData
    errorValueType: string
  }
}
//# sourceMappingURL=pages.gen.d.ts.map
