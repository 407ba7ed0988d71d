import { useState } from 'react'
import { accountDestroy } from '../../generated/routes'
import { PasswordModal } from './PasswordModal'

export function DeleteAccount() {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <button type="button" className="btn btn-danger" onClick={() => setIsOpen(true)}>
        Delete account
      </button>
      <PasswordModal
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        title="Delete your account?"
        text="This cannot be undone."
        action="Delete for good"
        target={accountDestroy()}
        isDangerous
      />
    </>
  )
}
