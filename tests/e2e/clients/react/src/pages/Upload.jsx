import { useForm } from '@inertiajs/react'
import { useState } from 'react'

export default function Upload() {
  const form = useForm({ title: 'A file', file: null })
  const [seen, setSeen] = useState('')
  const send = (event) => {
    event.preventDefault()
    form.post('/upload', { onProgress: (progress) => setSeen(`${progress?.percentage}%`) })
  }
  return (
    <>
      <h1>Upload</h1>
      <form onSubmit={send}>
        <input type="file" onChange={(event) => form.setData('file', event.target.files[0])} />
        <button id="send">Send</button>
        <span className="error">{form.errors.file}</span>
      </form>
      <output id="progress">{seen}</output>
    </>
  )
}
