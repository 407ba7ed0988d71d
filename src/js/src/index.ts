/**
 * The Vite plugin of litestar_vite.
 *
 * How it works:
 * 1. The options are validated when the plugin is created.
 * 2. After all other plugins' config hooks, the options of the Python package (.litestar-vite.json) are merged, and
 *    defaults are added for the client build, the SSR build or the dev server.
 * 3. The SSR folder is marked as ES modules, so that Node can run it from anywhere.
 * 4. After a client build, its files are compressed and listed for the Python package (built.ts).
 *
 * The user's Vite config takes precedence: build.{outDir,emptyOutDir,manifest,copyPublicDir}, build.rolldownOptions.
 * {input,output}, build.ssr, input, ssr.external, define, server.host and server.fs.deny. Prefer bundleDir and ssrDir
 * to build.outDir, which applies to both builds. In development, base takes precedence too; a build fails if base
 * differs from the URL that the app serves.
 *
 * Nothing is imported from Vite, not even types: a linked package (`npm install <folder>`) cannot resolve the project's
 * Vite.
 */
import { resolve } from "node:path"

import { readBridge } from "./bridge.ts"
import { buildHooks } from "./build.ts"
import {
  clientBuildDefaults,
  devServerDefaults,
  type GivenConfig,
  hasInput,
  ssrBuildDefaults,
  withRootPath,
} from "./defaults.ts"
import { hashedNames, type OutputFile, type OutputOptions, writeList } from "./built.ts"
import { aloneHooks } from "./dev/alone.ts"
import { devConfig, devHooks, devSession } from "./dev.ts"
import { findClientEntry, findDocument } from "./entry.ts"
import { checkBase, checkFolders, type LitestarOptions, type ResolvedOptions, resolveOptions } from "./options.ts"

export type { LitestarOptions } from "./options.ts"

/** The parts of a Vite plugin that this package implements. */
export interface LitestarPlugin {
  name: "litestar-vite"
  config: {
    order: "post"
    handler(config: object, env: { command: "build" | "serve"; isSsrBuild?: boolean | undefined }): object
  }
  generateBundle(this: { emitFile(file: { type: "asset"; fileName: string; source: string }): string }): void
  writeBundle: { order: "post"; handler(output: OutputOptions, bundle: Record<string, OutputFile>): void }
  closeBundle: { order: "post"; sequential: true; handler(error?: Error): Promise<void> }
}

/** Configure Vite for litestar_vite. */
export default function litestar(options: LitestarOptions = {}): LitestarPlugin {
  // Validate early, so that the stack points to the Vite config.
  resolveOptions(options)
  const session = devSession()
  let target: "client" | "ssr" | undefined
  let missingScript: string | undefined
  let isCompressed = true
  // The files of the last build, until they are listed.
  let folder: string | undefined
  const hashed = new Set<string>()
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
        // Vite's flag only reflects the command line.
        const isSSRBuild = Boolean(isSsrBuild || given.build?.ssr)
        target = isSSRBuild ? "ssr" : "client"
        // While Vite watches, a build should be fast.
        isCompressed = resolved.compress && !given.build?.watch
        // Without an asset URL from Python or the plugin's options, `base` is the only setting.
        if (given.base !== undefined && named.assetUrl !== undefined) {
          checkBase(given.base, resolved.base, isSSRBuild)
        }
        missingScript = isSSRBuild || hasInput(given) ? undefined : findDocument(root, resolved)?.missingScript
        const made = isSSRBuild ? ssrBuildDefaults(given, root, resolved) : clientBuildDefaults(given, root, resolved)
        return withRootPath(made, given, resolved)
      },
    },
    ...(session === undefined
      ? { ...buildHooks(() => target), ...aloneHooks(() => missingScript) }
      : devHooks(session, (root) => onlyEntry(root, resolveOptions({ ...readBridge(root), ...options })))),
    generateBundle() {
      if (target === "ssr") {
        this.emitFile({ type: "asset", fileName: "package.json", source: '{ "type": "module" }\n' })
      }
    },
    writeBundle: {
      order: "post",
      handler(output, bundle) {
        if (target === "client" && output.dir !== undefined) {
          folder = output.dir
          hashedNames(bundle, output).forEach((name) => hashed.add(name))
        }
      },
    },
    closeBundle: {
      order: "post",
      sequential: true,
      async handler(error) {
        const written = folder
        folder = undefined
        if (written !== undefined && error === undefined) {
          await writeList(written, hashed, isCompressed)
        }
        hashed.clear()
      },
    },
  }
}

/** The client entry, if there is exactly one. */
function onlyEntry(root: string, options: ResolvedOptions): string | null {
  const entry = findClientEntry(root, options)
  return typeof entry === "string" ? entry : null
}
