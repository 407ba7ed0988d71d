import inertia from '@inertiajs/vite'
import plugin from '@vitejs/plugin-vue'
import litestar from 'litestar-vite'

export default { root: import.meta.dirname, plugins: [litestar(), plugin(), inertia()] }
