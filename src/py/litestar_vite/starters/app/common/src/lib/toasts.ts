import type { FlashData } from '../generated/pages.gen'

export interface Toast {
  id: number
  category: 'success' | 'error' | 'info'
  message: string
}

const SECONDS = 6
const MOST = 3
const listeners = new Set<() => void>()
let toasts: readonly Toast[] = []
let lastId = 0

export const currentToasts = () => toasts

export function onToastsChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Show the flash messages of a page. Errors stay until they are closed. */
export function showFlash(flash: FlashData): void {
  for (const category of ['success', 'info', 'error'] as const) {
    for (const message of (flash as Record<string, unknown>)[category] as string[] | undefined ?? []) {
      const toast = { id: ++lastId, category, message }
      update([...toasts, toast].slice(-MOST))
      if (category !== 'error') setTimeout(() => dismissToast(toast.id), SECONDS * 1000)
    }
  }
}

export function dismissToast(id: number): void {
  update(toasts.filter((toast) => toast.id !== id))
}

function update(next: readonly Toast[]): void {
  toasts = next
  listeners.forEach((listener) => listener())
}
