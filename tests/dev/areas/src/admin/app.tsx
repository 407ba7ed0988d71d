import './area.css'

import { createInertiaApp } from '@inertiajs/react'
import { resolvePage } from 'litestar-vite/pages'
import type { ComponentType } from 'react'
import { createRoot } from 'react-dom/client'

type Page = { default: ComponentType<{ text: string }> }

createInertiaApp({
  resolve: (name) => resolvePage(name, import.meta.glob<Page>('./pages/*.tsx')),
  setup: ({ el, App, props }) => createRoot(el).render(<App {...props} />),
})
