import { router } from '@inertiajs/react'
import { useState } from 'react'
import type { ContactRow, PageProps } from '../generated/pages.gen'
import { ConfirmDialog } from './ConfirmDialog'

interface DeleteContactProps {
  contact: ContactRow | null
  // The list's own query, so that the redirect comes back to the same search and page.
  query?: string
  onClose: () => void
}

/** Ask, then delete optimistically: the row disappears at once, and reappears if the server refuses. */
export function DeleteContact({ contact, query = '', onClose }: DeleteContactProps) {
  // The dialog keeps its text while it closes.
  const [shown, setShown] = useState(contact)
  if (contact && contact !== shown) setShown(contact)

  function confirm() {
    if (!contact) return
    router
      .optimistic<Partial<PageProps<'Contacts/Index'>>>(({ contacts }) =>
        contacts && { contacts: { ...contacts, items: contacts.items.filter(({ id }) => id !== contact.id), total: contacts.total - 1 } },
      )
      .delete(`/contacts/${contact.id}${query}`, { preserveScroll: true, preserveState: true, invalidateCacheTags: 'contacts' })
    document.getElementById('main')?.focus({ preventScroll: true })
  }

  return (
    <ConfirmDialog
      open={contact !== null}
      title={`Delete ${shown?.name ?? 'this contact'}?`}
      text="The contact and its history are gone for good. To keep both out of the way, archive the contact instead."
      action="Delete contact"
      onConfirm={confirm}
      onClose={onClose}
    />
  )
}
