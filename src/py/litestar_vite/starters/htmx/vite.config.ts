import tailwindcss from '@tailwindcss/vite'
import litestar from 'litestar-vite'
import { defineConfig } from 'vite'

export default defineConfig({
  // The entries that templates/base.html names.
  plugins: [litestar({ input: ['src/app.ts', 'src/app.css'] }), tailwindcss()],
})
