import inertia from '@inertiajs/vite'
import { svelte as plugin } from '@sveltejs/vite-plugin-svelte'
import litestar from 'litestar-vite'

export default { root: import.meta.dirname, plugins: [litestar(), plugin(), inertia()] }
