import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { expect, onTestFinished, test } from "vitest"
import { createServer, type InlineConfig, resolveConfig } from "vite"

import { numberMessages } from "../src/dev/messages.ts"
import { loadRefresh, resolveRefresh } from "../src/dev/page.ts"
import { ProblemList } from "../src/dev/problems.ts"
import { type DevSession, VARIABLE } from "../src/dev/session.ts"
import { publish } from "../src/dev/state.ts"
import litestar from "../src/index.ts"
import { project, temporaryFolder } from "./support/project.ts"

const report = { url: "http://127.0.0.1:1", socket: null, origins: [], base: "/static/", entry: null, ssr: false }

/** Set the session that Python passes to Vite, for one test. */
async function session(changes: Partial<DevSession> = {}): Promise<DevSession> {
  const folder = await temporaryFolder()
  const found: DevSession = {
    state: join(folder, "state.json"),
    nonce: "right",
    owner: { pid: process.pid, start: null },
    base: "/static/",
    rootPath: "",
    watch: [],
    cspNonce: false,
    ...changes,
  }
  process.env[VARIABLE] = JSON.stringify(found)
  onTestFinished(() => void delete process.env[VARIABLE])
  return found
}

const serve = (root: string, config: InlineConfig = {}) =>
  resolveConfig({ configFile: false, logLevel: "silent", root, ...config, plugins: [litestar()] }, "serve")

test("a dev server of the app's has the base of the built files, a free port and no pages of its own", async () => {
  await session()
  const config = await serve(await project({ "src/app.ts": "" }))
  expect(config.base).toBe("/static/")
  expect(config.appType).toBe("custom")
  expect(config.server.port).toBe(0)
  expect(config.server.host).toBe("127.0.0.1")
  expect(config.html?.cspNonce).toBeUndefined()
})

test("front-end code reads the prefix that the app has now, and not the one that was written down", async () => {
  await session({ base: "/shop/static/", rootPath: "/shop" })
  const config = await serve(await project({ ".litestar-vite.json": '{ "rootPath": "/old" }' }))
  expect(config.base).toBe("/shop/static/")
  expect(config.define).toHaveProperty(["import.meta.env.VITE_ROOT_PATH"], '"/shop"')
})

test("what the user set himself wins", async () => {
  await session({ cspNonce: true })
  const config = await serve(await project({}), { base: "/mine/", appType: "spa", server: { port: 4000 }, html: { cspNonce: "own" } })
  expect(config).toMatchObject({ base: "/mine/", appType: "spa", html: { cspNonce: "own" } })
  expect(config.server.port).toBe(4000)
})

test("files of the Python side are given to nobody, and Vite's own list still holds", async () => {
  const files = { "src/app.ts": "export default 1", "app.py": "SECRET = 1", "app.db": "rows", ".env": "KEY=1", "data.json": "{}" }
  const root = await project(files)
  const server = await createServer({ configFile: false, logLevel: "silent", root, plugins: [litestar()] })
  onTestFinished(() => server.close())
  await server.listen()
  const { port } = server.httpServer!.address() as { port: number }
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
  for (const path of ["/app.py", "/app.py?raw", "/app.py?url", `/@fs${root}/app.py`, "/app.db", "/.env"]) {
    expect([path, await status(path)]).toEqual([path, 403])
  }
  expect(await status("/src/app.ts")).toBe(200)
  expect(await status("/data.json")).toBe(200)
})

test("the user's own list of denied files takes our place", async () => {
  const config = await serve(await project({}), { server: { fs: { deny: ["*.secret"] } } })
  expect(config.server.fs.deny).toEqual(["*.secret"])
})

test("a build is the same with and without a session", async () => {
  await session()
  const config = await resolveConfig(
    { configFile: false, logLevel: "silent", root: await project({ "src/app.ts": "" }), plugins: [litestar()] },
    "build",
  )
  expect(config.appType).toBe("spa")
})

test("a running dev server reports itself and answers for its nonce alone", async () => {
  const { state } = await session()
  writeFileSync(state, JSON.stringify({ pid: process.pid, nonce: "right" }))
  const root = await project({ "src/app.ts": "" })
  const server = await createServer({ configFile: false, logLevel: "silent", root, plugins: [litestar()] })
  onTestFinished(() => server.close())
  await server.listen()
  await expect.poll(() => JSON.parse(readFileSync(state, "utf8")).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const told = JSON.parse(readFileSync(state, "utf8"))
  expect(told).toMatchObject({ nonce: "right", base: "/static/", entry: "src/app.ts", ssr: false })
  const ask = async (path: string, init?: RequestInit) => fetch(`${told.url}${path}`, init)
  expect((await ask("/__litestar_vite/right/ping")).status).toBe(204)
  expect((await ask("/__litestar_vite/wrong/ping")).status).toBe(404)
  expect((await ask("/__litestar_vite/right/other")).status).toBe(404)
  const shell = await ask("/__litestar_vite/right/shell", { method: "POST", body: "<html><head></head><body></body></html>" })
  const html = await shell.text()
  expect(html).toContain('src="/static/@vite/client"')
  expect(html.indexOf("@litestar-vite/client.js")).toBeGreaterThan(0)
  const again = await ask(`/__litestar_vite/right/shell?${shell.headers.get("etag")}`, { method: "POST", body: "<html><head></head><body></body></html>" })
  expect(again.status).toBe(204)
  expect((await ask("/static/@litestar-vite/generation")).status).toBe(200)
})

test("a state file that names somebody else is left alone", async () => {
  const given = await session({ nonce: "late" })
  writeFileSync(given.state, JSON.stringify({ pid: 1, nonce: "theirs" }))
  expect(await publish(given, report)).toBe(false)
  expect(JSON.parse(readFileSync(given.state, "utf8"))).toEqual({ pid: 1, nonce: "theirs" })
})

test("a page that was away gets what it missed, and a full reload when that is too much", () => {
  const sent: Record<string, unknown>[] = []
  const listeners = new Map<string, (data: unknown, client: { send(...payload: unknown[]): void }) => void>()
  const ws = {
    send: (payload: unknown) => void sent.push(payload as Record<string, unknown>),
    on: (event: string, listener: (data: unknown, client: { send(...payload: unknown[]): void }) => void) => void listeners.set(event, listener),
  }
  numberMessages({ ws } as never)
  ws.send({ type: "update" })
  ;(ws.send as (...payload: unknown[]) => void)("custom:event", { a: 1 })
  expect(sent).toEqual([
    { type: "update", seq: 1 },
    { type: "custom", event: "custom:event", data: { a: 1 }, seq: 2 },
  ])
  const resumed: unknown[] = []
  const client = { send: (...payload: unknown[]) => void resumed.push(payload[0]) }
  listeners.get("litestar:resume")?.({ seen: 1 }, client)
  expect(resumed).toEqual([sent[1]])
  for (let count = 0; count < 300; count += 1) {
    ws.send({ type: "update" })
  }
  listeners.get("litestar:resume")?.({ seen: 1 }, client)
  expect(resumed.at(-1)).toEqual({ type: "full-reload" })
})

test("problems with types are kept for pages that connect later, and forgotten when they are gone", () => {
  const sent: unknown[] = []
  const got: unknown[] = []
  let connect = (): void => undefined
  const ws = {
    send: ({ data }: { data: unknown }) => void sent.push(data),
    on: (_: string, listener: (data: unknown, client: { send(...payload: unknown[]): void }) => void) => {
      connect = () => listener(undefined, { send: (_name, lines) => void got.push(lines) })
    },
  }
  const problems = new ProblemList({ ws } as never)
  connect()
  problems.update({ Home: ["Home: a"], Other: ["Other: b"] })
  connect()
  problems.update({ Home: [] })
  connect()
  problems.clear()
  problems.clear()
  connect()
  expect(sent).toEqual([["Home: a", "Other: b"], ["Other: b"], []])
  expect(got).toEqual([["Home: a", "Other: b"], ["Other: b"]])
})

test("the page is refreshed through the adapter that is installed", async () => {
  const id = resolveRefresh("litestar-vite/refresh")
  expect(id).toBeDefined()
  expect(await loadRefresh(id!, async (name) => name === "@inertiajs/vue3")).toContain('from "@inertiajs/vue3"')
  expect(await loadRefresh(id!, async () => false)).toContain("location.reload()")
  expect(await loadRefresh("other", async () => true)).toBeUndefined()
})

/** Return the response to a browser at the URL of a Vite that the user started. */
async function openedByHand(...plugins: { name: string }[]): Promise<string> {
  const root = await project({ "src/app.ts": "", "index.html": "<div id=app></div><script type=module src=/src/app.ts></script>" })
  const server = await createServer({ configFile: false, logLevel: "silent", root, server: { port: 0 }, plugins: [litestar(), ...plugins] })
  onTestFinished(() => server.close())
  await server.listen()
  const response = await fetch(server.resolvedUrls!.local[0]!, { headers: { accept: "text/html" } })
  return response.text()
}

test("a Vite that was started by hand says where the pages of an Inertia app are", async () => {
  const html = await openedByHand({ name: "@inertiajs/vite" })
  expect(html).toContain("litestar run --reload")
  expect(html).not.toContain("/src/app.ts")
})

test("without Inertia it shows index.html", async () => {
  const html = await openedByHand()
  expect(html).toContain("/src/app.ts")
  expect(html).not.toContain("litestar run")
})

test("the parsed Vue components are forgotten when the generated types change, and not when another file does", async () => {
  await session()
  const root = await project({ "src/app.ts": "", "src/generated/pages.gen.d.ts": "export {}" })
  let forgotten = 0
  // The part of the Vue plugin's API that is used.
  const vue = { name: "vite:vue", api: { options: { compiler: { parseCache: { clear: () => void forgotten++ } } } } }
  const server = await createServer({ configFile: false, logLevel: "silent", root, plugins: [vue, litestar()] })
  onTestFinished(() => server.close())
  server.watcher.emit("all", "change", join(root, "src/app.ts"))
  expect(forgotten).toBe(0)
  server.watcher.emit("all", "change", join(root, "src/generated/pages.gen.d.ts"))
  expect(forgotten).toBe(1)
})
