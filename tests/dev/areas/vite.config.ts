import react from '@vitejs/plugin-react'
import litestar from 'litestar-vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [litestar({ input: ['src/site/app.tsx', 'src/admin/app.tsx'] }), react()],
})
