import { useForm } from '@inertiajs/react'

function Named({ bag }) {
  const form = useForm({ name: '' })
  const send = (event) => {
    event.preventDefault()
    form.post('/bags', { errorBag: bag })
  }
  return (
    <form id={bag} onSubmit={send}>
      <input name="name" value={form.data.name} onChange={(event) => form.setData('name', event.target.value)} />
      <button>{bag}</button>
      <span className="error">{form.errors.name}</span>
    </form>
  )
}

export default function Bags({ errors }) {
  return (
    <>
      <h1>Error bags</h1>
      <Named bag="login" />
      <Named bag="invite" />
      <p id="errors">{JSON.stringify(errors)}</p>
    </>
  )
}
