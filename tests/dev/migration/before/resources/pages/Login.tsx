import { useForm, usePage } from '@inertiajs/react'

export default function Login() {
  const { flash } = usePage()
  const form = useForm({ name: '', password: '' })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        form.post('/login')
      }}
    >
      <h1>Sign in</h1>
      <p role="status">{flash?.error?.join()}</p>
      <label>
        Name <input value={form.data.name} onChange={(event) => form.setData('name', event.target.value)} />
      </label>
      <label>
        Password <input type="password" value={form.data.password} onChange={(event) => form.setData('password', event.target.value)} />
      </label>
      <button>Sign in</button>
    </form>
  )
}
