import react from '@vitejs/plugin-react'
import litestar from 'litestar-vite-plugin'
import { defineConfig } from 'vite'

export default defineConfig({
  server: { host: '0.0.0.0', port: 5173, cors: true },
  plugins: [react(), litestar({ input: ['resources/main.tsx'], assetUrl: '/static/', bundleDir: 'public', resourceDir: 'resources' })],
})
