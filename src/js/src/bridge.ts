/**
 * What Python resolved, read from `.litestar-vite.json` in Vite's root.
 *
 * `litestar assets install`, `build` and `dev` write it from `ViteConfig`, so that one place decides. It belongs into version control:
 * `npm run build` on a machine without Python then builds the same.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"

import { version as ownVersion } from "../package.json"
import type { LitestarOptions } from "./options.ts"

export const BRIDGE_FILE = ".litestar-vite.json"

// What Python calls them, too: src/py/litestar_vite/assets/bridge.py writes these names.
const NAMES = ["input", "bundleDir", "ssrDir", "assetUrl", "rootPath"] as const

/**
 * Return the options that Python wrote; none when there is no such file.
 *
 * @throws Error when the file cannot be read, or when Python has another version of this package.
 */
export function readBridge(root: string): LitestarOptions {
  const path = resolve(root, BRIDGE_FILE)
  const bridge = parse(path)
  const theirs = bridge["version"]
  if (theirs !== undefined && theirs !== ownVersion) {
    throw new Error(
      `litestar-vite: Python has version ${String(theirs)}, and the npm package in this project has ${ownVersion}. Run: litestar assets install`,
    )
  }
  return Object.fromEntries(NAMES.filter((name) => typeof bridge[name] === "string").map((name) => [name, bridge[name]]))
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
    throw new Error(`litestar-vite: '${path}' is not JSON. Delete it, then run: litestar assets install`, { cause: error })
  }
}
