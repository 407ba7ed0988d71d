import inertia from '@inertiajs/vite'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import litestar from 'litestar-vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [
    litestar(),
    vue(),
    tailwindcss(),
    inertia(), // [only: ssr]
    inertia({ ssr: false }), // [only: no-ssr]
  ],
})
