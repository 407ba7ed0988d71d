// Written by `litestar assets routes` from the named routes of the app. Your changes will be lost.
import { createRoute } from 'litestar-vite/route'

export const routes = {
  'tasks.create': ['/api/tasks'],
  'tasks.delete': ['/api/tasks/{task_id:int}'],
  'tasks.list': ['/api/tasks'],
} as const

/** The URL of a route: `route('users.show', { user_id: 7 }, { tab: 'posts' })`. */
export const route = createRoute(routes)
