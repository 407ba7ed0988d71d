import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { brotliDecompressSync, constants, brotliCompressSync, gunzipSync } from "node:zlib"

import { build, type InlineConfig, type Plugin } from "vite"
import { expect, test } from "vitest"

import litestar from "../src/index.ts"
import { project } from "./support/project.ts"

const TEXT = "the same words in each line, which compress well\n".repeat(60)
const FILES = {
  "package.json": "{}",
  "public/terms.txt": TEXT,
  "public/small.txt": "short",
  "public/app-download.js": "// a word of eight letters",
  "public/photo.png": TEXT,
  "public/archive.json": TEXT,
  "public/archive.json.gz": "the user's own",
  "public/.well-known/x": "hidden",
  "src/app.js": `import './app.css'; import('./page.js').then(({ page }) => page(${JSON.stringify(TEXT)}))`,
  "src/app.css": "body { background: url(./logo.svg?no-inline) }",
  "src/page.js": "export const page = (text) => document.body.append(text)",
  "src/logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
  "src/ssr.js": `export default () => ({ head: [], body: ${JSON.stringify(TEXT)} })`,
}

const run = (root: string, config: InlineConfig = {}) =>
  build({ root, configFile: false, logLevel: "silent", plugins: [litestar()], ...config })

interface Listed {
  hash: string
  size: number
  hashed?: true
  br?: number
  gzip?: number
}

function listIn(root: string): Record<string, Listed> {
  return JSON.parse(readFileSync(join(root, "dist/client/.vite/litestar-vite.json"), "utf8")).files
}

const hashedIn = (root: string) => Object.entries(listIn(root)).flatMap(([name, { hashed }]) => (hashed ? [name.replace(/-[\w-]{8}\./, "-*.")] : []))

/** Emits assets as plugins do: by a fixed file name, and by a name for the pattern. */
const emitting: Plugin = {
  name: "emitting",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "fixed-ABCD1234.txt", source: "fixed" })
    this.emitFile({ type: "asset", name: "both.txt", fileName: "both.txt", source: "both" })
    this.emitFile({ type: "asset", name: "named.txt", source: "named" })
  },
}

test("the list names the files whose name the build made with a hash, and no others", async () => {
  const root = await project(FILES)
  await run(root, { plugins: [litestar(), emitting] })
  expect(hashedIn(root).toSorted()).toEqual(["assets/app-*.css", "assets/app-*.js", "assets/logo-*.svg", "assets/named-*.txt", "assets/page-*.js"])
  expect(Object.keys(listIn(root))).toEqual(expect.arrayContaining(["app-download.js", "fixed-ABCD1234.txt", "both.txt", "terms.txt"]))
  expect(Object.keys(listIn(root)).filter((name) => name.includes("/.") || name.startsWith("."))).toEqual([])
})

test("names without a hash are not listed as hashed, whichever pattern makes them", async () => {
  const root = await project(FILES)
  const output = {
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash:12].js",
    assetFileNames: ({ names }: { names: string[] }) => (names[0]!.endsWith(".css") ? "[name][extname]" : "x/[hash][extname]"),
  }
  await run(root, { build: { rolldownOptions: { output } } })
  const files = listIn(root)
  expect(files["app.js"]?.hashed).toBeUndefined()
  expect(files["app.css"]?.hashed).toBeUndefined()
  const hashed = Object.keys(files).filter((name) => files[name]!.hashed)
  expect(hashed).toEqual([expect.stringMatching(/^chunks\/page-.{12}\.js$/), expect.stringMatching(/^x\/.{8}\.svg$/)])
})

test("files above 1 KiB that compress have smaller copies, in Brotli's best level", async () => {
  const root = await project(FILES)
  await run(root)
  const folder = join(root, "dist/client")
  const files = listIn(root)
  const script = Object.keys(files).find((name) => /app-.*\.js$/.test(name) && name.startsWith("assets"))!
  for (const name of [script, "terms.txt"]) {
    const content = readFileSync(join(folder, name))
    const br = readFileSync(join(folder, `${name}.br`))
    expect(brotliDecompressSync(br)).toEqual(content)
    expect(br.length).toBe(brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length)
    expect(gunzipSync(readFileSync(join(folder, `${name}.gz`)))).toEqual(content)
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 16)
    expect(files[name]).toMatchObject({ hash, size: content.length, br: br.length })
  }
  expect(readdirSync(folder).filter((name) => /^(small|photo)/.test(name)).toSorted()).toEqual(["photo.png", "small.txt"])
  // A user's file is neither replaced nor considered a copy.
  expect(readFileSync(join(folder, "archive.json.gz"), "utf8")).toBe("the user's own")
  expect(files["archive.json"]).toMatchObject({ br: expect.any(Number) })
  expect(files["archive.json"]).not.toHaveProperty("gzip")
})

test("compression can be switched off, and an SSR build has neither copies nor a list", async () => {
  const root = await project(FILES)
  await run(root, { plugins: [litestar({ compress: false })] })
  await run(root, { build: { ssr: true } })
  const written = readdirSync(join(root, "dist"), { recursive: true }).map(String)
  expect(written.filter((name) => /\.(br|gz|zst)$/.test(name))).toEqual([join("client", "archive.json.gz")])
  expect(existsSync(join(root, "dist/ssr/.vite/litestar-vite.json"))).toBe(false)
  expect(listIn(root)["terms.txt"]).toMatchObject({ size: TEXT.length })
  expect(() => litestar({ compress: "no" as never })).toThrow("option 'compress' must be true or false")
})

test("files that a plugin writes last are listed, and a failed build is not", async () => {
  const root = await project(FILES)
  const late: Plugin = { name: "late", closeBundle: () => writeFileSync(join(root, "dist/client/sw.js"), TEXT) }
  await run(root, { plugins: [litestar(), late] })
  expect(listIn(root)["sw.js"]).toMatchObject({ size: TEXT.length, br: expect.any(Number) })
  const failing: Plugin = {
    name: "failing",
    generateBundle() {
      this.error("no")
    },
  }
  await expect(run(root, { plugins: [litestar(), failing] })).rejects.toThrow("no")
  expect(existsSync(join(root, "dist/client/assets"))).toBe(existsSync(join(root, "dist/client/.vite/litestar-vite.json")))
})

test("a build into a folder that is not emptied replaces the copies of the last one", async () => {
  const root = await project(FILES)
  await run(root, { build: { emptyOutDir: false } })
  const longer = `${TEXT}more`
  writeFileSync(join(root, "public/terms.txt"), longer)
  await run(root, { build: { emptyOutDir: false } })
  expect(brotliDecompressSync(readFileSync(join(root, "dist/client/terms.txt.br"))).toString()).toBe(longer)
  expect(Object.keys(listIn(root)).filter((name) => name.endsWith(".br"))).toEqual([])
})
