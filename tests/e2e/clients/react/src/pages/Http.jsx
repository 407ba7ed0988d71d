import { useHttp } from '@inertiajs/react'

export default function Http() {
  const http = useHttp({ word: '' })
  const send = (event) => {
    event.preventDefault()
    http.post('/api/echo').catch(() => {})
  }
  return (
    <>
      <h1>useHttp</h1>
      <form onSubmit={send}>
        <input name="word" value={http.data.word} onChange={(event) => http.setData('word', event.target.value)} />
        <button id="send">Send</button>
        <span className="error">{http.errors.word}</span>
      </form>
      <output id="reply">{http.response?.echo}</output>
    </>
  )
}
