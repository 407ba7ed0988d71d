import { CircleAlert, CircleCheck, Info, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { currentToasts, dismissToast, onToastsChange, type Toast } from '../../lib/toasts'

const ICONS = {
  success: <CircleCheck className="mt-0.5 size-4 shrink-0 text-good" aria-hidden />,
  error: <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger-text" aria-hidden />,
  info: <Info className="mt-0.5 size-4 shrink-0 text-accent-text" aria-hidden />,
}
const NONE: readonly Toast[] = []

/** Flash messages, in a corner. Screen readers read them out. */
export function Toaster() {
  const toasts = useSyncExternalStore(onToastsChange, currentToasts, () => NONE)
  return (
    <div role="status" className="fixed right-4 bottom-4 z-70 grid gap-2">
      {toasts.map(({ id, category, message }) => (
        <div key={id} className="toast">
          {ICONS[category]}
          <p className="flex-1">{message}</p>
          <button
            type="button"
            aria-label="Close the message"
            onClick={() => dismissToast(id)}
            className="grid size-5 place-items-center rounded text-muted hover:text-text"
          >
            <X className="size-3.5" aria-hidden />
          </button>
        </div>
      ))}
    </div>
  )
}
