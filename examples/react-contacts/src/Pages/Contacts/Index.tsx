import { Head, Link, router } from '@inertiajs/react'
import { useState } from 'react'
import { ContactTable } from '../../components/ContactTable'
import { DeleteContact } from '../../components/DeleteContact'
import { EmptyState } from '../../components/EmptyState'
import { Icon } from '../../components/Icon'
import { Pagination } from '../../components/Pagination'
import { SearchBox } from '../../components/SearchBox'
import { STATUS_LABELS } from '../../components/StatusBadge'
import { contactsUrl } from '../../contactsUrl'
import { count } from '../../format'
import { type Sort, STATUSES } from '../../choices'
import type { ContactRow, PageProps } from '../../generated/pages.gen'
import { contactsIndex, contactsNew } from '../../generated/routes'

const SORTS: Partial<Record<Sort, string>> = {
  name: 'Name',
  organisation: 'Organisation',
  status: 'Status',
  '-created': 'Newest first',
  created: 'Oldest first',
}

export default function ContactsIndex({ contacts, filters }: PageProps<'Contacts/Index'>) {
  const [deleting, setDeleting] = useState<ContactRow | null>(null)
  const filtered = filters.q !== '' || filters.status !== ''
  const here = contactsUrl(filters, contacts.page)

  return (
    <>
      <Head title="Contacts" />
      <header className="page-header">
        <div>
          <h1>Contacts</h1>
          <p className="page-subtitle" aria-live="polite">
            {filtered ? `${count(contacts.total, 'contact')} found` : count(contacts.total, 'contact')}
          </p>
        </div>
        <Link href={contactsNew()} className="button button-primary">
          <Icon name="plus" />
          New contact
        </Link>
      </header>

      <div className="toolbar">
        <SearchBox label="Search contacts" value={filters.q} href={(q) => contactsUrl({ ...filters, q })} />
        <nav className="filters" aria-label="Status">
          {(['', ...STATUSES] as const).map((status) => (
            <Link
              key={status}
              href={contactsUrl({ ...filters, status })}
              className="filter"
              aria-current={filters.status === status ? 'true' : undefined}
              preserveState
              preserveScroll
            >
              {status ? STATUS_LABELS[status] : 'All'}
            </Link>
          ))}
        </nav>
        <select
          className="sort-select"
          aria-label="Sort by"
          value={filters.sort in SORTS ? filters.sort : 'name'}
          onChange={(event) => router.get(contactsUrl({ ...filters, sort: event.target.value as Sort }), {}, { preserveState: true, replace: true })}
        >
          {Object.entries(SORTS).map(([sort, label]) => (
            <option key={sort} value={sort}>
              {label}
            </option>
          ))}
        </select>
      </div>

      {contacts.items.length ? (
        <div className="card">
          <ContactTable
            label="Contacts"
            contacts={contacts.items}
            sorting={{ sort: filters.sort, href: (sort) => contactsUrl({ ...filters, sort }) }}
            actions={(contact) => (
              <button
                type="button"
                className="button button-ghost button-icon button-small"
                aria-label={`Delete ${contact.name}`}
                onClick={() => setDeleting(contact)}
              >
                <Icon name="trash" />
              </button>
            )}
          />
          <Pagination page={contacts.page} pages={contacts.pages} href={(page) => contactsUrl(filters, page)} />
        </div>
      ) : (
        <div className="card">
          <EmptyState icon={filtered ? 'search' : 'people'} title={filtered ? 'Nobody matches' : 'No contacts yet'}>
            {filtered ? (
              <>
                <p>Try fewer words, another spelling or another status.</p>
                <Link href={contactsIndex()} className="button">
                  Show all contacts
                </Link>
              </>
            ) : (
              <Link href={contactsNew()} className="button button-primary">
                Add the first one
              </Link>
            )}
          </EmptyState>
        </div>
      )}

      <DeleteContact contact={deleting} query={here.slice('/contacts'.length)} onClose={() => setDeleting(null)} />
    </>
  )
}
