import { Head, Link } from '@inertiajs/react'
import { Avatar } from '../../components/Avatar'
import { Breadcrumb } from '../../components/Breadcrumb'
import { ContactTable } from '../../components/ContactTable'
import { EmptyState } from '../../components/EmptyState'
import { Icon } from '../../components/Icon'
import { count } from '../../format'
import type { PageProps } from '../../generated/pages.gen'
import { contactsNew } from '../../generated/routes'

export default function OrganisationsShow({ organisation, contacts }: PageProps<'Organisations/Show'>) {
  const newContact = contactsNew({ query: { organisation: organisation.id } })
  return (
    <>
      <Head title={organisation.name} />
      <Breadcrumb href="/organisations" label="Organisations" />
      <header className="page-header">
        <div className="identity">
          <Avatar name={organisation.name} shape="square" size="large" />
          <div>
            <h1>{organisation.name}</h1>
            <p className="page-subtitle">{organisation.industry}</p>
          </div>
        </div>
        <Link href={newContact} className="button">
          <Icon name="plus" />
          Add contact
        </Link>
      </header>
      <ul className="chips">
        <li>
          <Icon name="pin" />
          {organisation.city}, {organisation.country}
        </li>
        <li>
          <Icon name="globe" />
          {organisation.website}
        </li>
        <li>
          <Icon name="people" />
          {count(organisation.contactCount, 'contact')}
        </li>
      </ul>
      <div className="card">
        {contacts.length ? (
          <ContactTable label={`Contacts at ${organisation.name}`} contacts={contacts} showOrganisation={false} />
        ) : (
          <EmptyState icon="people" title="No contacts here yet">
            <Link href={newContact} className="button button-primary">
              Add the first one
            </Link>
          </EmptyState>
        )}
      </div>
    </>
  )
}
