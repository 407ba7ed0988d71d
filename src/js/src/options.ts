import { relative, resolve, sep } from "node:path"

/** Options of the `litestar()` plugin. Paths are relative to Vite's `root`. What is not set here comes from `ViteConfig` in Python, by way of `.litestar-vite.json`. */
export interface LitestarOptions {
  /** Entry of the client build. Default: the first of `src/app.*` and `src/main.*` (tsx, jsx, ts, js). */
  input?: string | string[] | Record<string, string>
  /** Folder of the client build, `ViteConfig.bundle_dir` in Python. Default: `dist/client`. */
  bundleDir?: string
  /** Folder of the SSR build. It must lie outside `bundleDir`, which is public. Default: `dist/ssr`. */
  ssrDir?: string
  /** URL prefix of the built files, `ViteConfig.asset_url` in Python. Default: `/static/`. */
  assetUrl?: string
  /**
   * The path under which browsers find the app, such as `/shop`; it goes before a path in `assetUrl`. `ViteConfig.root_path` in Python.
   * The environment variable VITE_ROOT_PATH wins, as in Python. Default: none.
   */
  rootPath?: string
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly input: LitestarOptions["input"]
  readonly bundleDir: string
  readonly ssrDir: string
  /** Vite's base: `rootPath` and `assetUrl`, or the full URL. */
  readonly base: string
  readonly rootPath: string
}

const NAMES = ["input", "bundleDir", "ssrDir", "assetUrl", "rootPath"]
// The rule of Python: config/resolve.py.
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*$/

/** Fill in the defaults and refuse what cannot work. Touches no file. */
export function resolveOptions(options: LitestarOptions, env: NodeJS.ProcessEnv = process.env): ResolvedOptions {
  for (const name of Object.keys(options)) {
    // A misspelt option of a JavaScript config would otherwise be ignored silently.
    if (!NAMES.includes(name)) {
      throw new Error(`litestar-vite: unknown option '${name}'. The options are ${NAMES.join(", ")}.`)
    }
  }
  const { input, bundleDir = "dist/client", ssrDir = "dist/ssr", assetUrl = "/static/" } = options
  for (const [name, value] of Object.entries({ bundleDir, ssrDir, assetUrl })) {
    if (typeof value !== "string" || value === "") {
      throw new Error(`litestar-vite: option '${name}' must be a non-empty string, not ${JSON.stringify(value)}.`)
    }
  }
  const rootPath = env["VITE_ROOT_PATH"] || (options.rootPath ?? "")
  if (typeof rootPath !== "string" || !PREFIX.test(rootPath)) {
    throw new Error(
      `litestar-vite: option 'rootPath' (or VITE_ROOT_PATH) is ${JSON.stringify(rootPath)}; use a path that begins with '/' and does not end with one, such as '/shop'.`,
    )
  }
  const url = normalizeAssetUrl(assetUrl)
  return { input, bundleDir, ssrDir, rootPath, base: url.startsWith("//") || !url.startsWith("/") ? url : rootPath + url }
}

/** Refuse folders that a build would wipe out or make public. */
export function checkFolders(root: string, { bundleDir, ssrDir }: ResolvedOptions): void {
  const client = resolve(root, bundleDir)
  const server = resolve(root, ssrDir)
  for (const [name, folder] of [["bundleDir", client], ["ssrDir", server]] as const) {
    // Builds empty their folder first.
    if (contains(folder, resolve(root))) {
      throw new Error(`litestar-vite: ${name} '${folder}' holds the project itself, and builds empty it. Name a folder of its own.`)
    }
  }
  if (contains(client, server) || contains(server, client)) {
    throw new Error(
      `litestar-vite: bundleDir '${bundleDir}' and ssrDir '${ssrDir}' overlap: one build would delete the other, ` +
        "and server code would be served to browsers. Use two folders side by side, such as 'dist/client' and 'dist/ssr'.",
    )
  }
}

/**
 * Refuse a `base` of the Vite config's under which the app does not serve what is built.
 *
 * A relative one suits the client build: its files find each other from where they are. What the server renders has no such place.
 */
export function checkBase(base: string, expected: string, isSSRBuild: boolean): void {
  const isRelative = base === "" || base === "./"
  if (isRelative ? isSSRBuild : normalizeAssetUrl(base) !== expected) {
    throw new Error(
      `litestar-vite: the Vite config has base '${base}', but the app serves the built files under '${expected}', so what the browser ` +
        "loads later would be 404. Remove 'base'. To serve the files elsewhere set ViteConfig.asset_url in Python (and root_path for a " +
        "path prefix), then run: litestar assets build",
    )
  }
}

function normalizeAssetUrl(assetUrl: string): string {
  const absolute = /^(?:https?:)?\/\//.test(assetUrl) || assetUrl.startsWith("/") ? assetUrl : `/${assetUrl}`
  return absolute.endsWith("/") ? absolute : `${absolute}/`
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path)
  // Windows: a relative path to another drive is absolute.
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && resolve(way) !== way)
}
