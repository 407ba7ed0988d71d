import { svelte } from '@sveltejs/vite-plugin-svelte'
import litestar from 'litestar-vite'

/** The pages with live props, in one of the three frameworks. */
export const liveConfig = (client) => ({
  configFile: false,
  root: import.meta.dirname,
  plugins: [litestar({ input: `src/${client}.js`, bundleDir: `dist/${client}` }), svelte()],
})
