import { Form } from 'litestar-vite/react'
import type { Destination } from 'litestar-vite/route'
import type { PasswordForm } from '../../generated/pages.gen'
import { Field } from '../ui/Field'
import { Modal } from '../ui/Modal'
import { PasswordInput } from '../ui/PasswordInput'
import { SubmitButton } from '../ui/SubmitButton'

interface PasswordModalProps {
  isOpen: boolean
  onClose: () => void
  title: string
  text: string
  action: string
  target: Destination
  isDangerous?: boolean
}

/** Asks for the password before a step that needs it. */
export function PasswordModal({ isOpen, onClose, title, text, action, target, isDangerous = false }: PasswordModalProps) {
  return (
    <Modal isOpen={isOpen} onClose={onClose} title={title} text={text}>
      <Form<PasswordForm> action={target} errorBag="confirm" onSuccess={onClose} options={{ preserveScroll: true }} noValidate className="grid gap-4">
        {({ errors, processing }) => (
          <>
            <Field label="Your password" error={errors.password}>
              {(control) => <PasswordInput {...control} name="password" autoComplete="current-password" />}
            </Field>
            <div className="mt-2 flex justify-end gap-2">
              <button type="button" className="btn" onClick={onClose}>
                Cancel
              </button>
              <SubmitButton processing={processing} className={isDangerous ? 'btn-danger' : 'btn-primary'}>
                {action}
              </SubmitButton>
            </div>
          </>
        )}
      </Form>
    </Modal>
  )
}
