/**
 * Reads the configuration of the Python package from `.litestar-vite.json` in Vite's root.
 *
 * `litestar assets install`, `build` and `dev` write the file from `ViteConfig`. Commit it, so that `npm run build` has
 * the same settings on a machine without Python.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"

import { version as ownVersion } from "../package.json"
import type { LitestarOptions } from "./options.ts"

export const BRIDGE_FILE = ".litestar-vite.json"

// The keys that src/py/litestar_vite/_assets/bridge.py writes.
const NAMES = ["input", "bundleDir", "ssrDir", "assetUrl", "rootPath", "indexHtml"] as const

/**
 * Return the options in the file; empty if it does not exist.
 *
 * @throws Error if the file cannot be read, or if the Python package has a different version.
 */
export function readBridge(root: string): LitestarOptions {
  const path = resolve(root, BRIDGE_FILE)
  const bridge = parse(path)
  const pythonVersion = bridge["version"]
  if (pythonVersion !== undefined && pythonVersion !== ownVersion) {
    throw new Error(
      `litestar-vite: the Python package has version ${String(pythonVersion)}, but the npm package in this project ` +
        `has ${ownVersion}. Run: litestar assets install`,
    )
  }
  const given = NAMES.filter((name) => typeof bridge[name] === "string" || bridge[name] === false)
  return Object.fromEntries(given.map((name) => [name, bridge[name]]))
}

function parse(path: string): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return {}
    }
    throw error
  }
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? { ...value } : {}
  } catch (error) {
    const message = `litestar-vite: '${path}' is not JSON. Delete it, then run: litestar assets install`
    throw new Error(message, { cause: error })
  }
}
