import { KeyRound, Palette, UserRound } from 'lucide-react'
import { Link, usePage } from 'litestar-vite/react'
import type { ReactNode } from 'react'
import { PageHeader } from '../components/ui/PageHeader'
import { appearance, profile, security } from '../generated/routes'

const SECTIONS = [
  { target: profile(), label: 'Profile', Icon: UserRound },
  { target: security(), label: 'Security', Icon: KeyRound },
  { target: appearance(), label: 'Appearance', Icon: Palette },
]

export function SettingsLayout({ children }: { children: ReactNode }) {
  const { url } = usePage()
  return (
    <>
      <PageHeader title="Settings" text="Your profile, your password, and how the application looks." />
      <div className="grid items-start gap-6 lg:grid-cols-[11rem_minmax(0,1fr)] lg:gap-10">
        <nav aria-label="Settings" className="flex gap-1 overflow-x-auto lg:grid">
          {SECTIONS.map(({ target, label, Icon }) => (
            <Link
              key={label}
              href={target}
              className="nav-link"
              aria-current={url.startsWith(target.url) ? 'page' : undefined}
              prefetch
            >
              <Icon aria-hidden />
              {label}
            </Link>
          ))}
        </nav>
        <div className="grid max-w-2xl gap-6">{children}</div>
      </div>
    </>
  )
}
