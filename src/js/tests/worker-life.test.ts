import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { Agent } from "node:http"
import { connect, createServer } from "node:net"
import { join } from "node:path"

import { describe, expect, onTestFinished, test } from "vitest"

import { project } from "./support/project.ts"
import { PAGE, bundleOf, command, isNode, spawnWorker, startWorker, started, withoutTestEnvironment, workerPath } from "./support/worker.ts"

describe("bundles", () => {
  const NODE_SERVER = "import { createServer } from 'node:http';"

  test.each([
    ["a promise of a function", `export default Promise.resolve(() => ({ head: [], body: "ok" }))`, "bundle.mjs"],
    ["CommonJS", `module.exports = () => ({ head: [], body: "ok" })`, "bundle.cjs"],
    ["CommonJS with a default", `exports.__esModule = true; exports.default = () => ({ head: [], body: "ok" })`, "bundle.cjs"],
  ])("%s", async (_, source, name) => {
    const worker = await startWorker(await bundleOf(source, name))
    expect((await worker.render(PAGE)).json.body).toBe("ok")
  })

  test("a server of the bundle answers pages without ever listening", async () => {
    const blocker = createServer()
    await once(blocker.listen(0, "127.0.0.1"), "listening")
    const { port } = blocker.address() as { port: number }
    onTestFinished(() => void blocker.close())
    // The port is in use, so a bundle that listened would fail.
    const worker = await started(`${NODE_SERVER}
      let called = false
      const server = createServer((request, response) => {
        let data = ""
        request.on("data", (chunk) => (data += chunk))
        request.on("end", () => {
          const { url } = JSON.parse(data)
          setTimeout(() => response.end(JSON.stringify({ head: [request.method + request.url], body: url + called })))
        })
      })
      server.on("error", (error) => { throw error })
      await new Promise((resolve) => server.listen(${port}, "127.0.0.1", resolve))
      called = true`)
    expect((await worker.render(PAGE)).json).toEqual({ head: ["POST/render"], body: "/hometrue" })
    expect(worker.stderr).not.toContain("EADDRINUSE")
  })

  test("a server that starts late is still captured", async () => {
    const worker = await started(`${NODE_SERVER}
      setTimeout(() => createServer((_, response) => response.end('{"head":[],"body":"late"}')).listen(0), 50)`)
    expect((await worker.render(PAGE)).json.body).toBe("late")
  })

  test("an async listener that throws is a classified error", async () => {
    const worker = await started(`${NODE_SERVER}
      createServer(async () => document.title).listen(0)`)
    expect(await worker.render(PAGE)).toMatchObject({ status: 500, json: { type: "browser-api", browserApi: "document", component: "Home" } })
  })

  test("NODE_ENV is production unless it is set", async () => {
    const source = "const env = process.env.NODE_ENV; export default () => ({ head: [], body: env })"
    expect((await (await started(source)).render(PAGE)).json.body).toBe("production")
    expect((await (await started(source, { env: { NODE_ENV: "staging" } })).render(PAGE)).json.body).toBe("staging")
  })

  test("a server that starts after files were read and promises kept that nobody waits for is still captured", async () => {
    const worker = await started(`${NODE_SERVER}
      import { readFile } from "node:fs/promises"
      import { setTimeout as sleep } from "node:timers/promises"
      const title = await Promise.resolve("read")
      readFile(new URL(import.meta.url))
        .then(() => sleep(100))
        .then(() => createServer((_, response) => response.end(JSON.stringify({ head: [], body: title }))).listen(0))`)
    expect((await worker.render(PAGE)).json.body).toBe("read")
  })

  test.each([
    ["is empty", ""],
    ["exports no function", "export default 5"],
    ["exports a render function by another name only", "export const render = () => ({ head: [], body: '' })"],
    ["awaits, and starts nothing", "await new Promise((resolve) => setTimeout(resolve, 5))"],
  ])("one that %s is told at once, with exit code 3 and what to do", async (_, source) => {
    // Only Node detects that the event loop has run out of work.
    for (const env of [{}, ...(isNode ? [{ LITESTAR_VITE_SSR_ISOLATE: "2000" }] : [])]) {
      // Node does not wait for an unreferenced timer, so this is only printed if the worker waits in vain.
      const bundle = await bundleOf(`setTimeout(() => console.log("waited"), 3000).unref()\n${source}`)
      const worker = await spawnWorker(bundle, { env })
      expect(await worker.exited).toEqual({ code: 3, signal: null })
      expect(worker.stderr).toContain("neither exports a render function by default nor starts an Inertia server")
      expect(worker.stderr).toContain("build again")
      expect(worker.stdout).toBe(isNode ? "" : "waited\n")
    }
  }, 20_000)

  test("one whose server fails on its way is told, with why", async () => {
    const worker = await spawnWorker(await bundleOf("Promise.resolve().then(() => { throw new Error('no server') })"))
    expect((await worker.exited).code).toBe(3)
    expect(worker.stderr).toMatch(/Error: no server[^]*nor starts an Inertia server/)
  })

  test("one that goes on working without a server is told in the end", { timeout: 20_000 }, async () => {
    const worker = await spawnWorker(await bundleOf("setInterval(() => undefined, 1000)"))
    expect(await worker.exited).toEqual({ code: 3, signal: null })
  })

  test.each([
    ["throw new Error('at import')", "Error: at import"],
    ["import 'no-such-package'; export default () => null", "imports a package that is not installed"],
    ["document.title", "Top-level code of modules runs without a browser"],
    ["JSON.parse('{')", "Top-level code of modules runs without a browser"],
    ["export default (page =>", "This runtime cannot parse it. Run 'npx vite build --ssr' again"],
    ["import { nothing } from 'node:fs'", "This runtime cannot parse it"],
    ["export default Promise.reject(new Error('rejected default'))", "rejected default"],
    ["import cluster from 'node:cluster'; cluster.fork()", "cannot fork"],
  ])("%s: exit code 1 and what to do", async (source, message) => {
    const worker = await spawnWorker(await bundleOf(source))
    expect(await worker.exited).toEqual({ code: 1, signal: null })
    expect(worker.stderr).toContain(message)
    expect(worker.stdout).toBe("")
  })

  test("a missing bundle: exit code 1 and what to do", async () => {
    const worker = await spawnWorker("/nowhere/app.js")
    expect(await worker.exited).toEqual({ code: 1, signal: null })
    expect(worker.stderr).toContain("No SSR bundle at '/nowhere/app.js'. Run 'npx vite build --ssr'")
  })

  test.each([
    [[], { LITESTAR_VITE_SSR_SOCKET: "/tmp/x" }],
    [["a.mjs", "b.mjs"], { LITESTAR_VITE_SSR_SOCKET: "/tmp/x" }],
    [["a.mjs"], {}],
    [["a.mjs"], { LITESTAR_VITE_SSR_SOCKET: "/tmp/x", LITESTAR_VITE_SSR_PORT_FILE: "/tmp/y" }],
  ])("arguments %j with %j: exit code 2 and the usage", async (args, env) => {
    const child = spawn(command[0], [...command.slice(1), workerPath, ...args], { env: { ...withoutTestEnvironment(), ...env } })
    let stderr = ""
    child.stderr.on("data", (chunk) => (stderr += chunk))
    const [code] = await once(child, "close")
    expect(code).toBe(2)
    expect(stderr).toContain("usage: node worker.mjs <ssr bundle>")
  })
})

describe("stopping", () => {
  // The page waits until the test creates the file.
  const WAITS = `
    import { existsSync } from "node:fs"
    export default async (page) => {
      console.log("rendering")
      while (!existsSync(page.props.file)) await new Promise((resolve) => setTimeout(resolve, 5))
      return { head: [], body: "done" }
    }`

  test.each(["SIGTERM", "SIGINT"] as const)("%s lets a page in flight finish, on a kept connection too", async (signal) => {
    const worker = await started(WAITS)
    const file = join(worker.folder, "go")
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const page = worker.request("/render", { body: JSON.stringify({ ...PAGE, props: { file } }), agent })
    await worker.printed(/rendering/)
    worker.child.kill(signal)
    await worker.printed(/stopping/)
    await expect(worker.request("/health", { method: "GET" })).rejects.toThrow(/ENOENT|ECONNREFUSED/)
    writeFileSync(file, "")
    expect((await page).json.body).toBe("done")
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    expect(worker.stderr).not.toContain("still rendering")
  })

  test("a page that does not finish is left behind", async () => {
    const worker = await started(WAITS)
    const page = worker.render({ ...PAGE, props: { file: join(worker.folder, "never") } }).catch((error: Error) => error)
    await worker.printed(/rendering/)
    worker.child.stdin!.end()
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    expect(worker.stderr).toContain("a page was still rendering")
    expect(await page).toBeInstanceOf(Error)
  })

  test("the end of stdin while the bundle is still being imported stops it too", async () => {
    const worker = await spawnWorker(await bundleOf("console.log('importing'); await new Promise(() => {})"))
    await worker.printed(/importing/)
    worker.child.stdin!.end()
    expect(await worker.exited).toEqual({ code: 0, signal: null })
  })

  test("the death of the parent ends a worker that spins for ever", async () => {
    const bundle = await bundleOf(`
      import { writeSync } from "node:fs"
      export default () => { writeSync(2, "spinning " + process.pid + ";"); for (;;) {} }`)
    const socket = join(await project({}), "s")
    const parent = spawn(
      process.execPath,
      ["-e", `require("node:child_process").spawn(${JSON.stringify(command[0])}, ${JSON.stringify([...command.slice(1), workerPath, bundle])}, { stdio: ["pipe", "inherit", "inherit"] })`],
      { env: { ...withoutTestEnvironment(), LITESTAR_VITE_SSR_SOCKET: socket } },
    )
    onTestFinished(() => void parent.kill("SIGKILL"))
    let output = ""
    const spinning = new Promise<void>((resolve) => {
      parent.stderr.on("data", (chunk) => {
        output += chunk
        if (output.includes("listening")) {
          connect(socket).on("error", () => undefined).end(`POST /render HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`)
        }
        if (/spinning \d+;/.test(output)) {
          resolve()
        }
      })
    })
    await spinning
    const pid = Number(/spinning (\d+);/.exec(output)![1])
    onTestFinished(() => {
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // It has ended, as expected.
      }
    })
    // Parent and worker hold the writing end of this pipe, which ends when both have exited.
    const bothGone = once(parent.stderr, "end")
    parent.kill("SIGKILL")
    await bothGone
    expect(output).toContain("spinning")
  })
})
