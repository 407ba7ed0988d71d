import { ArrowRight, Database, FormInput, ShieldCheck } from 'lucide-react'
import { Head, Link, usePage } from 'litestar-vite/react'
import { Logo } from '../components/Logo'
import { ThemeSwitch } from '../components/ThemeSwitch'
import type { PageProps } from '../generated/pages.gen'
import { dashboard, login, register, terms } from '../generated/routes'

const POINTS = [
  { Icon: ShieldCheck, title: 'Accounts', text: 'Login, registration, password reset, verified addresses and two factors.' },
  { Icon: Database, title: 'Data', text: 'Tables and migrations, with projects as the example for your own.' },
  { Icon: FormInput, title: 'Interface', text: 'Forms, dialogs, messages and tables that work with a keyboard and a screen reader.' },
]

/** The page for visitors. Make it your own. */
export default function Welcome({ site }: PageProps<'Welcome'>) {
  const user = usePage().props.auth.user
  return (
    <div className="mx-auto flex min-h-dvh max-w-5xl flex-col px-5 sm:px-8">
      <Head title="Welcome" />
      <header className="flex items-center gap-3 py-5">
        <Logo className="size-8" />
        <span className="mr-auto font-semibold tracking-tight">{site}</span>
        {user ? (
          <Link href={dashboard()} className="btn">
            Dashboard
          </Link>
        ) : (
          <>
            <Link href={login()} className="btn btn-ghost" prefetch>
              Log in
            </Link>
            <Link href={register()} className="btn btn-primary" prefetch>
              Register
            </Link>
          </>
        )}
      </header>
      <main tabIndex={-1} className="my-auto py-14">
        <h1 className="max-w-2xl text-4xl leading-[1.1] tracking-tight sm:text-6xl">Everything but your idea is here.</h1>
        <p className="mt-5 max-w-xl text-lg text-muted">
          This is your application: Litestar and __FRAMEWORK__, one code base, without an API in between. Create an account and
          look around.
        </p>
        <div className="mt-8 flex flex-wrap gap-3">
          <Link href={user ? dashboard() : register()} className="btn btn-primary min-h-11 px-5 text-base">
            {user ? 'Go to the dashboard' : 'Create an account'}
            <ArrowRight aria-hidden />
          </Link>
        </div>
        <ul className="mt-16 grid gap-8 border-t pt-10 sm:grid-cols-3">
          {POINTS.map(({ Icon, title, text }) => (
            <li key={title}>
              <Icon className="size-5 text-accent-text" aria-hidden />
              <h2 className="mt-3 text-base">{title}</h2>
              <p className="mt-1 text-muted">{text}</p>
            </li>
          ))}
        </ul>
      </main>
      <footer className="flex items-center justify-between gap-4 border-t py-5 text-sm text-muted">
        <span>
          This page is <code>src/pages/Welcome</code>. <a href={terms().url}>Terms</a>
        </span>
        <ThemeSwitch />
      </footer>
    </div>
  )
}
