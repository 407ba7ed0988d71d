import { Deferred, useCsrfField, useOldInput, usePage } from 'litestar-vite/react'

export default function Native({ late }) {
  const { props, flash } = usePage()
  const old = useOldInput()
  return (
    <>
      <h1>Native form</h1>
      <Deferred data="late" fallback={<p id="late-wait">…</p>}>
        <p id="late">{late}</p>
      </Deferred>
      {flash.success && <p id="success">{flash.success}</p>}
      <form method="post" action="/native">
        <input {...useCsrfField()} />
        <input name="name" defaultValue={old('name', 'nobody')} />
        {props.errors.name && <p id="name-error">{props.errors.name}</p>}
        <button id="send">Send</button>
      </form>
    </>
  )
}
