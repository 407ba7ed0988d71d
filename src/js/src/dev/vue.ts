/**
 * Vue components compiled again when the generated types change.
 *
 * `defineProps<Pages['Home']>()` takes the names of the props from `src/generated`, when the component is compiled. The
 * Vue plugin forgets the compiled script of each component that reads a changed file, but not that of a component that
 * was saved since a browser last loaded it: for the plugin, it is not in use, while the compiler still keeps it parsed,
 * together with its script. The page would miss a new prop until its component is saved again.
 *
 * Source: @vitejs/plugin-vue 6.0, handleHotUpdate and invalidateScript. Can go when they agree.
 */
import type { DevViteServer } from "./endpoint.ts"

// What the Python package writes, see typegen.
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
