import './home.css'

import { Link } from '@inertiajs/react'

export default function Home({ text }: { text: string }) {
  return (
    <>
      <h1>Admin: {text}</h1>
      <Link href="/admin/users">Users</Link>
      <a href="/">Site</a>
    </>
  )
}
