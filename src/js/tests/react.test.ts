import { execFile } from "node:child_process"
import { cp, readFile, rm } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { promisify } from "node:util"

import { afterAll, beforeAll, describe, expect, test } from "vitest"

import { copyFixture, temporaryFolder } from "./support/project.ts"
import { startWorker, withoutTestEnvironment } from "./support/worker.ts"

const viteCommand = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin/vite.js")

/** Run `npx vite ...` as a user does. */
async function vite(root: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [viteCommand, ...args], { cwd: root, env: withoutTestEnvironment() })
}

/** The bundle, away from the repository: it must run without node_modules. */
async function bundleOf(root: string, name: string): Promise<string> {
  const folder = await temporaryFolder()
  await cp(join(root, "dist/ssr"), folder, { recursive: true })
  return join(folder, name)
}

const page = (component: string, props = {}) => ({ component, props: { errors: {}, ...props }, url: `/${component}`, version: "1" })

describe("React with @inertiajs/vite", () => {
  let root: string
  beforeAll(async () => {
    root = await copyFixture("react")
    await vite(root, "build")
    await vite(root, "build", "--ssr")
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  test("one entry serves both builds", async () => {
    const manifest = JSON.parse(await readFile(join(root, "dist/client/.vite/manifest.json"), "utf8"))
    expect(manifest["src/app.tsx"]).toMatchObject({ isEntry: true, css: [expect.stringMatching(/^assets\/app-.+\.css$/)] })
    expect(manifest["src/pages/Hello.tsx"]).toMatchObject({ isDynamicEntry: true })
  })

  test("the SSR bundle holds React's production code only", async () => {
    const bundle = await readFile(join(root, "dist/ssr/app.js"), "utf8")
    expect(bundle).toContain("react-dom-server.node.production.js")
    expect(bundle).not.toContain("react-dom-server.node.development.js")
  })

  test.each([{ tcp: false }, { tcp: true }])("renders pages over %j", async ({ tcp }) => {
    const worker = await startWorker(await bundleOf(root, "app.js"), { tcp })
    const { status, json } = await worker.render(page("Hello", { name: "Zoë <3" }))
    expect(status).toBe(200)
    expect(json.head).toEqual(['<title data-inertia="">Hello Zoë &lt;3</title>'])
    expect(json.body).toContain('<script data-page="app" type="application/json">')
    expect(json.body).toContain("Zoë &lt;3")
    expect((await worker.request("/health", { method: "GET" })).json).toMatchObject({ status: "OK" })
  })

  test("errors are classified and end nothing", async () => {
    const worker = await startWorker(await bundleOf(root, "app.js"))
    expect(await worker.render(page("Throws"))).toMatchObject({
      status: 500,
      json: { type: "render", component: "Throws", url: "/Throws", sourceLocation: expect.stringMatching(/\/src\/pages\/Throws\.tsx:\d+:\d+$/) },
    })
    expect(await worker.render(page("Browser"))).toMatchObject({ status: 500, json: { type: "browser-api", browserApi: "window" } })
    expect(await worker.render(page("Nope"))).toMatchObject({ status: 500, json: { type: "component-resolution", component: "Nope" } })
    expect((await worker.request("/render", { body: '{"props": NaN}' })).status).toBe(400)
    expect((await worker.render(page("Hello", { name: "again" }))).status).toBe(200)
  })

  test("with --enable-source-maps the place is the source file", async () => {
    const worker = await startWorker(await bundleOf(root, "app.js"), { env: { NODE_OPTIONS: "--enable-source-maps" } })
    expect((await worker.render(page("Throws"))).json.sourceLocation).toMatch(/src\/pages\/Throws\.tsx:2:\d+$/)
  })

  test("stray errors and prints of a component stay out of the answer", async () => {
    const worker = await startWorker(await bundleOf(root, "app.js"))
    const { status, json } = await worker.render(page("Stray"))
    expect(status).toBe(200)
    expect(json.body).toContain("<p>stray</p>")
    await worker.printed(/printed by a component/)
    await worker.printed(/stray exception/)
    await worker.printed(/stray rejection/)
    expect((await worker.render(page("Hello", { name: "again" }))).status).toBe(200)
  })
})

describe("a classic bundle with the official server and no export", () => {
  let root: string
  beforeAll(async () => {
    root = await copyFixture("classic")
    await vite(root, "build", "--ssr")
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  test.each([{}, { FIXTURE_CLUSTER: "1" }, { FIXTURE_RAW_ERRORS: "1" }])("renders and classifies with %j", async (env) => {
    const bundle = await bundleOf(root, "ssr.js")
    expect(await readFile(bundle, "utf8")).not.toMatch(/^export (?!\{\};)/m)
    const worker = await startWorker(bundle, { env })
    expect((await worker.render(page("Hello", { name: "Zoë 😀" }))).json.body).toMatch(/Hello, (<!-- -->)?Zoë 😀/)
    expect(await worker.render(page("Browser"))).toMatchObject({
      status: 500,
      json: { type: "browser-api", browserApi: "document", component: "Browser", sourceLocation: expect.stringMatching(/\/src\/pages\.tsx:\d+:\d+$/) },
    })
    expect((await worker.request("/render", { body: "{" })).status).toBe(400)
    expect((await worker.render(page("Hello", { name: "again" }))).status).toBe(200)
    expect(worker.stderr).not.toContain("Unhandled")
    // The official server logs this before it forks.
    expect(worker.stdout).not.toContain("Primary")
  })
})
