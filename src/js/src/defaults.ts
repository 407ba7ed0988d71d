/**
 * The defaults that the plugin adds to a Vite config.
 *
 * Each function reads the config of the user and the other plugins, and returns only values that are not set.
 */
import { findClientEntry, findDocument, findSSREntry, missingEntry } from "./entry.ts"
import type { ResolvedOptions } from "./options.ts"
import { packagesWithStyles } from "./styles.ts"

/** The part of Vite's `UserConfig` that is used here. */
export interface GivenConfig {
  root?: string | undefined
  base?: string | undefined
  input?: unknown
  define?: Record<string, unknown> | undefined
  appType?: unknown
  html?: { cspNonce?: unknown } | undefined
  experimental?: { renderBuiltUrl?: unknown } | undefined
  server?: { host?: unknown; port?: unknown; fs?: { deny?: unknown } | undefined } | undefined
  ssr?: { external?: unknown } | undefined
  build?:
    | {
        ssr?: unknown
        outDir?: string | undefined
        emptyOutDir?: unknown
        manifest?: unknown
        copyPublicDir?: unknown
        watch?: unknown
        lib?: unknown
        sourcemap?: unknown
        rolldownOptions?: GivenRolldownOptions | undefined
        rollupOptions?: GivenRolldownOptions | undefined
      }
    | undefined
}

interface GivenRolldownOptions {
  input?: unknown
  output?: unknown
  checks?: object | undefined
}

/**
 * Warnings about plugins, on which the user of a plugin cannot act: how long they take, and that @inertiajs/vite makes
 * no source maps for the entry. A value in the user's config takes precedence.
 */
const QUIET = { pluginTimings: false, sourcemapBroken: false }

function checksOf(given: GivenConfig): { checks: object } {
  const { rolldownOptions, rollupOptions } = given.build ?? {}
  return { checks: { ...QUIET, ...(rolldownOptions ?? rollupOptions)?.checks } }
}

/** `vite build`: index.html, hashed files and a manifest under the asset URL. */
export function clientBuildDefaults(given: GivenConfig, root: string, options: ResolvedOptions): object {
  const build = given.build ?? {}
  const input = hasInput(given) ? undefined : (findDocument(root, options)?.path ?? findClientEntry(root, options))
  if (!hasInput(given) && input === undefined) {
    throw missingEntry(root, "client")
  }
  const isRelative = given.base === "" || given.base === "./"
  return {
    base: given.base ?? options.base,
    // The document is the page at any path, so its URLs cannot be relative.
    ...(isRelative && given.experimental?.renderBuiltUrl === undefined && {
      experimental: {
        renderBuiltUrl: (file: string, { hostType }: { hostType: string }) =>
          hostType === "html" ? options.base + file : undefined,
      },
    }),
    build: {
      manifest: build.manifest ?? true,
      outDir: build.outDir ?? options.bundleDir,
      // Only for the default folder. For the user's folder, Vite's own default applies.
      ...(build.outDir === undefined && { emptyOutDir: build.emptyOutDir ?? true }),
      rolldownOptions: { ...(input !== undefined && { input }), ...checksOf(given) },
    },
  }
}

/** `vite build --ssr`: one bundle that runs without node_modules. */
export function ssrBuildDefaults(given: GivenConfig, root: string, options: ResolvedOptions): object {
  const build = given.build ?? {}
  // A string is `vite build --ssr <file>`. If @inertiajs/vite is used, it has already set its entry.
  const named = typeof build.ssr === "string" || hasInput(given)
  const input = named ? undefined : findSSREntry(root, options)
  if (!named && input === undefined) {
    throw missingEntry(root, "SSR")
  }
  const output = (build.rolldownOptions ?? build.rollupOptions)?.output
  return {
    // The server renders the same asset URLs as the client.
    base: given.base ?? options.base,
    // Otherwise React and Vue select their development code at run time.
    define: { "process.env.NODE_ENV": JSON.stringify(process.env["NODE_ENV"] ?? "production"), ...given.define },
    // The user's list adds to it, since Vite keeps `true`. `ssr.external` names the exceptions.
    ssr: given.ssr?.external === true ? {} : { noExternal: true },
    build: {
      outDir: build.outDir ?? options.ssrDir,
      // A failing render names its place in the source. The folder is not public.
      sourcemap: build.sourcemap ?? true,
      ...(build.outDir === undefined && { emptyOutDir: build.emptyOutDir ?? true }),
      // Public files belong to the client build.
      copyPublicDir: build.copyPublicDir ?? false,
      rolldownOptions: {
        ...(input !== undefined && { input }),
        ...checksOf(given),
        // Vite writes .mjs for projects without "type": "module", but the server expects .js.
        ...(output === undefined && { output: { entryFileNames: "[name].js" } }),
      },
    },
  }
}

/**
 * Files that the dev server never serves: Vite's own list, which this one replaces, and the Python files next to the
 * front end. Anyone with access to the app's port can reach Vite.
 */
const DENIED = [
  ".env",
  ".env.*",
  "*.{crt,pem,key,p12,pfx,cer,der}",
  ".npmrc",
  ".yarnrc.yml",
  "**/.git/**",
  "*.{py,pyc,pyi,toml,db,sqlite,sqlite3}",
  "**/.venv/**",
]

/** `vite`: the dev server. If the app starts it, dev.ts adds the base. CORS, origin and HMR are left to the user. */
export function devServerDefaults(given: GivenConfig, root: string, options: ResolvedOptions): { server: object } {
  const styled = given.ssr?.external === true ? [] : packagesWithStyles(root)
  // Only a hint for the dependency scan, so a missing entry is allowed: tools start Vite with any config.
  const input = hasInput(given) ? undefined : findClientEntry(root, options)
  return {
    server: {
      host: given.server?.host ?? "127.0.0.1",
      ...(given.server?.fs?.deny === undefined && { fs: { deny: DENIED } }),
    },
    // A build bundles every package. Here Node loads them, which cannot load styles.
    ...(styled.length > 0 && { ssr: { noExternal: styled } }),
    ...(input !== undefined && { build: { rolldownOptions: { input } } }),
  }
}

// A linked litestar-vite (`npm install <folder>`) uses those of the project.
const ADAPTERS = ["@inertiajs/react", "@inertiajs/vue3", "@inertiajs/svelte"]

/**
 * Define `import.meta.env.VITE_ROOT_PATH`, the path prefix for links in front-end code; empty without a prefix. Resolve
 * Inertia's adapters from the project, also for `litestar-vite/react`, `/vue` and `/svelte`.
 */
export function withRootPath(made: { define?: object }, given: GivenConfig, { rootPath }: ResolvedOptions): object {
  const define = { "import.meta.env.VITE_ROOT_PATH": JSON.stringify(rootPath), ...given.define, ...made.define }
  return { ...made, define, resolve: { dedupe: ADAPTERS } }
}

export function hasInput({ input, build }: GivenConfig): boolean {
  const { rolldownOptions, rollupOptions, lib } = build ?? {}
  return (input ?? rolldownOptions?.input ?? rollupOptions?.input ?? (lib || undefined)) !== undefined
}
