import './terms.css'

export default function Terms({ greeting }: { greeting: string }) {
  return (
    <main>
      <h1>terms one</h1>
      <p id="greeting">{greeting}</p>
    </main>
  )
}
