import { Deferred, Link, router, useForm, usePage } from '@inertiajs/react'

interface Props {
  receipts: { id: number; title: string; size: number }[]
  total: number
  limit: number
  offset: number
  bytes?: number
  help?: string
  auth: { name: string }
  company: string
}

export default function Index() {
  const { props, flash } = usePage<Props>()
  const { receipts, total, limit, offset, bytes, help, auth, company } = props
  const form = useForm<{ title: string; file: File | null }>({ title: '', file: null })
  return (
    <>
      <h1>{`Receipts of ${auth.name} at ${company}`}</h1>
      <p role="status">{flash?.success?.join()}</p>
      <ul>
        {receipts.map((receipt) => (
          <li key={receipt.id}>{`${receipt.title}: ${receipt.size} bytes`}</li>
        ))}
      </ul>
      <p>{`${total} in all`}</p>
      <Deferred data="bytes" fallback={<p>Counting</p>}>
        <p>{`${bytes} bytes in all`}</p>
      </Deferred>
      {offset + limit < total && <Link href={`/?offset=${offset + limit}`}>Next</Link>}
      <button onClick={() => router.reload({ only: ['help'] })}>Help</button>
      <p>{help}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          form.post('/receipts')
        }}
      >
        <label>
          Title <input value={form.data.title} onChange={(event) => form.setData('title', event.target.value)} />
        </label>
        <p role="alert">{form.errors.title}</p>
        <label>
          File <input type="file" onChange={(event) => form.setData('file', event.target.files?.[0] ?? null)} />
        </label>
        <button>Add</button>
      </form>
    </>
  )
}
