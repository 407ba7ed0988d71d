import type { Accepts } from 'litestar-vite/types'
import { Deferred, Form, Head, InfiniteScroll, Link, router, useForm, usePage, WhenVisible } from 'litestar-vite/react'
import type { Contact, Inputs, PageProps, Pages } from '../generated/pages.gen'
import { contactsCreate, contactsDestroy, contactsIndex, contactsShow } from '../generated/routes'

interface Props {
  contact: Pick<Contact, 'id' | 'name'>
  auth: { user: { name: string } | null }
}

/** The props that a component accepts, checked against those of the handler. */
export function Badge({ contact, auth }: Accepts<Props, PageProps<'Contacts/Show'>>) {
  return <b title={auth.user?.name}>{contact.name}</b>
}

export default function Show({ contact, activity, auth, site }: PageProps<'Contacts/Show'>) {
  const page = usePage<'Contacts/Show'>()
  const layout = usePage()
  const form = useForm<Inputs['contacts.create']>({
    name: contact.name,
    email: contact.email ?? '',
    tags: contact.tags,
    address: { city: '' },
  })
  const component: 'Contacts/Show' = page.component
  const summaries: string[] = activity?.map((item) => item.summary) ?? []
  const again: Pages['Contacts/Show'] = { contact: { id: 1, name: '', email: null, tags: [] } }

  function act() {
    form.setData('name', 'Grace')
    form.setData('address.city', 'London')
    form.clearErrors('email')
    form.submit(contactsCreate())
    router.reload<'Contacts/Show'>({ only: ['activity', 'auth.user'] })
    router.reload({ except: ['contacts'] })
    router.get(contactsIndex({ query: { q: 'ada', page: 2 } }))
    router.delete(contactsDestroy({ contact_id: contact.id }))
    router.visit(contactsShow({ contact_id: '7' }), { preserveScroll: true })
  }

  return (
    <>
      <Head title={`${contact.name} · ${site} · ${component}`} />
      <p>{page.props.contact.name}</p>
      <p>{layout.props.site}</p>
      <p>{page.props.auth.user?.name}</p>
      <p>{page.props.errors.name}</p>
      <p>{page.flash.success?.[0]}</p>
      <p>{auth.user?.name}</p>
      <p>{again.contact.name}</p>
      <p>{form.errors.name}</p>
      <p>{form.errors['tags.0']}</p>
      <p>{form.errors['address.city']}</p>
      <button onClick={act}>{form.processing ? '…' : summaries.join()}</button>
      <Link href={contactsShow({ contact_id: contact.id })} instant>
        {contact.name}
      </Link>
      <Link href="/contacts" method="get">
        All
      </Link>
      <a href={contactsShow.url({ contact_id: 7 }, { query: { tab: 'posts' }, hash: 'top' })}>Plain</a>
      <Deferred<'Contacts/Show'> data="activity" fallback={null}>
        {summaries.length}
      </Deferred>
      <Deferred data={['activity']} fallback={null}>
        {summaries.length}
      </Deferred>
      <WhenVisible<'Contacts/Show'> data="activity" fallback={null}>
        {summaries.length}
      </WhenVisible>
      <InfiniteScroll data="contacts">…</InfiniteScroll>
      <Form<Inputs['contacts.create']> action={contactsCreate()} resetOnSuccess={['name']}>
        {({ errors, setError }) => (
          <>
            <i>{errors.name}</i>
            <i>{errors['tags.0']}</i>
            <button onClick={() => setError('email', 'No')}>{errors['address.city']}</button>
          </>
        )}
      </Form>
    </>
  )
}
