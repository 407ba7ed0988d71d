import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"

import type { ResolvedOptions } from "./options.ts"

const EXTENSIONS = ["tsx", "jsx", "ts", "js"]
const CLIENT_ENTRIES = candidates("src/app", "src/main")
const SSR_ENTRIES = candidates("src/ssr")

const COMMENT = /<!--[\s\S]*?-->/g
const SCRIPT = /<script\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi

/** The document around the pages, if the client build makes it. */
export interface Document {
  /** Its path, the input of the build. */
  readonly path: string
  /** The entry that the plugin adds to it, for a document without a module script. */
  readonly missingScript: string | undefined
}

/**
 * The document that the client build makes; undefined if it builds scripts only.
 *
 * It makes index.html if the file exists, unless `input` names other entries than the document's script.
 */
export function findDocument(root: string, options: ResolvedOptions): Document | undefined {
  const { input, indexHtml } = options
  const hasDocument = indexHtml !== false && existsSync(resolve(root, indexHtml))
  if (!hasDocument || (input !== undefined && typeof input !== "string")) {
    return undefined
  }
  const scripts = moduleScripts(root, indexHtml)
  const entry = input ?? firstExisting(root, CLIENT_ENTRIES)
  if (scripts.length === 0) {
    return entry === undefined ? undefined : { path: indexHtml, missingScript: `/${normalize(entry)}` }
  }
  const isOther = input !== undefined && input !== indexHtml && !scripts.includes(normalize(input))
  return isOther ? undefined : { path: indexHtml, missingScript: undefined }
}

/** The script of the client: the option, else that of index.html, else the first existing candidate under `root`. */
export function findClientEntry(root: string, options: ResolvedOptions): ResolvedOptions["input"] {
  return options.input ?? documentScript(root, options) ?? firstExisting(root, CLIENT_ENTRIES)
}

/** The entry of the SSR build: `src/ssr.*`, else the client entry (with `@inertiajs/vite`, one file is both). */
export function findSSREntry(root: string, options: ResolvedOptions): string | undefined {
  const only = typeof options.input === "string" ? options.input : undefined
  const candidate = firstExisting(root, CLIENT_ENTRIES)
  return firstExisting(root, SSR_ENTRIES) ?? only ?? documentScript(root, options) ?? candidate
}

/** The first module script of index.html that is a file under `root`. */
function documentScript(root: string, { indexHtml }: ResolvedOptions): string | undefined {
  const scripts = indexHtml !== false && existsSync(resolve(root, indexHtml)) ? moduleScripts(root, indexHtml) : []
  return firstExisting(root, scripts.filter((path) => path !== ""))
}

/** The paths of a document's local module scripts; an empty path is an inline script. */
function moduleScripts(root: string, path: string): string[] {
  const html = readFileSync(resolve(root, path), "utf8").replaceAll(COMMENT, "")
  return [...html.matchAll(SCRIPT)]
    .map(([, attributes = ""]) => attributes)
    .filter((attributes) => attribute(attributes, "type")?.toLowerCase() === "module")
    .map((attributes) => attribute(attributes, "src") ?? "")
    .filter((src) => !src.includes("//"))
    .map((src) => normalize(src))
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, "i").exec(attributes)
  return found === null ? undefined : (found[1] ?? found[2] ?? found[3])
}

function normalize(path: string): string {
  return path.replace(/^\/+/, "").replace(/^\.\//, "")
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
