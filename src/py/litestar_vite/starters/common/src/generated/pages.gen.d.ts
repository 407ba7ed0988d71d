// Written by `litestar assets types` from the app's handlers. Your changes will be lost.
/* eslint-disable */

export interface Activity {
  entries: number
  latest: string | null
}

export interface Entry {
  id: number
  name: string
  message: string
  written_at: string
}

export interface EntryForm {
  name: string
  message: string
}

/** The props of each page component. */
export interface Pages {
  /**
   * InertiaConfig.error_page
   */
  'Errors/Error': {
    status: number
    message: string
  }
  /**
   * GET /guestbook: guestbook.index (../../guestbook.py:78)
   */
  'Guestbook/Index': {
    entries: Entry[]
  }
  /**
   * GET /: app.home (../../app.py:23)
   */
  Home: {
    framework: string
    activity?: Activity // defer
  }
}

/** The props of every page. */
export interface SharedProps {
  site: string
}

/** Messages that are shown once. */
export interface FlashData {
  error?: string[]
  info?: string[]
  success?: string[]
}

/** What forms send, by the name of their route. */
export interface Inputs {
  'guestbook.store': EntryForm
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
