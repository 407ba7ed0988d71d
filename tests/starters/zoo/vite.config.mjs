import inertia from '@inertiajs/vite'
import mdx from '@mdx-js/rollup'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import tailwindcss from '@tailwindcss/vite'
import legacy from '@vitejs/plugin-legacy'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import litestar from 'litestar-vite'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import svgr from 'vite-plugin-svgr'
import vueDevTools from 'vite-plugin-vue-devtools'

const documents = { react: 'index.html', vue: 'vue.html', svelte: 'svelte.html' }
const plugins = {
  react: () => [{ enforce: 'pre', ...mdx() }, react(), svgr()],
  vue: () => [vue(), vueDevTools()],
  svelte: () => [svelte()],
}

export default defineConfig({
  plugins: [
    litestar({ indexHtml: documents[process.env.ZOO] }),
    ...plugins[process.env.ZOO](),
    tailwindcss(),
    legacy({ targets: ['defaults'] }),
    VitePWA({
      injectRegister: 'script',
      manifest: { name: 'Zoo', icons: [] },
      // The app serves the pages. The document alone shows nothing.
      workbox: { navigateFallback: null, globPatterns: ['**/*.{js,css}'] },
    }),
    inertia({ ssr: false }),
  ],
})
