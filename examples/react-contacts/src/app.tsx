import { createInertiaApp, router } from '@inertiajs/react'
import { live } from 'litestar-vite/live'
import { Layout } from './components/Layout'
import './styles/app.css'

// A contact that somebody else saves changes in the open page.
live(router)

// The only entry: @inertiajs/vite makes the browser's and the server's start out of this call, and finds the pages in ./Pages.
createInertiaApp({
  layout: () => Layout,
  title: (title) => (title ? `${title} · Kontor` : 'Kontor'),
  progress: { color: 'var(--accent)', delay: 300 },
  strictMode: true,
})
