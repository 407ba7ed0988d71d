import { Link } from 'litestar-vite/react'
import type { ReactNode } from 'react'
import { Logo } from '../components/Logo'
import { ThemeSwitch } from '../components/ThemeSwitch'
import { welcome } from '../generated/routes'

/** A narrow page for login and registration. */
export function GuestLayout({ children }: { children: ReactNode }) {
  return (
    <div className="grid min-h-dvh grid-rows-[1fr_auto] justify-items-center px-4 py-8">
      <main tabIndex={-1} className="my-auto w-full max-w-96">
        <Link href={welcome()} className="mx-auto mb-7 block w-fit rounded-lg" aria-label="Home page">
          <Logo className="size-10" />
        </Link>
        {children}
      </main>
      <footer className="pt-8">
        <ThemeSwitch />
      </footer>
    </div>
  )
}

interface GuestCardProps {
  title: string
  text?: ReactNode
  footer?: ReactNode
  children?: ReactNode
}

export function GuestCard({ title, text, footer, children }: GuestCardProps) {
  return (
    <>
      <h1 className="text-center text-2xl">{title}</h1>
      {text && <p className="mt-2 text-center text-muted">{text}</p>}
      {children && <div className="card mt-6 p-6">{children}</div>}
      {footer && <p className="mt-6 text-center text-sm text-muted">{footer}</p>}
    </>
  )
}
