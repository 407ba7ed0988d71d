import './home.css'

export default function Home({ text }: { text: string }) {
  return (
    <>
      <h1>Site: {text}</h1>
      <a href="/admin">Admin</a>
    </>
  )
}
