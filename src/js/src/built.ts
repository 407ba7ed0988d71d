/**
 * Lists the files of a client build for the Python package, and writes compressed copies next to them.
 *
 * How it works:
 * 1. When the bundle is written, the plugin asks Rolldown which names contain a `[hash]`: a chunk has another
 *    preliminary name, and an asset matches `assetFileNames`. Files from `public/` are never among them.
 * 2. After all plugins have written their files (a service worker, for example), every file of the folder is hashed.
 * 3. Files that compress well get `.br`, `.gz` and, if Node supports it, `.zst` copies that are smaller. Existing files
 *    are kept.
 * 4. The list, `.vite/litestar-vite.json`, is written last. Python reads it in _assets/built_files.py.
 */
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join, relative, sep } from "node:path"
import { promisify } from "node:util"
import * as zlib from "node:zlib"

export const LIST_FILE = ".vite/litestar-vite.json"

/** A file in the list. Sizes are in bytes. */
interface ListedFile {
  /** The first 16 hex digits of the SHA-256 of its content. */
  hash: string
  size: number
  /** True if the name contains a hash of the content, so the file never changes. */
  hashed?: true
  /** The sizes of the compressed copies. */
  br?: number
  gzip?: number
  zstd?: number
}

type Encoding = "br" | "gzip" | "zstd"
type Compress = (content: Buffer) => Promise<Buffer>

/** The parts of an output file and of the output options that are used here. */
export interface OutputFile {
  type: "chunk" | "asset"
  fileName: string
  preliminaryFileName?: string
  names?: string[]
  originalFileNames?: string[]
  source?: unknown
}
export interface OutputOptions {
  dir?: string | undefined
  assetFileNames?: unknown
}

// Smaller files fit into one or two packets, compressed or not.
const MIN_SIZE = 1024
// Brotli's best level needs about 2 s per MiB.
const MAX_SIZE_OF_BEST = 4 * 1024 * 1024
// Images, fonts, video and archives are compressed already.
const COMPRESSIBLE = new RegExp(
  "\\.(?:js|mjs|cjs|css|html?|json|map|svg|txt|xml|md|csv|wasm|ico|ttf|otf|eot|bmp|webmanifest|geojson|rss|" +
    "atom|xhtml|vtt|glsl|wgsl|gltf)$",
  "i",
)

/** Return the names of the files that Rolldown named by a pattern with `[hash]`. */
export function hashedNames(bundle: Record<string, OutputFile>, options: OutputOptions): string[] {
  return Object.values(bundle)
    .filter((file) => (file.type === "chunk" ? isHashedChunk(file) : isHashedAsset(file, options.assetFileNames)))
    .map(({ fileName }) => fileName)
}

/** The preliminary name has a placeholder where the hash goes. */
function isHashedChunk({ fileName, preliminaryFileName }: OutputFile): boolean {
  return preliminaryFileName !== undefined && preliminaryFileName !== fileName
}

/** Plugins may emit an asset with a fixed file name, which the pattern does not make. */
function isHashedAsset(file: OutputFile, pattern: unknown): boolean {
  if (!file.names?.length) {
    return false
  }
  const { type, names, originalFileNames, source } = file
  const made: unknown =
    typeof pattern === "function" ? pattern({ type, name: names[0], names, originalFileNames, source }) : pattern
  return typeof made === "string" && matchesHashPattern(file.fileName, made)
}

function matchesHashPattern(fileName: string, pattern: string): boolean {
  if (!/\[hash(?::\d+)?\]/.test(pattern)) {
    return false
  }
  const parts = pattern.split(/(\[\w+(?::\d+)?\])/).map((part) => {
    const hash = /^\[hash(?::(\d+))?\]$/.exec(part)
    if (hash) {
      return `[\\w-]{${hash[1] ?? 8}}`
    }
    return { "[name]": ".+", "[ext]": "[^/]+", "[extname]": "(?:\\.[^/]+)?" }[part] ?? escaped(part)
  })
  return new RegExp(`^${parts.join("")}$`).test(fileName)
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
}

/** Compress the files in `folder`, and write the list of them. */
export async function writeList(folder: string, hashed: ReadonlySet<string>, compressed: boolean): Promise<void> {
  await removeCopies(folder)
  const names = (await filesIn(folder)).toSorted()
  const listed = new Map<string, ListedFile>()
  const left = names.values()
  const work = async () => {
    for (const name of left) {
      // oxlint-disable-next-line no-await-in-loop -- a few files at a time, since builds may have thousands.
      listed.set(name, await listFile(folder, name, hashed.has(name), compressed))
    }
  }
  // zlib compresses in Node's thread pool.
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work))
  const files = Object.fromEntries(names.map((name) => [name, listed.get(name)!]))
  await mkdir(join(folder, ".vite"), { recursive: true })
  await writeFile(join(folder, LIST_FILE), `${JSON.stringify({ version: 1, files }, null, 1)}\n`)
}

async function listFile(folder: string, name: string, isHashed: boolean, compressed: boolean): Promise<ListedFile> {
  const content = await readFile(join(folder, name))
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16)
  const file: ListedFile = { hash, size: content.length, ...(isHashed && { hashed: true }) }
  if (compressed && content.length >= MIN_SIZE && COMPRESSIBLE.test(name)) {
    const path = join(folder, name)
    await Promise.all(
      ENCODINGS.map(async ({ encoding, suffix, compress }) => {
        const size = await writeCopy(path + suffix, content, compress)
        if (size !== undefined) {
          file[encoding] = size
        }
      }),
    )
  }
  return file
}

/** Write a compressed copy if it is smaller and does not exist yet, and return its size. */
async function writeCopy(path: string, content: Buffer, compress: Compress): Promise<number | undefined> {
  if (existsSync(path)) {
    return undefined
  }
  const smaller = await compress(content)
  if (smaller.length >= content.length) {
    return undefined
  }
  await writeFile(path, smaller)
  return smaller.length
}

/** Remove the copies of an earlier build, if Vite has not emptied the folder. */
async function removeCopies(folder: string): Promise<void> {
  let files: Record<string, ListedFile> = {}
  try {
    files = JSON.parse(await readFile(join(folder, LIST_FILE), "utf8")).files
  } catch {
    // The list is missing or truncated.
  }
  const copies = Object.entries(files).flatMap(([name, file]) =>
    ENCODINGS.filter(({ encoding }) => file[encoding] !== undefined).map(({ suffix }) => join(folder, name + suffix)),
  )
  await Promise.all(copies.map((path) => rm(path, { force: true })))
}

/** All files below a folder, with "/", except dot files, which are never served. */
async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((file) => file.isFile())
    .map((file) => relative(folder, join(file.parentPath ?? file.path, file.name)).replaceAll(sep, "/"))
    .filter((name) => !name.split("/").some((part) => part.startsWith(".")))
}

const { constants } = zlib
const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)
const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip)

const ENCODINGS: { encoding: Encoding; suffix: string; compress: Compress }[] = [
  {
    encoding: "br",
    suffix: ".br",
    compress: (content) =>
      brotli(content, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: content.length > MAX_SIZE_OF_BEST ? 9 : 11,
          [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
        },
      }),
  },
  { encoding: "gzip", suffix: ".gz", compress: (content) => gzip(content, { level: 9 }) },
  ...zstandard(),
]

/** Node 22.15 and newer. */
function zstandard(): typeof ENCODINGS {
  const { zstdCompress } = zlib as { zstdCompress?: (content: Buffer, options: object, done: Done) => void }
  const level = (constants as Record<string, number>)["ZSTD_c_compressionLevel"]
  if (zstdCompress === undefined || level === undefined) {
    return []
  }
  const compress = promisify<Buffer, object, Buffer>(zstdCompress)
  return [{ encoding: "zstd", suffix: ".zst", compress: (content) => compress(content, { params: { [level]: 19 } }) }]
}

type Done = (error: Error | null, result: Buffer) => void
