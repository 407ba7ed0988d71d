import { Link } from '@inertiajs/react'

import Logo from '../logo.svg?react'
import Notes from '../notes.mdx'

export default function Home() {
  return (
    <div className="text-3xl">
      <h1>Home</h1>
      <Logo role="img" />
      <Notes />
      <Link href="/styled">Styled</Link>
    </div>
  )
}
