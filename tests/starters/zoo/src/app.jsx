import './app.css'

import { createInertiaApp } from '@inertiajs/react'
import { createRoot } from 'react-dom/client'
import { cspNonce } from 'litestar-vite/csp'
import { resolvePage } from 'litestar-vite/pages'

createInertiaApp({
  nonce: cspNonce(),
  resolve: (name) => resolvePage(name, import.meta.glob('./pages/*.jsx')),
  setup: ({ el, App, props }) => createRoot(el).render(<App {...props} />),
})
