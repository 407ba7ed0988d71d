import { Link, usePage } from '@inertiajs/react'
import { useEffect } from 'react'
import { markReady } from '../../shared/actions'
import { PAGES } from '../../shared/pages'

export function Layout({ children }) {
  const { props, flash } = usePage()
  useEffect(markReady, [])
  return (
    <>
      <nav>{PAGES.map(([name, url]) => <Link key={url} href={url}>{name}</Link>)}</nav>
      <header><span id="user">{props.auth?.user}</span> <span id="flash">{flash && Object.keys(flash).length ? JSON.stringify(flash) : ''}</span></header>
      <main>{children}</main>
    </>
  )
}
