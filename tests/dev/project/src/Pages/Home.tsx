import { useState } from 'react'

export default function Home({ greeting }: { greeting: string }) {
  const [clicks, setClicks] = useState(0)
  return (
    <main style={{ minHeight: '300vh' }}>
      <h1>component one</h1>
      <p id="greeting">{greeting}</p>
      <button onClick={() => setClicks(clicks + 1)}>{clicks} clicks</button>
    </main>
  )
}
