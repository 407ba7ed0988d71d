import { Link } from '@inertiajs/react'
import type { ContactRow } from '../generated/pages.gen'
import { Avatar } from './Avatar'
import { EmptyState } from './EmptyState'
import { contactsShow } from '../generated/routes'

export function Colleagues({ colleagues }: { colleagues: ContactRow[] }) {
  if (!colleagues.length) return <EmptyState icon="people" title="Nobody else here yet" />
  return (
    <ul className="people">
      {colleagues.map(({ id, name, role }) => (
        <li key={id}>
          <Avatar name={name} size="small" />
          <span className="cell-lines">
            <Link className="row-link" href={contactsShow({ contact_id: id })} prefetch cacheTags="contacts">
              {name}
            </Link>
            <span className="secondary">{role}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}
