import { createInertiaApp, router } from '@inertiajs/react'
import { live } from 'litestar-vite/live'
import { Layout } from './components/Layout'
import './styles/app.css'

// A contact changes in the open page when another user saves it.
live(router)

// The entry for both the browser and the server. @inertiajs/vite transforms this call and finds the pages in ./Pages.
createInertiaApp({
  layout: () => Layout,
  title: (title) => (title ? `${title} · Kontor` : 'Kontor'),
  progress: { color: 'var(--accent)', delay: 300 },
  strictMode: true,
})
