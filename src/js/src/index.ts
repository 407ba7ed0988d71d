/**
 * The Vite plugin of litestar_vite.
 *
 * How it works: 1. Check the options when the plugin is made. 2. After all other plugins' config hooks, add what Python resolved to
 * them (.litestar-vite.json) and fill in what nobody set, for the client build, the SSR build or the dev server. 3. Mark the SSR
 * folder as ES modules, so that Node runs it from anywhere.
 *
 * What the user sets in the Vite config wins: build.{outDir,emptyOutDir,manifest,copyPublicDir}, build.rolldownOptions.{input,
 * output}, build.ssr, input, ssr.noExternal, define and server.host. build.outDir is one value for both builds: bundleDir and ssrDir
 * are the better place. A base wins in development; a build under another than the app serves is refused.
 *
 * Nothing is imported from Vite, types included: a linked package (`npm install <folder>`) cannot resolve the project's Vite.
 */
import { resolve } from "node:path"

import { readBridge } from "./bridge.ts"
import { clientBuildDefaults, devServerDefaults, type GivenConfig, ssrBuildDefaults, withRootPath } from "./defaults.ts"
import { aloneHooks } from "./dev/alone.ts"
import { devConfig, devHooks, devSession } from "./dev.ts"
import { findClientEntry } from "./entry.ts"
import { checkBase, checkFolders, type LitestarOptions, type ResolvedOptions, resolveOptions } from "./options.ts"

export type { LitestarOptions } from "./options.ts"

/** A Vite plugin, as far as this package fills one in. */
export interface LitestarPlugin {
  name: "litestar-vite"
  config: {
    order: "post"
    handler(config: object, env: { command: "build" | "serve"; isSsrBuild?: boolean | undefined }): object
  }
  generateBundle(this: { emitFile(file: { type: "asset"; fileName: string; source: string }): string }): void
}

/** Build a front end the way litestar_vite serves it. */
export default function litestar(options: LitestarOptions = {}): LitestarPlugin {
  // Early, so that a misspelt option is found where it is written.
  resolveOptions(options)
  const session = devSession()
  let isSSRBuild = false
  return {
    name: "litestar-vite",
    config: {
      // Last, to see the entries of the other plugins.
      order: "post",
      handler(config, { command, isSsrBuild }) {
        const given: GivenConfig = config
        const root = resolve(given.root ?? process.cwd())
        const named = { ...readBridge(root), ...options }
        const resolved = resolveOptions({ ...named, ...(session && { rootPath: session.rootPath }) })
        checkFolders(root, resolved)
        if (command === "serve") {
          const defaults = devServerDefaults(given, root, resolved)
          return withRootPath(session === undefined ? defaults : devConfig(defaults, given, session), given, resolved)
        }
        // Vite's flag knows the command line only.
        isSSRBuild = Boolean(isSsrBuild || given.build?.ssr)
        // Without an asset URL of Python's or the plugin's, `base` is all that anybody has said.
        if (given.base !== undefined && named.assetUrl !== undefined) {
          checkBase(given.base, resolved.base, isSSRBuild)
        }
        const made = isSSRBuild ? ssrBuildDefaults(given, root, resolved) : clientBuildDefaults(given, root, resolved)
        return withRootPath(made, given, resolved)
      },
    },
    ...(session === undefined
      ? aloneHooks()
      : devHooks(session, (root) => onlyEntry(root, resolveOptions({ ...readBridge(root), ...options })))),
    generateBundle() {
      if (isSSRBuild) {
        this.emitFile({ type: "asset", fileName: "package.json", source: '{ "type": "module" }\n' })
      }
    },
  }
}

/** The client entry, if there is one and only one. */
function onlyEntry(root: string, options: ResolvedOptions): string | null {
  const entry = findClientEntry(root, options)
  return typeof entry === "string" ? entry : null
}
