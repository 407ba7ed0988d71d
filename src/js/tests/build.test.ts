import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { build, type InlineConfig } from "vite"
import { expect, test } from "vitest"

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
  expect(readdirSync(join(root, "dist/ssr")).toSorted()).toEqual(["package.json", "ssr.js"])
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

test("packages that the user keeps external stay imports", async () => {
  const root = await project(FILES)
  await run(root, { build: { ssr: true }, ssr: { noExternal: [] } })
  expect(readFileSync(join(root, "dist/ssr/ssr.js"), "utf8")).toContain('from "a-package"')
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
