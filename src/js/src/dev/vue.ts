/**
 * Recompiles Vue components when the generated types change.
 *
 * `defineProps<Pages['Home']>()` takes the names of the props from `src/generated`, when the component is compiled. The
 * Vue plugin discards the compiled script of each component that reads a changed file, but not that of a component that
 * was saved since a browser last loaded it: the plugin considers it unused, while the compiler still caches the parsed
 * component with its script. The page would lack a new prop until its component is saved again.
 *
 * Source: @vitejs/plugin-vue 6.0, handleHotUpdate and invalidateScript. Remove this once they agree.
 */
import type { DevViteServer } from "./endpoint.ts"

// The files that the Python package generates, see _typegen.
const TYPES = /\.gen\.d\.ts$/

interface VuePlugin {
  name: string
  api?: { options?: { compiler?: { parseCache?: { clear(): void } } } }
}

/** Forget all parsed components when the generated types change. Parsing them again takes milliseconds. */
export function forgetVueComponents({ config, watcher }: DevViteServer): void {
  watcher.on("all", (_, file) => {
    if (TYPES.test(file)) {
      const plugins: readonly VuePlugin[] = config.plugins
      plugins.find(({ name }) => name === "vite:vue")?.api?.options?.compiler?.parseCache?.clear()
    }
  })
}
