import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { build, createLogger, createServer, type InlineConfig } from "vite"
import { describe, expect, test } from "vitest"

import litestar from "../src/index.ts"
import { project, shipped } from "./support/project.ts"
import { startWorker } from "./support/worker.ts"

const FILES = {
  "package.json": "{}",
  "public/robots.txt": "",
  "src/app.js": "import './app.css'; import('./page.js').then(({ page }) => document.body.append(page()))",
  "src/app.css": "body { color: rebeccapurple }",
  "src/page.js": "import logo from './logo.svg?no-inline'; export const page = () => logo",
  "src/logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
  "src/ssr.js": "import package_ from 'a-package'; import { page } from './page.js'; export default () => ({ head: [package_], body: page() })",
  "node_modules/a-package/package.json": '{ "name": "a-package", "main": "main.js" }',
  // CommonJS with a built-in module and the switch that React and Vue use.
  "node_modules/a-package/main.js": "module.exports = require('path').posix.join('a', process.env.NODE_ENV === 'development' ? 'development' : 'production')",
}

const run = (root: string, config: InlineConfig = {}) =>
  build({ root, configFile: false, logLevel: "silent", plugins: [litestar()], ...config })

test("a client build writes hashed files and the manifest that Python reads", async () => {
  const root = await project({ ...FILES, "dist/client/old.js": "" })
  await run(root)
  const manifest = JSON.parse(readFileSync(join(root, "dist/client/.vite/manifest.json"), "utf8"))
  expect(manifest["src/app.js"]).toMatchObject({ isEntry: true, file: expect.stringMatching(/^assets\/app-.{8}\.js$/) })
  expect(manifest["src/app.js"].css).toHaveLength(1)
  expect(readdirSync(join(root, "dist/client")).toSorted()).toEqual([".vite", "assets", "robots.txt"])
})

test("an SSR build is a folder that runs anywhere, and names the client's URLs", async () => {
  const root = await project(FILES)
  await run(root)
  await run(root, { build: { ssr: true } })
  expect(readdirSync(join(root, "dist/ssr")).toSorted()).toEqual(["package.json", "ssr.js", "ssr.js.map"])
  expect(JSON.parse(readFileSync(join(root, "dist/ssr/package.json"), "utf8"))).toEqual({ type: "module" })
  const bundle = readFileSync(join(root, "dist/ssr/ssr.js"), "utf8")
  const elsewhere = await project({ "package.json": '{ "type": "module" }', "ssr.js": bundle })
  const worker = await startWorker(join(elsewhere, "ssr.js"))
  const { json } = await worker.render({ component: "Page" })
  const logo = readdirSync(join(root, "dist/client/assets")).find((name) => name.endsWith(".svg"))
  expect(json.body).toBe(`/static/assets/${logo}`)
  expect(json.head[0]).toMatch(/^a\//)
})

test("an SSR build leaves the client build alone, and a client build the SSR build", async () => {
  const root = await project(FILES)
  await run(root, { build: { ssr: true } })
  await run(root)
  await run(root, { build: { ssr: true } })
  expect(existsSync(join(root, "dist/client/.vite/manifest.json"))).toBe(true)
  expect(existsSync(join(root, "dist/ssr/ssr.js"))).toBe(true)
})

test.each([
  ["that the user keeps external stay imports", { external: ["a-package"] }, true],
  ["stay imports if all are external", { external: true as const }, true],
  ["are bundled with those that the user names", { noExternal: ["another"] }, false],
])("packages %s", async (_, ssr, isImported) => {
  const root = await project(FILES)
  await run(root, { build: { ssr: true }, ssr })
  expect(/from ?"a-package"/.test(readFileSync(join(root, "dist/ssr/ssr.js"), "utf8"))).toBe(isImported)
  expect(existsSync(join(root, "dist/ssr/ssr.js.map"))).toBe(true)
})

const STYLED = {
  ...FILES,
  "package.json": '{ "type": "module", "dependencies": { "styled": "1", "a-package": "1" } }',
  "src/ssr.js": "import { name } from 'styled'; export default () => ({ head: [], body: name })",
  "node_modules/styled/package.json": '{ "name": "styled", "type": "module", "exports": { ".": { "import": "./index.js" } } }',
  "node_modules/styled/index.js": "export { name } from './parts/name.js'",
  "node_modules/styled/parts/name.js": "import './name.css'; export const name = 'styled'",
  "node_modules/styled/parts/name.css": "b { color: red }",
}

test("a package that imports styles renders in development and in a build", async () => {
  const root = await project(STYLED)
  const server = await createServer({ root, configFile: false, logLevel: "silent", plugins: [litestar()], server: { middlewareMode: true } })
  const module = await server.ssrLoadModule("/src/ssr.js")
  expect(module["default"]().body).toBe("styled")
  await server.close()
  await run(root, { build: { ssr: true } })
  const worker = await startWorker(join(root, "dist/ssr/ssr.js"))
  expect((await worker.render({ component: "Page" })).json.body).toBe("styled")
})

test("a failing render names its place in the source", async () => {
  const root = await project({
    ...FILES,
    "src/ssr.js": "import { page } from './page.js'\nexport default () => page()",
    "src/page.js": "// A line that the bundle does not have.\n\nexport function page() {\n  throw new Error('it broke')\n}",
  })
  await run(root, { build: { ssr: true } })
  const worker = await startWorker(join(root, "dist/ssr/ssr.js"))
  const { json } = await worker.render({ component: "Page" })
  expect(json.sourceLocation).toBe(`${join(root, "src/page.js")}:4:9`)
})

test("a file's URL by import.meta.url is a warning of the SSR build", async () => {
  const root = await project({
    ...FILES,
    "src/ssr.js": "export default () => new URL('./logo.svg', import.meta.url).href",
    "src/app.js": "// new URL('./logo.svg', import.meta.url)",
  })
  const warnings: string[] = []
  const logger = { ...createLogger("silent"), warn: (text: string) => void warnings.push(text) }
  await run(root, { customLogger: logger })
  expect(warnings.filter((text) => text.includes("litestar-vite"))).toEqual([])
  await run(root, { build: { ssr: true }, customLogger: logger })
  expect(warnings.join("")).toContain("import url from './logo.svg?url'")
})

test.each(["index.html", "no document"])("the client of %s reloads once if a chunk is missing", async (kind) => {
  const html = '<head></head><body><script type="module" src="/src/app.js"></script></body>'
  const root = await project({ ...FILES, ...(kind === "index.html" && { "index.html": html }) })
  await run(root)
  const manifest = JSON.parse(readFileSync(join(root, "dist/client/.vite/manifest.json"), "utf8"))
  const entry = manifest[kind === "index.html" ? "index.html" : "src/app.js"].file
  expect(readFileSync(join(root, "dist/client", entry), "utf8").match(/litestar-vite:reloaded/g)).toHaveLength(1)
  const bundle = await run(root, { build: { ssr: true, write: false } })
  expect(JSON.stringify(bundle)).not.toContain("vite:preloadError")
})

test("the shipped folder is a package without dependencies, whose plugin builds", async () => {
  const { exports: entries, ...manifest } = JSON.parse(readFileSync(join(shipped, "package.json"), "utf8"))
  const source = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"))
  expect(manifest).toMatchObject({ name: "litestar-vite", version: source.version, type: "module" })
  expect(manifest).not.toHaveProperty("devDependencies")
  expect(manifest).not.toHaveProperty("scripts")
  expect(existsSync(join(shipped, entries["."].types))).toBe(true)
  // As npm links it: no node_modules around it.
  const folder = await project({ "index.js": readFileSync(join(shipped, entries["."].default), "utf8"), "package.json": '{ "type": "module" }' })
  const { default: linked } = await import(join(folder, "index.js"))
  const root = await project(FILES)
  await run(root, { plugins: [linked()] })
  expect(existsSync(join(root, "dist/client/.vite/manifest.json"))).toBe(true)
  expect(readFileSync(join(shipped, entries["."].types), "utf8")).not.toMatch(/from ["']/)
})

test("the shipped worker imports Node's own modules only", () => {
  const source = readFileSync(join(shipped, "worker.mjs"), "utf8")
  const imported = [...source.matchAll(/^import .* from "(.+)";$/gm)].map(([, name]) => name!)
  expect(imported).toContain("node:http")
  expect(imported.filter((name) => !name.startsWith("node:"))).toEqual([])
})

describe("index.html", () => {
  const INDEX = `<!doctype html><html><head><title>%VITE_NAME%</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/src/page.css"></head>
    <body><div id="app" class="grid">Loading</div><script type="module" src="/src/app.js"></script></body></html>`
  const DOCUMENT = { ...FILES, "index.html": INDEX, "public/icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>", ".env": "VITE_NAME=Kontor", "src/page.css": "body { margin: 0 }" }
  const built = (root: string, path = "index.html") => readFileSync(join(root, "dist/client", path), "utf8")
  const manifest = (root: string) => JSON.parse(readFileSync(join(root, "dist/client/.vite/manifest.json"), "utf8"))

  test("is made by the build, with variables, public files, styles and the script", async () => {
    const root = await project(DOCUMENT)
    await run(root)
    const html = built(root)
    expect(html).toContain("<title>Kontor</title>")
    expect(html).toContain('<link rel="icon" href="/static/icon.svg">')
    expect(html).toMatch(/<script type="module" crossorigin src="\/static\/assets\/index-.{8}\.js"><\/script>/)
    expect(html).toMatch(/<link rel="stylesheet" crossorigin href="\/static\/assets\/index-.{8}\.css">/)
    expect(html).toContain('<div id="app" class="grid">Loading</div>')
    expect(manifest(root)["index.html"]).toMatchObject({ isEntry: true })
  })

  test("without a script gets the entry, from the option or the default", async () => {
    const html = INDEX.replace(/<script.*<\/script>/, "")
    for (const options of [{}, { input: "./src/app.js" }]) {
      const root = await project({ ...DOCUMENT, "index.html": html })
      // oxlint-disable-next-line no-await-in-loop -- builds share the process
      await run(root, { plugins: [litestar(options)] })
      expect(built(root)).toMatch(/<script type="module" crossorigin src="\/static\/assets\/index-.{8}\.js"><\/script>/)
    }
  })

  test.each([
    ["another entry", { input: "src/other.js" }],
    ["several entries", { input: ["src/app.js", "src/other.js"] }],
    ["templates", { indexHtml: false as const }],
  ])("is left alone for %s", async (_, options) => {
    const root = await project({ ...DOCUMENT, "src/other.js": "console.log(1)" })
    await run(root, { plugins: [litestar(options)] })
    expect(existsSync(join(root, "dist/client/index.html"))).toBe(false)
    expect(Object.values(manifest(root)).some((chunk) => (chunk as { isEntry?: boolean }).isEntry)).toBe(true)
  })

  test("in another folder is made there", async () => {
    const root = await project({ ...DOCUMENT, "web/page.html": INDEX })
    await run(root, { plugins: [litestar({ indexHtml: "web/page.html" })] })
    expect(built(root, "web/page.html")).toContain('href="/static/icon.svg"')
    expect(manifest(root)).toHaveProperty(["web/page.html"])
  })

  test("has absolute URLs with a relative base", async () => {
    const root = await project(DOCUMENT)
    await run(root, { base: "./" })
    expect(built(root)).not.toMatch(/(?:src|href)="(?!\/static\/)/)
  })

  test("and one style sheet for everything are linked, whether the document or the script is the input", async () => {
    const root = await project(DOCUMENT)
    await run(root, { build: { cssCodeSplit: false } })
    expect(built(root).match(/rel="stylesheet"/g)).toHaveLength(1)
    await run(root, { plugins: [litestar({ indexHtml: false })], build: { cssCodeSplit: false } })
    // The form that src/py/litestar_vite/_assets/manifest.py reads.
    expect(manifest(root)["style.css"]).toMatchObject({ file: expect.stringMatching(/^assets\/style-.{8}\.css$/) })
    expect(manifest(root)["src/app.js"]).not.toHaveProperty("css")
  })

  test("names the script of the SSR build", async () => {
    const { "src/ssr.js": _, ...rest } = DOCUMENT
    const root = await project({ ...rest, "web/start.js": "export default 1", "index.html": INDEX.replace("/src/app.js", "/web/start.js") })
    await run(root, { build: { ssr: true } })
    expect(existsSync(join(root, "dist/ssr/start.js"))).toBe(true)
  })
})
