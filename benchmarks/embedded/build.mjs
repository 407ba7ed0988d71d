// Builds the three bundles twice from the same sources: `<name>.mjs` for Node, like a render server, and
// `<name>.iife.js` for an engine inside the process: a script without imports that sets `globalThis.bundle.render`.
import react from "@vitejs/plugin-react"
import vue from "@vitejs/plugin-vue"
import { svelte } from "@sveltejs/vite-plugin-svelte"
import { build } from "vite"

const entries = { react: "src/react.jsx", vue: "src/vue.js", svelte: "src/svelte.js" }
const plugins = { react: () => react(), vue: () => vue(), svelte: () => svelte({ configFile: false }) }

for (const [name, entry] of Object.entries(entries)) {
  for (const format of ["es", "iife"]) {
    await build({
      configFile: false,
      logLevel: "error",
      mode: "production",
      plugins: [plugins[name]()],
      define: { "process.env.NODE_ENV": '"production"', "import.meta.env.SSR": "true" },
      ssr: { noExternal: true, target: format === "iife" ? "webworker" : "node" },
      build: {
        ssr: entry,
        outDir: "dist",
        emptyOutDir: false,
        minify: false,
        rolldownOptions: {
          output: {
            format,
            name: "bundle",
            entryFileNames: `${name}.${format === "iife" ? "iife.js" : "mjs"}`,
            codeSplitting: false,
          },
        },
      },
    })
  }
}
