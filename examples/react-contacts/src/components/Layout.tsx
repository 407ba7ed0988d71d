import { Link, usePage } from '@inertiajs/react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Avatar } from './Avatar'
import { Icon } from './Icon'
import { ThemeToggle } from './ThemeToggle'
import { Toasts } from './Toasts'
import { contactsIndex } from '../generated/routes'

const NAVIGATION = [
  { href: '/contacts', label: 'Contacts', icon: 'people' },
  { href: '/organisations', label: 'Organisations', icon: 'building' },
] as const

/** Move the focus into the new page, as a browser does after a full load. */
function useFocusOnNavigation(path: string) {
  const main = useRef<HTMLElement>(null)
  const previous = useRef(path)
  useEffect(() => {
    if (previous.current === path) return
    previous.current = path
    // A page may already have set a better focus.
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true })
  }, [path])
  return main
}

/** The frame around every page. It is persistent: it stays mounted while the pages inside it change. */
export function Layout({ children }: { children: ReactNode }) {
  const { url, props } = usePage()
  const path = url.split(/[?#]/, 1)[0]!
  const main = useFocusOnNavigation(path)
  const user = props.auth?.user

  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <div className="shell">
        <header className="sidebar">
          <Link href={contactsIndex()} className="brand">
            <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
              <rect width="32" height="32" rx="8" />
              <path d="M11 8v16M22 8l-9 8 9 8" />
            </svg>
            Kontor
          </Link>
          <nav aria-label="Main">
            {NAVIGATION.map(({ href, label, icon }) => (
              <Link
                key={href}
                href={href}
                className="nav-link"
                aria-current={path === href ? 'page' : path.startsWith(`${href}/`) ? 'true' : undefined}
                prefetch
                cacheTags="contacts"
              >
                <Icon name={icon} />
                {label}
              </Link>
            ))}
            {/* A page without JavaScript is opened by a plain link. A Link would show it too, inside this app. */}
            <a href="/help" className="nav-link">
              <Icon name="note" />
              Help
            </a>
          </nav>
          <div className="sidebar-foot">
            {user && (
              <div className="user">
                <Avatar name={user.name} size="small" />
                <span className="user-text">
                  <span className="user-name">{user.name}</span>
                  <span className="user-email">{user.email}</span>
                </span>
              </div>
            )}
            <ThemeToggle />
          </div>
        </header>
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <Toasts />
    </>
  )
}
