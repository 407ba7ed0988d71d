import inertia from '@inertiajs/vite'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import tailwindcss from '@tailwindcss/vite'
import litestar from 'litestar-vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [
    litestar(),
    svelte(),
    tailwindcss(),
    inertia(), // [only: ssr]
    inertia({ ssr: false }), // [only: no-ssr]
  ],
})
