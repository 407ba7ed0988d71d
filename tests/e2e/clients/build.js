// Builds each client, once for the browser and once for the server: `node build.js [react vue svelte]`.
import { build } from 'vite'

import { liveConfig } from './live/config.js'

const clients = process.argv.slice(2)
for (const client of clients.length ? clients : ['react', 'vue', 'svelte']) {
  for (const ssr of [false, true]) {
    await build({ configFile: `${import.meta.dirname}/${client}/vite.config.js`, build: { ssr }, logLevel: 'warn' })
  }
  await build({ ...liveConfig(client), logLevel: 'warn' })
}
