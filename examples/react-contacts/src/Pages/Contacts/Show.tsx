import { Deferred, Head, Link, router } from '@inertiajs/react'
import { type ReactNode, useState } from 'react'
import { Avatar } from '../../components/Avatar'
import { Breadcrumb } from '../../components/Breadcrumb'
import { Colleagues } from '../../components/Colleagues'
import { DeleteContact } from '../../components/DeleteContact'
import { EmptyState } from '../../components/EmptyState'
import { Fact, Facts } from '../../components/Facts'
import { Icon } from '../../components/Icon'
import { Skeleton } from '../../components/Skeleton'
import { StatusBadge } from '../../components/StatusBadge'
import { Timeline } from '../../components/Timeline'
import { formatDate } from '../../format'
import type { ContactRow, PageProps } from '../../generated/pages.gen'
import { contactsEdit, organisationsShow } from '../../generated/routes'

export default function ContactsShow({ contact, activity, colleagues }: PageProps<'Contacts/Show'>) {
  const [deleting, setDeleting] = useState<ContactRow | null>(null)

  return (
    <>
      <Head title={contact.name} />
      <Breadcrumb href="/contacts" label="Contacts" />
      <header className="page-header">
        <div className="identity">
          <Avatar name={contact.name} size="large" />
          <div>
            <h1>{contact.name}</h1>
            <p className="page-subtitle">
              {contact.role}
              {contact.role && contact.organisation && ' at '}
              {contact.organisation && <Link href={organisationsShow({ organisation_id: contact.organisation.id })}>{contact.organisation.name}</Link>}
            </p>
          </div>
        </div>
        <div className="page-actions">
          <button type="button" className="button button-ghost-danger" onClick={() => setDeleting(contact)}>
            <Icon name="trash" />
            Delete
          </button>
          <Link href={contactsEdit({ contact_id: contact.id })} className="button">
            <Icon name="edit" />
            Edit
          </Link>
        </div>
      </header>

      <div className="columns">
        <section className="card card-padded" aria-label="Details">
          <Facts>
            <Fact icon="status" label="Status">
              <StatusBadge status={contact.status} />
            </Fact>
            <Fact icon="mail" label="E-mail">
              <a href={`mailto:${contact.email}`}>{contact.email}</a>
            </Fact>
            <Fact icon="phone" label="Phone">
              {contact.phone && <a href={`tel:${contact.phone.replace(/[^+\d]/g, '')}`}>{contact.phone}</a>}
            </Fact>
            <Fact icon="building" label="Organisation">
              {contact.organisation && <Link href={organisationsShow({ organisation_id: contact.organisation.id })}>{contact.organisation.name}</Link>}
            </Fact>
            <Fact icon="meeting" label="Added">
              <time dateTime={contact.createdAt}>{formatDate(contact.createdAt)}</time>
            </Fact>
          </Facts>
          {contact.notes && (
            <div className="notes">
              <h2>Notes</h2>
              <p>{contact.notes}</p>
            </div>
          )}
        </section>

        <div className="stack">
          <Panel title="Activity" data="activity">
            <Timeline activity={activity ?? []} />
          </Panel>
          {contact.organisation && (
            <Panel title={`Colleagues at ${contact.organisation.name}`} data="colleagues">
              <Colleagues colleagues={colleagues ?? []} />
            </Panel>
          )}
        </div>
      </div>

      <DeleteContact contact={deleting} onClose={() => setDeleting(null)} />
    </>
  )
}

interface PanelProps {
  title: string
  data: 'activity' | 'colleagues'
  children: ReactNode
}

/** A card with content that is loaded after the page, by a separate request. */
function Panel({ title, data, children }: PanelProps) {
  const failed = (
    <EmptyState icon="alert" title="This did not load">
      <button type="button" className="button button-small" onClick={() => router.reload({ only: [data] })}>
        Try again
      </button>
    </EmptyState>
  )
  return (
    <section className="card card-padded" aria-label={title}>
      <h2>{title}</h2>
      <Deferred data={data} fallback={<Skeleton label={`Loading ${title}`} />} rescue={failed}>
        {children}
      </Deferred>
    </section>
  )
}
