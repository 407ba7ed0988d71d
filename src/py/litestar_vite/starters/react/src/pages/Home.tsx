import { Deferred, Head, Link } from 'litestar-vite/react'
import { guestbookIndex } from '../generated/routes'
import type { PageProps } from '../generated/pages.gen'

export default function Home({ framework, activity }: PageProps<'Home'>) {
  return (
    <>
      <Head title="Home" />
      <header>
        <h1>Litestar and {framework}, one application.</h1>
        <p className="lead">
          A Python handler returns props, and this page receives them. There is no API in between.
        </p>
        <div className="actions">
          <Link href={guestbookIndex()} className="button button-primary" prefetch>
            Sign the guest book
          </Link>
          <a className="button" href="https://inertiajs.com/docs/v3" target="_blank" rel="noreferrer">
            Read about Inertia
          </a>
        </div>
      </header>
      <section className="cards" aria-label="Where things are">
        <article className="card">
          <h2>Activity</h2>
          <Deferred<'Home'> data="activity" fallback={<Counting />}>
            <p>
              <span className="figure" data-testid="entries">
                {activity?.entries}
              </span>
              {activity?.latest ? `entries, the latest by ${activity.latest}` : 'entries so far'}
            </p>
          </Deferred>
        </article>
        <article className="card">
          <h2>Pages</h2>
          <p>
            This one is <code>src/pages/Home.tsx</code>. Its handler is <code>home</code> in <code>app.py</code>.
          </p>
        </article>
        <article className="card">
          <h2>Forms</h2>
          <p>
            The validation is in <code>guestbook.py</code>. Its messages appear next to the fields.
          </p>
        </article>
      </section>
    </>
  )
}

/** The placeholder for a deferred prop. */
function Counting() {
  return (
    <p>
      <span className="figure">
        <span className="skeleton" />
      </span>
      counting…
    </p>
  )
}
