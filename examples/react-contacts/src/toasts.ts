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

// The event is used instead of page.flash: it fires once per message, including the first page,
// but not again when deferred props arrive or after going back in the history.
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
