import { useForm } from '@inertiajs/react'

export default function Precognition() {
  const form = useForm('post', '/precognition', { name: '', email: '' })
  form.setValidationTimeout(50)
  const field = (name) => (
    <p>
      <input name={name} value={form.data[name]} onChange={(event) => form.setData(name, event.target.value)} onBlur={() => form.validate(name)} />
      <span id={`${name}-error`} className="error">{form.errors[name]}</span>
      <span id={`${name}-valid`}>{form.valid(name) ? 'valid' : ''}</span>
    </p>
  )
  return (
    <>
      <h1>Precognition</h1>
      <form onSubmit={(event) => { event.preventDefault(); form.submit() }}>
        {field('name')}
        {field('email')}
        <button id="send">Send</button>
      </form>
    </>
  )
}
