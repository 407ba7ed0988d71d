import { Link, usePage } from 'litestar-vite/react'
import { type ReactNode, useEffect, useRef } from 'react'
import { toggleTheme } from '../format'
import { guestbookIndex, home } from '../generated/routes'
import { Logo } from './Logo'

const NAVIGATION = [
  { href: home.url(), label: 'Home' },
  { href: guestbookIndex.url(), label: 'Guest book' },
]

/** Move focus to the new page, as browsers do after a full page load. */
function useFocusOnNavigation(path: string) {
  const main = useRef<HTMLElement>(null)
  const previous = useRef(path)
  useEffect(() => {
    if (previous.current === path) return
    previous.current = path
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true })
  }, [path])
  return main
}

/** The persistent layout of all pages. */
export function Layout({ children }: { children: ReactNode }) {
  const { url, props, flash } = usePage()
  const path = url.split(/[?#]/, 1)[0]!
  const main = useFocusOnNavigation(path)

  return (
    <div className="frame">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="topbar">
        <Link href={home()} className="brand">
          <Logo />
          {props.site}
        </Link>
        <nav aria-label="Main">
          {NAVIGATION.map(({ href, label }) => (
            <Link key={href} href={href} className="nav-link" aria-current={path === href ? 'page' : undefined} prefetch>
              {label}
            </Link>
          ))}
        </nav>
        <button type="button" className="button button-quiet" onClick={toggleTheme} aria-label="Switch between light and dark">
          ◐
        </button>
      </header>
      <div role="status">
        {Object.entries(flash ?? {}).flatMap(([category, messages]) =>
          messages.map((message) => (
            <p key={category + message} className={`flash flash-${category}`}>
              {message}
            </p>
          )),
        )}
      </div>
      <main id="main" ref={main} tabIndex={-1} className="page">
        {children}
      </main>
      <footer className="foot">Served by Litestar, rendered with React.</footer>
    </div>
  )
}
