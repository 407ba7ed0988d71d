import { createInertiaApp } from '@inertiajs/react'
import { Layout } from './components/Layout'
import './styles/app.css'

// The only entry: @inertiajs/vite makes the browser's and the server's start out of this call, and finds the pages in ./pages.
createInertiaApp({
  layout: () => Layout,
  title: (title) => (title ? `${title} · __TITLE__` : '__TITLE__'),
  progress: { color: 'var(--accent)', delay: 300 },
  strictMode: true,
})
