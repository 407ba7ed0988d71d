/**
 * What the plugin adds to a Vite config: defaults only.
 *
 * Each function reads the config as the user and the other plugins left it, and returns only what nobody set.
 */
import { findClientEntry, findSSREntry, missingEntry } from "./entry.ts"
import type { ResolvedOptions } from "./options.ts"

/** The part of Vite's `UserConfig` that is read here. */
export interface GivenConfig {
  root?: string | undefined
  base?: string | undefined
  input?: unknown
  define?: Record<string, unknown> | undefined
  appType?: unknown
  html?: { cspNonce?: unknown } | undefined
  server?: { host?: unknown; port?: unknown } | undefined
  ssr?: { noExternal?: unknown } | undefined
  build?:
    | {
        ssr?: unknown
        outDir?: string | undefined
        emptyOutDir?: unknown
        manifest?: unknown
        copyPublicDir?: unknown
        lib?: unknown
        rolldownOptions?: GivenRolldownOptions | undefined
        rollupOptions?: GivenRolldownOptions | undefined
      }
    | undefined
}

interface GivenRolldownOptions {
  input?: unknown
  output?: unknown
}

/** `vite build`: hashed files and a manifest under the asset URL. */
export function clientBuildDefaults(given: GivenConfig, root: string, options: ResolvedOptions): object {
  const build = given.build ?? {}
  const input = hasInput(given) ? undefined : findClientEntry(root, options)
  if (!hasInput(given) && input === undefined) {
    throw missingEntry(root, "client")
  }
  return {
    base: given.base ?? options.base,
    build: {
      manifest: build.manifest ?? true,
      outDir: build.outDir ?? options.bundleDir,
      // Only our own folder: Vite's rule for folders outside the root stays for the user's.
      ...(build.outDir === undefined && { emptyOutDir: build.emptyOutDir ?? true }),
      ...(input !== undefined && { rolldownOptions: { input } }),
    },
  }
}

/** `vite build --ssr`: one bundle that runs without node_modules. */
export function ssrBuildDefaults(given: GivenConfig, root: string, options: ResolvedOptions): object {
  const build = given.build ?? {}
  // A string is `vite build --ssr <file>`. Otherwise @inertiajs/vite, when it is there, has set its entry already.
  const named = typeof build.ssr === "string" || hasInput(given)
  const input = named ? undefined : findSSREntry(root, options)
  if (!named && input === undefined) {
    throw missingEntry(root, "SSR")
  }
  const output = (build.rolldownOptions ?? build.rollupOptions)?.output
  return {
    // The server renders the URLs of the same images and styles as the client.
    base: given.base ?? options.base,
    // React and Vue choose their development code at run time, unless told at build time.
    define: { "process.env.NODE_ENV": JSON.stringify(process.env["NODE_ENV"] ?? "production"), ...given.define },
    ssr: given.ssr?.noExternal === undefined ? { noExternal: true } : {},
    build: {
      outDir: build.outDir ?? options.ssrDir,
      ...(build.outDir === undefined && { emptyOutDir: build.emptyOutDir ?? true }),
      // Public files belong to the client build.
      copyPublicDir: build.copyPublicDir ?? false,
      rolldownOptions: {
        ...(input !== undefined && { input }),
        // Vite would write .mjs for projects without "type": "module"; the server looks for .js.
        ...(output === undefined && { output: { entryFileNames: "[name].js" } }),
      },
    },
  }
}

/** `vite`: the dev server. Started by hand its base stays "/"; started by the app it gets what dev.ts adds. CORS, origin and HMR are the user's. */
export function devServerDefaults(given: GivenConfig, root: string, options: ResolvedOptions): { server: object } {
  // A hint for the dependency scan, so a missing entry is no error: tests and tools start Vite on any config.
  const input = hasInput(given) ? undefined : findClientEntry(root, options)
  return {
    server: { host: given.server?.host ?? "127.0.0.1" },
    ...(input !== undefined && { build: { rolldownOptions: { input } } }),
  }
}

/** Let front-end code read the prefix, for the links that it writes itself: `import.meta.env.VITE_ROOT_PATH`, empty without one. */
export function withRootPath(made: { define?: object }, given: GivenConfig, { rootPath }: ResolvedOptions): object {
  return { ...made, define: { "import.meta.env.VITE_ROOT_PATH": JSON.stringify(rootPath), ...given.define, ...made.define } }
}

function hasInput({ input, build }: GivenConfig): boolean {
  return (input ?? build?.rolldownOptions?.input ?? build?.rollupOptions?.input ?? (build?.lib || undefined)) !== undefined
}
