import { router } from '@inertiajs/react'
import type { FlashData } from './generated/pages.gen'

export interface Toast {
  id: number
  category: keyof FlashData
  message: string
}

const NONE: readonly Toast[] = []
const listeners = new Set<() => void>()
let toasts = NONE
let lastId = 0

function update(next: readonly Toast[]): void {
  toasts = next
  listeners.forEach((listener) => listener())
}

function add(flash: FlashData): void {
  const added = (Object.keys(flash) as (keyof FlashData)[]).flatMap((category) =>
    (flash[category] ?? []).map((message) => ({ id: ++lastId, category, message })),
  )
  if (added.length) update([...toasts, ...added])
}

// Listening to the event and not to page.flash: it fires once per message, also for the first page,
// and not again when deferred props arrive or somebody goes back.
if (typeof document !== 'undefined') router.on('flash', (event) => add(event.detail.flash))

export function dismiss(id: number): void {
  update(toasts.filter((toast) => toast.id !== id))
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const current = () => toasts
export const currentOnServer = () => NONE
