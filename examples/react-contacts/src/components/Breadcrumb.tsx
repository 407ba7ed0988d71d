import { Link } from '@inertiajs/react'
import { Icon } from './Icon'

export function Breadcrumb({ href, label }: { href: string; label: string }) {
  return (
    <nav className="breadcrumb" aria-label="Breadcrumb">
      <Link href={href}>
        <Icon name="left" />
        {label}
      </Link>
    </nav>
  )
}
