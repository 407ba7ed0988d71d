/**
 * Finds the packages that import styles. Node cannot load them, so Vite must bundle them in development as in a build.
 */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

const STYLE = /(?:\bimport|\brequire\()\s*["'][^"']+\.(?:css|scss|sass|less|styl)["']/
const STYLE_FILE = /\.(?:css|scss|sass|less|styl|stylus|pcss|postcss)$/
const RELATIVE = /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*["'](\.{1,2}\/[^"']+)["']/g
// Enough to find the styles of any package; one with thousands of files must not delay the dev server.
const MAX_FILES = 300

/** Return whether a file is a style sheet, which Vite's client replaces in place. */
export function isStyle(file: string): boolean {
  return STYLE_FILE.test(file)
}

/** Return the project's direct dependencies that import styles. */
export function packagesWithStyles(root: string): string[] {
  const folder = projectFolder(root)
  const names = folder === undefined ? [] : Object.keys(readJson(join(folder, "package.json"))["dependencies"] ?? {})
  return names.filter((name) => importsStyles(join(folder as string, "node_modules", name)))
}

function projectFolder(root: string): string | undefined {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) {
      return folder
    }
    if (folder === dirname(folder)) {
      return undefined
    }
  }
}

function importsStyles(folder: string): boolean {
  const manifest = readJson(join(folder, "package.json"))
  const pending = [...starts(manifest["exports"]), manifest["module"], manifest["main"] ?? "index.js"]
    .filter((path): path is string => typeof path === "string" && !path.includes("*"))
    .map((path) => join(folder, path))
  const seen = new Set<string>()
  while (pending.length > 0 && seen.size < MAX_FILES) {
    const file = findFile(pending.pop() as string)
    if (file === undefined || seen.has(file)) {
      continue
    }
    seen.add(file)
    const code = readFileSync(file, "utf8")
    if (STYLE.test(code)) {
      return true
    }
    pending.push(...[...code.matchAll(RELATIVE)].map(([, path]) => join(dirname(file), path as string)))
  }
  return false
}

/** The files that `exports` names for imports. */
function starts(exports: unknown): unknown[] {
  if (typeof exports !== "object" || exports === null) {
    return [exports]
  }
  return Object.entries(exports)
    .filter(([condition]) => condition !== "types" && condition !== "require" && condition !== "browser")
    .flatMap(([, value]) => starts(value))
}

function findFile(path: string): string | undefined {
  const found = [path, `${path}.js`, `${path}.mjs`, join(path, "index.js")].find((file) => existsSync(file))
  return found !== undefined && /\.[cm]?js$/.test(found) ? found : undefined
}

function readJson(path: string): Record<string, object | string | undefined> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, object | string | undefined>
  } catch {
    return {}
  }
}
