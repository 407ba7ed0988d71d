import { Head } from '@inertiajs/react'
import { Breadcrumb } from '../../components/Breadcrumb'
import { ContactForm } from '../../components/ContactForm'
import type { PageProps } from '../../generated/pages.gen'

export default function ContactsCreate({ organisations, organisationId }: PageProps<'Contacts/Create'>) {
  return (
    <div className="narrow">
      <Head title="New contact" />
      <Breadcrumb href="/contacts" label="Contacts" />
      <header className="page-header">
        <h1>New contact</h1>
      </header>
      <ContactForm
        method="post"
        url="/contacts"
        values={{ firstName: '', lastName: '', email: '', phone: '', role: '', status: 'lead', organisationId, notes: '' }}
        organisations={organisations}
        submitLabel="Create contact"
        cancelUrl="/contacts"
      />
    </div>
  )
}
