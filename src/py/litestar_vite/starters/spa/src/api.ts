// The API. `npx openapi-typescript` can generate the types from `litestar schema openapi`.
import { route } from './routes'

export interface Task {
  id: number
  title: string
}

export const listTasks = () => send<Task[]>(route('tasks.list'))
export const createTask = (title: string) => send<Task>(route('tasks.create'), 'POST', { title })
export const deleteTask = (id: number) => send<null>(route('tasks.delete', { task_id: id }), 'DELETE')

async function send<Result>(url: string, method = 'GET', body?: unknown): Promise<Result> {
  // The app sets the cookie with index.html.
  const token = /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? ''
  const response = await fetch(url, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-csrftoken': token },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await response.text()
  const result: unknown = text ? JSON.parse(text) : null
  if (!response.ok) throw new Error((result as { detail?: string } | null)?.detail ?? response.statusText)
  return result as Result
}
