import './app.css'

import { createInertiaApp } from '@inertiajs/svelte'
import { cspNonce } from 'litestar-vite/csp'
import { resolvePage } from 'litestar-vite/pages'
import { mount } from 'svelte'

createInertiaApp({
  nonce: cspNonce(),
  resolve: (name) => resolvePage(name, import.meta.glob('./pages/*.svelte')),
  setup: ({ el, App, props }) => {
    el.innerHTML = ''
    mount(App, { target: el, props })
  },
})
