// The types of the pages' props. Keep them in sync with app.py and guestbook.py.

export interface Entry {
  id: number
  name: string
  message: string
  written_at: string
}

export interface HomeProps {
  framework: string
  // Deferred: missing from the first response.
  activity?: { entries: number; latest: string | null }
}

export interface GuestbookProps {
  entries: Entry[]
}

export interface ErrorProps {
  status: number
}

export type Flash = Partial<Record<'success' | 'error' | 'info', string[]>>

declare module '@inertiajs/core' {
  export interface InertiaConfig {
    sharedPageProps: { site: string }
    flashDataType: Flash
  }
}
