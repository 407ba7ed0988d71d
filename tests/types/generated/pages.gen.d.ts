// Written by `litestar assets types` from the app's handlers. Your changes will be lost.

export interface Activity {
  id: number
  summary: string
}

export interface Contact {
  id: number
  name: string
  email: string | null
  tags: string[]
}

export interface Pages {
  'Contacts/Index': { contacts: Contact[]; filters: { q: string; sort: 'name' | '-name' } }
  'Contacts/Show': { contact: Contact; activity?: Activity[] }
  'Contacts/Create': { organisations: { id: number; name: string }[]; organisationId: number | null }
}

export interface SharedProps {
  auth: { user: { name: string } | null }
  site: string
}

export interface FlashData {
  success?: string[]
  error?: string[]
}

export interface Inputs {
  'contacts.create': { name: string; email: string; tags: string[]; address: { city: string } }
}

export type PageProps<Name extends keyof Pages> = Pages[Name] & SharedProps

declare module 'litestar-vite/types' {
  interface Register {
    pages: Pages
    shared: SharedProps
  }
}

declare module '@inertiajs/core' {
  interface InertiaConfig {
    sharedPageProps: Pick<SharedProps, keyof SharedProps>
    flashDataType: FlashData
    errorValueType: string
  }
}
