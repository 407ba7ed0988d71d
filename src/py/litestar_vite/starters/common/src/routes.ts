// Written by `litestar assets routes` from the named routes of the app. Your changes will be lost.
import { createRoute } from 'litestar-vite/route'

export const routes = {
  'guestbook.destroy': ['/guestbook/{entry_id:int}'],
  'guestbook.index': ['/guestbook'],
  'guestbook.store': ['/guestbook'],
  'home': ['/'],
} as const

/** The URL of a route: `route('users.show', { user_id: 7 }, { tab: 'posts' })`. */
export const route = createRoute(routes)
