import { existsSync } from "node:fs"
import { resolve } from "node:path"

import type { ResolvedOptions } from "./options.ts"

const EXTENSIONS = ["tsx", "jsx", "ts", "js"]
const CLIENT_ENTRIES = candidates("src/app", "src/main")
const SSR_ENTRIES = candidates("src/ssr")

/** The entry of the client build: the option, else the first existing candidate under `root`. */
export function findClientEntry(root: string, options: ResolvedOptions): ResolvedOptions["input"] {
  return options.input ?? firstExisting(root, CLIENT_ENTRIES)
}

/** The entry of the SSR build: `src/ssr.*`, else the client entry (with `@inertiajs/vite`, one file is both). */
export function findSSREntry(root: string, options: ResolvedOptions): string | undefined {
  const only = typeof options.input === "string" ? options.input : undefined
  return firstExisting(root, SSR_ENTRIES) ?? only ?? firstExisting(root, CLIENT_ENTRIES)
}

/** Return an error with the candidates and a suggestion. */
export function missingEntry(root: string, kind: "client" | "SSR"): Error {
  const names = kind === "SSR" ? "src/ssr, src/app and src/main" : "src/app and src/main"
  const hint =
    kind === "SSR"
      ? "Create src/ssr.tsx, or pass a file: 'vite build --ssr <file>'."
      : "Create src/app.tsx, or set the entry: litestar({ input: 'path/to/entry.tsx' })."
  const looked = `looked for ${names} with .${EXTENSIONS.join(", .")}`
  return new Error(`litestar-vite: no ${kind} entry in '${root}' (${looked}). ${hint}`)
}

function candidates(...stems: string[]): string[] {
  return stems.flatMap((stem) => EXTENSIONS.map((extension) => `${stem}.${extension}`))
}

function firstExisting(root: string, paths: string[]): string | undefined {
  return paths.find((path) => existsSync(resolve(root, path)))
}
