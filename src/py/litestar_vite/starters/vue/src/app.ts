import { createInertiaApp } from '@inertiajs/vue3'
import Layout from './components/Layout.vue'
import './styles/app.css'

// The entry for both the browser and the server. @inertiajs/vite transforms this call and finds the pages in ./pages.
createInertiaApp({
  layout: () => Layout,
  title: (title) => (title ? `${title} · __TITLE__` : '__TITLE__'),
  progress: { color: 'var(--accent)', delay: 300 },
})
