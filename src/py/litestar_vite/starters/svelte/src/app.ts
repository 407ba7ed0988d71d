import { createInertiaApp } from '@inertiajs/svelte'
import Layout from './components/Layout.svelte'
import './styles/app.css'

// The only entry: @inertiajs/vite makes the browser's and the server's start out of this call, and finds the pages in ./pages.
createInertiaApp({
  layout: () => Layout,
  progress: { color: 'var(--accent)', delay: 300 },
})
