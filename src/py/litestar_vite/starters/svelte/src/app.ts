import { createInertiaApp } from '@inertiajs/svelte'
import { cspNonce } from 'litestar-vite/csp'
import Layout from './components/Layout.svelte'
import './styles/app.css'

// The entry for both the browser and the server. @inertiajs/vite transforms this call and finds the pages in ./pages.
createInertiaApp({
  layout: () => Layout,
  // For the styles of the progress bar, with ViteConfig(csp_nonce=…).
  nonce: cspNonce(),
  progress: { color: 'var(--accent)', delay: 300 },
})
