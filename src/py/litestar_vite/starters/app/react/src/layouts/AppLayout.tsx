import { Dialog } from '@base-ui/react/dialog'
import { FolderKanban, LayoutDashboard, Menu as MenuIcon, Settings, X } from 'lucide-react'
import { Link, usePage } from 'litestar-vite/react'
import { type ReactNode, useEffect, useState } from 'react'
import { Logo } from '../components/Logo'
import { UserMenu } from '../components/UserMenu'
import { dashboard, profile, projectsIndex } from '../generated/routes'

const NAVIGATION = [
  { target: dashboard(), section: '/dashboard', label: 'Dashboard', Icon: LayoutDashboard },
  { target: projectsIndex(), section: '/projects', label: 'Projects', Icon: FolderKanban },
  { target: profile(), section: '/settings', label: 'Settings', Icon: Settings },
]

/** The layout for users: a sidebar, which is a drawer on small screens. */
export function AppLayout({ children }: { children: ReactNode }) {
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="btn fixed -top-20 left-3 z-50 focus:top-3"
      >
        Skip to content
      </a>
      <aside className="sticky top-0 hidden h-dvh border-r bg-surface lg:block">
        <Sidebar />
      </aside>
      <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-b bg-surface px-3 lg:hidden">
        <Drawer />
        <Brand />
      </header>
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-5xl px-4 py-6 sm:px-8 lg:py-10">
        {children}
      </main>
    </div>
  )
}

function Drawer() {
  const [isOpen, setIsOpen] = useState(false)
  const { url } = usePage()
  useEffect(() => setIsOpen(false), [url])

  return (
    <Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
      <Dialog.Trigger className="btn btn-ghost btn-icon" aria-label="Open the menu">
        <MenuIcon />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="drawer" aria-label="Menu">
          <Sidebar />
          <Dialog.Close className="btn btn-ghost btn-icon absolute top-2 right-2" aria-label="Close the menu">
            <X />
          </Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Sidebar() {
  const { url } = usePage()
  return (
    <div className="flex h-full flex-col gap-5 p-3">
      <div className="px-1.5 pt-2">
        <Brand />
      </div>
      <nav aria-label="Main" className="grid gap-0.5">
        {NAVIGATION.map(({ target, section, label, Icon }) => (
          <Link
            key={section}
            href={target}
            className="nav-link"
            aria-current={url.startsWith(section) ? 'page' : undefined}
            prefetch
          >
            <Icon aria-hidden />
            {label}
          </Link>
        ))}
      </nav>
      <div className="mt-auto">
        <UserMenu />
      </div>
    </div>
  )
}

function Brand() {
  return (
    <Link href={dashboard()} className="flex w-fit items-center gap-2.5 rounded-md font-semibold tracking-tight">
      <Logo className="size-7" />
      {usePage().props.site}
    </Link>
  )
}
