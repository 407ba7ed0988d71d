import { LoaderCircle } from 'lucide-react'
import { type ReactNode, useSyncExternalStore } from 'react'

interface SubmitButtonProps {
  processing: boolean
  className?: string
  children: ReactNode
}

/** A button that cannot be pressed twice, nor before the page's scripts have loaded. */
export function SubmitButton({ processing, className = 'btn-primary', children }: SubmitButtonProps) {
  const isReady = useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  )
  return (
    <button type="submit" disabled={processing || !isReady} aria-busy={processing} className={`btn ${className}`}>
      {processing && <LoaderCircle className="animate-spin" aria-hidden />}
      {children}
    </button>
  )
}
