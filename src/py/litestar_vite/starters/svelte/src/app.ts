import { createInertiaApp } from '@inertiajs/svelte'
import Layout from './components/Layout.svelte'
import './styles/app.css'

// The entry for both the browser and the server. @inertiajs/vite transforms this call and finds the pages in ./pages.
createInertiaApp({
  layout: () => Layout,
  progress: { color: 'var(--accent)', delay: 300 },
})
