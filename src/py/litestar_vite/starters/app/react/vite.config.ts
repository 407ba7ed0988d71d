import inertia from '@inertiajs/vite'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import litestar from 'litestar-vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [
    litestar(),
    react(),
    tailwindcss(),
    inertia(), // [only: ssr]
    inertia({ ssr: false }), // [only: no-ssr]
  ],
})
