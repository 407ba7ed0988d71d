import './app.css'

import { createInertiaApp } from '@inertiajs/vue3'
import { cspNonce } from 'litestar-vite/csp'
import { resolvePage } from 'litestar-vite/pages'
import { createApp, h } from 'vue'

createInertiaApp({
  nonce: cspNonce(),
  resolve: (name) => resolvePage(name, import.meta.glob('./pages/*.vue')),
  setup: ({ el, App, props, plugin }) => createApp({ render: () => h(App, props) }).use(plugin).mount(el),
})
