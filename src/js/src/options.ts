import { relative, resolve, sep } from "node:path"

/**
 * Options of the `litestar()` plugin. Paths are relative to Vite's `root`.
 *
 * Options that are not set are read from `.litestar-vite.json`, which Python writes from `ViteConfig`.
 */
export interface LitestarOptions {
  /**
   * Entry of the client build. Default: `indexHtml`, else the first of `src/app.*` and `src/main.*` (tsx, jsx, ts, js).
   * If `indexHtml` loads this entry, or no script, the document is built with it.
   */
  input?: string | string[] | Record<string, string>
  /** Folder of the client build, `ViteConfig.bundle_dir` in Python. Default: `dist/client`. */
  bundleDir?: string
  /** Folder of the SSR build. It must be outside `bundleDir`, which is public. Default: `dist/ssr`. */
  ssrDir?: string
  /** URL prefix of the built files, `ViteConfig.asset_url` in Python. Default: `/static/`. */
  assetUrl?: string
  /**
   * The path prefix of the app in the browser, such as `/shop`, which precedes a path in `assetUrl`.
   * `ViteConfig.root_path` in Python. The environment variable VITE_ROOT_PATH overrides it. Default: none.
   */
  rootPath?: string
  /**
   * The document around the pages, `ViteConfig.index_html` in Python. If it exists, the client build makes it. `false`
   * leaves it alone, for apps that use server-side templates. Default: `index.html`.
   */
  indexHtml?: string | false
  /** Write compressed copies (`.br`, `.gz`, `.zst`) of the built files, which the app serves. Default: true. */
  compress?: boolean
}

/** Options with all defaults. */
export interface ResolvedOptions {
  readonly input: LitestarOptions["input"]
  readonly bundleDir: string
  readonly ssrDir: string
  /** Vite's base: `rootPath` and `assetUrl`, or the full URL. */
  readonly base: string
  readonly rootPath: string
  readonly indexHtml: string | false
  readonly compress: boolean
}

const NAMES = ["input", "bundleDir", "ssrDir", "assetUrl", "rootPath", "indexHtml", "compress"]
// The same rule as in Python's config/resolve.py.
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*$/

/** Add the defaults and validate the options, without reading files. */
export function resolveOptions(options: LitestarOptions, env: NodeJS.ProcessEnv = process.env): ResolvedOptions {
  for (const name of Object.keys(options)) {
    // Otherwise misspelt options in a JavaScript config would be ignored.
    if (!NAMES.includes(name)) {
      throw new Error(`litestar-vite: unknown option '${name}'. The options are ${NAMES.join(", ")}.`)
    }
  }
  const { input, bundleDir = "dist/client", ssrDir = "dist/ssr", assetUrl = "/static/", compress = true } = options
  const { indexHtml = "index.html" } = options
  if (typeof compress !== "boolean") {
    throw new Error(`litestar-vite: option 'compress' must be true or false, not ${JSON.stringify(compress)}.`)
  }
  for (const [name, value] of Object.entries({ bundleDir, ssrDir, assetUrl })) {
    if (typeof value !== "string" || value === "") {
      throw new Error(`litestar-vite: option '${name}' must be a non-empty string, not ${JSON.stringify(value)}.`)
    }
  }
  if (indexHtml !== false && (typeof indexHtml !== "string" || indexHtml === "")) {
    throw new Error(
      `litestar-vite: option 'indexHtml' must be a non-empty string or false, not ${JSON.stringify(indexHtml)}.`,
    )
  }
  const rootPath = env["VITE_ROOT_PATH"] || (options.rootPath ?? "")
  if (typeof rootPath !== "string" || !PREFIX.test(rootPath)) {
    throw new Error(
      `litestar-vite: option 'rootPath' (or VITE_ROOT_PATH) is ${JSON.stringify(rootPath)}. ` +
        "Use a path with a leading and no trailing '/', such as '/shop'.",
    )
  }
  const url = normalizeAssetUrl(assetUrl)
  const base = url.startsWith("//") || !url.startsWith("/") ? url : rootPath + url
  return { input, bundleDir, ssrDir, rootPath, base, indexHtml, compress }
}

/** Reject folders that a build would delete or expose. */
export function checkFolders(root: string, { bundleDir, ssrDir }: ResolvedOptions): void {
  const client = resolve(root, bundleDir)
  const server = resolve(root, ssrDir)
  for (const [name, folder] of [["bundleDir", client], ["ssrDir", server]] as const) {
    if (contains(folder, resolve(root))) {
      throw new Error(
        `litestar-vite: ${name} '${folder}' contains the project, but builds empty this folder. Use a separate folder.`,
      )
    }
  }
  if (contains(client, server) || contains(server, client)) {
    throw new Error(
      `litestar-vite: bundleDir '${bundleDir}' and ssrDir '${ssrDir}' overlap. One build would delete the other, and ` +
        "server code would be public. Use sibling folders, such as 'dist/client' and 'dist/ssr'.",
    )
  }
}

/**
 * Reject a `base` in the Vite config that differs from the URL that the app serves.
 *
 * The client build may have a relative base. HTML rendered on the server may not.
 */
export function checkBase(base: string, expected: string, isSSRBuild: boolean): void {
  const isRelative = base === "" || base === "./"
  if (isRelative ? isSSRBuild : normalizeAssetUrl(base) !== expected) {
    throw new Error(
      `litestar-vite: the Vite config has base '${base}', but the app serves the built files under '${expected}', so ` +
        "lazily loaded files would be 404. Remove 'base'. To serve the files elsewhere, set ViteConfig.asset_url in " +
        "Python (and root_path for a path prefix), then run: litestar assets build",
    )
  }
}

function normalizeAssetUrl(assetUrl: string): string {
  const absolute = /^(?:https?:)?\/\//.test(assetUrl) || assetUrl.startsWith("/") ? assetUrl : `/${assetUrl}`
  return absolute.endsWith("/") ? absolute : `${absolute}/`
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path)
  // On Windows, the relative path to another drive is absolute.
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && resolve(way) !== way)
}
