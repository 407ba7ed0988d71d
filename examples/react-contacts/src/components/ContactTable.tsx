import { Link } from '@inertiajs/react'
import type { ReactNode } from 'react'
import { formatDate } from '../format'
import type { Sort, SortField } from '../choices'
import type { ContactRow } from '../generated/pages.gen'
import { Avatar } from './Avatar'
import { Icon } from './Icon'
import { StatusBadge } from './StatusBadge'
import { contactsShow, organisationsShow } from '../generated/routes'

interface Sorting {
  sort: string
  href: (sort: Sort) => string
}

interface ContactTableProps {
  label: string
  contacts: ContactRow[]
  sorting?: Sorting
  showOrganisation?: boolean
  actions?: (contact: ContactRow) => ReactNode
}

// The roles are spelled out because CSS lays rows out as cards on small screens, which makes browsers forget that this is a table.
export function ContactTable({ label, contacts, sorting, showOrganisation = true, actions }: ContactTableProps) {
  return (
    <table className="table" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          <Column name="name" sorting={sorting}>Name</Column>
          {showOrganisation && <Column name="organisation" sorting={sorting}>Organisation</Column>}
          <Column name="email">E-mail</Column>
          <Column name="status" sorting={sorting}>Status</Column>
          <Column name="created" sorting={sorting}>Added</Column>
          {actions && (
            <Column name="actions">
              <span className="visually-hidden">Actions</span>
            </Column>
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {contacts.map((contact) => (
          <tr key={contact.id} role="row">
            <td role="cell" className="cell-name">
              <Avatar name={contact.name} />
              <span className="cell-lines">
                <Link className="row-link" href={contactsShow({ contact_id: contact.id })} prefetch cacheTags="contacts">
                  {contact.name}
                </Link>
                <span className="secondary">{contact.role}</span>
              </span>
            </td>
            {showOrganisation && (
              <td role="cell" className="cell-organisation">
                {contact.organisation && (
                  <Link className="quiet-link" href={organisationsShow({ organisation_id: contact.organisation.id })}>
                    {contact.organisation.name}
                  </Link>
                )}
              </td>
            )}
            <td role="cell" className="cell-email secondary">{contact.email}</td>
            <td role="cell" className="cell-status">
              <StatusBadge status={contact.status} />
            </td>
            <td role="cell" className="cell-created secondary">{formatDate(contact.createdAt)}</td>
            {actions && (
              <td role="cell" className="cell-actions">
                {actions(contact)}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

type ColumnProps = { children: ReactNode } & ({ name: SortField; sorting: Sorting | undefined } | { name: 'email' | 'actions'; sorting?: never })

function Column({ name, sorting, children }: ColumnProps) {
  const className = `column-${name}`
  if (!sorting) {
    return (
      <th role="columnheader" className={className}>
        {children}
      </th>
    )
  }
  const ascending = sorting.sort === name
  const descending = sorting.sort === `-${name}`
  return (
    <th role="columnheader" className={className} aria-sort={ascending ? 'ascending' : descending ? 'descending' : undefined}>
      <Link className="sort-link" href={sorting.href(ascending ? `-${name}` : name)} preserveState preserveScroll replace>
        {children}
        <Icon name={descending ? 'down' : 'up'} />
      </Link>
    </th>
  )
}
