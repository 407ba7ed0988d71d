import { Head } from '@inertiajs/react'
import { Breadcrumb } from '../../components/Breadcrumb'
import { ContactForm } from '../../components/ContactForm'
import type { PageProps } from '../../generated/pages.gen'
import { contactsShow } from '../../generated/routes'

export default function ContactsEdit({ contact, organisations }: PageProps<'Contacts/Edit'>) {
  const url = contactsShow.url({ contact_id: contact.id })
  const { firstName, lastName, email, phone, role, status, notes } = contact
  return (
    <div className="narrow">
      <Head title={`Edit ${contact.name}`} />
      <Breadcrumb href={url} label={contact.name} />
      <header className="page-header">
        <h1>Edit contact</h1>
      </header>
      <ContactForm
        method="put"
        url={url}
        values={{ firstName, lastName, email, phone, role, status, notes, organisationId: contact.organisation?.id ?? null }}
        organisations={organisations}
        submitLabel="Save changes"
        cancelUrl={url}
      />
    </div>
  )
}
