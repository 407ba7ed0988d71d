import { createInertiaApp } from '@inertiajs/react'
import { cspNonce } from 'litestar-vite/csp'
import { Layout } from './components/Layout'
import './styles/app.css'

// The entry for both the browser and the server. @inertiajs/vite transforms this call and finds the pages in ./pages.
createInertiaApp({
  layout: () => Layout,
  title: (title) => (title ? `${title} · __TITLE__` : '__TITLE__'),
  // For the styles of the progress bar, with ViteConfig(csp_nonce=…).
  nonce: cspNonce(),
  progress: { color: 'var(--accent)', delay: 300 },
  strictMode: true,
})
