import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'

interface ModalProps {
  isOpen: boolean
  onClose: () => void
  title: string
  text?: string
  children: ReactNode
}

/** A dialog that traps the focus, closes on Escape, and restores the focus. */
export function Modal({ isOpen, onClose, title, text, children }: ModalProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title className="pr-10 text-lg">{title}</Dialog.Title>
          {text && <Dialog.Description className="mt-1 text-muted">{text}</Dialog.Description>}
          <Dialog.Close className="btn btn-ghost btn-icon absolute top-4 right-4" aria-label="Close">
            <X />
          </Dialog.Close>
          <div className="mt-5">{children}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
