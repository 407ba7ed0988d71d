import inertia from '@inertiajs/vite'
import react from '@vitejs/plugin-react'
import litestar from 'litestar-vite'
import { defineConfig } from 'vite'

// node_modules is a link that projects share; each has a cache of its own.
export default defineConfig({ cacheDir: '.vite', plugins: [litestar(), react(), inertia()] })
