import { useSyncExternalStore } from 'react'
import { current, currentOnServer, dismiss, subscribe } from '../toasts'
import { Icon } from './Icon'

const ICONS = { success: 'check', error: 'alert', info: 'note' } as const

/** Flash messages. A message disappears when its animation ends (see overlay.css), an error when it is closed. */
export function Toasts() {
  const toasts = useSyncExternalStore(subscribe, current, currentOnServer)
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, category, message }) => (
        <div key={id} className={`toast toast-${category}`} onAnimationEnd={(event) => event.animationName === 'toast-life' && dismiss(id)}>
          <span className="toast-icon">
            <Icon name={ICONS[category]} />
          </span>
          <p>{message}</p>
          <button type="button" className="button button-ghost button-icon button-small" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  )
}
