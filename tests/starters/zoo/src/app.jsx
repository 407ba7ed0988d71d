import './app.css'

import { createInertiaApp } from '@inertiajs/react'
import { createRoot } from 'react-dom/client'
import { resolvePage } from 'litestar-vite/pages'

createInertiaApp({
  resolve: (name) => resolvePage(name, import.meta.glob('./pages/*.jsx')),
  setup: ({ el, App, props }) => createRoot(el).render(<App {...props} />),
})
