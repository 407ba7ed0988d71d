import tailwindcss from '@tailwindcss/vite' // [only: tailwind]
import react from '@vitejs/plugin-react'
import litestar from 'litestar-vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [
    litestar(),
    react(),
    tailwindcss(), // [only: tailwind]
  ],
})
