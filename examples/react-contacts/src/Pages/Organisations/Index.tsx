import { Head, Link } from '@inertiajs/react'
import { Avatar } from '../../components/Avatar'
import { Icon } from '../../components/Icon'
import { count } from '../../format'
import type { PageProps } from '../../generated/pages.gen'
import { organisationsShow } from '../../generated/routes'

export default function OrganisationsIndex({ organisations }: PageProps<'Organisations/Index'>) {
  return (
    <>
      <Head title="Organisations" />
      <header className="page-header">
        <div>
          <h1>Organisations</h1>
          <p className="page-subtitle">{count(organisations.length, 'organisation')}</p>
        </div>
      </header>
      <ul className="tiles">
        {organisations.map(({ id, name, industry, city, country, contactCount }) => (
          <li key={id} className="card tile">
            <Avatar name={name} shape="square" />
            <div className="cell-lines">
              <Link className="row-link" href={organisationsShow({ organisation_id: id })} prefetch cacheTags="contacts">
                {name}
              </Link>
              <span className="secondary">{industry}</span>
            </div>
            <p className="tile-facts secondary">
              <span>
                <Icon name="pin" />
                <span className="tile-place">
                  {city}, {country}
                </span>
              </span>
              <span>
                <Icon name="people" />
                {count(contactCount, 'contact')}
              </span>
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}
