import { usePage } from 'litestar-vite/react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Toaster } from '../components/ui/Toaster'

/** Shared by all pages: messages, and the focus after navigation. */
export function RootLayout({ children }: { children: ReactNode }) {
  const path = usePage().url.split(/[?#]/, 1)[0]
  const previous = useRef(path)

  // Move the focus to the new page, as browsers do after a full page load. A field with autofocus keeps it.
  useEffect(() => {
    if (previous.current === path) return
    previous.current = path
    const main = document.querySelector('main')
    if (!main?.contains(document.activeElement)) main?.focus({ preventScroll: true })
  }, [path])

  return (
    <>
      {children}
      <Toaster />
    </>
  )
}
