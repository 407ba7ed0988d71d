import { useEffect, useRef } from 'react'

interface ConfirmDialogProps {
  open: boolean
  title: string
  text: string
  action: string
  onConfirm: () => void
  onClose: () => void
}

/** The browser's native modal dialog: it traps the focus, closes on Escape and restores the focus. */
export function ConfirmDialog({ open, title, text, action, onConfirm, onClose }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)

  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="confirm-title" aria-describedby="confirm-text" onClose={onClose}>
      <form method="dialog">
        <h2 id="confirm-title">{title}</h2>
        <p id="confirm-text">{text}</p>
        <div className="dialog-actions">
          <button className="button">Cancel</button>
          <button className="button button-danger" onClick={onConfirm}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
