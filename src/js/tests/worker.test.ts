import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { Agent } from "node:http"
import { connect, createServer } from "node:net"
import { join } from "node:path"

import { describe, expect, onTestFinished, test } from "vitest"

import { project } from "./support/project.ts"
import { spawnWorker, startWorker, withoutTestEnvironment, workerPath } from "./support/worker.ts"

const PAGE = { component: "Home", props: { errors: {} }, url: "/home", version: "1" }
const RENDERS = "export default async (page) => ({ head: ['<title>T</title>'], body: `<p>${JSON.stringify(page.props)}</p>` })"

/** A bundle with this source, in a folder where no packages are. */
async function bundleOf(source: string, name = "bundle.mjs"): Promise<string> {
  return join(await project({ [name]: source }), name)
}

async function started(source: string, options: Parameters<typeof spawnWorker>[1] = {}) {
  return startWorker(await bundleOf(source), options)
}

describe.each([{ tcp: false }, { tcp: true }])("over %j", ({ tcp }) => {
  test("renders, is healthy and answers 404 elsewhere", async () => {
    const worker = await started(RENDERS, { tcp })
    const rendered = await worker.render({ ...PAGE, props: { a: 1 } })
    expect(rendered.status).toBe(200)
    expect(rendered.json).toEqual({ head: ["<title>T</title>"], body: '<p>{"a":1}</p>' })
    expect(rendered.headers["content-type"]).toBe("application/json")
    expect(rendered.headers["content-length"]).toBe(String(Buffer.byteLength(rendered.text)))
    expect(rendered.headers).not.toHaveProperty("transfer-encoding")
    expect(rendered.headers).not.toHaveProperty("server")
    expect(await worker.request("/health", { method: "GET" })).toMatchObject({ status: 200, json: { status: "OK" } })
    for (const [method, path] of [["GET", "/render"], ["POST", "/health"], ["POST", "/shutdown"], ["GET", "/"], ["POST", "/render/x"]] as const) {
      expect(await worker.request(path, { method })).toMatchObject({ status: 404, json: { status: "NOT_FOUND" } })
    }
  })

  test("stops with code 0 when stdin ends, and removes its traces", async () => {
    const worker = await started(RENDERS, { tcp })
    const trace = "socket" in worker.address ? worker.address.socket : worker.address.portFile
    expect(existsSync(trace)).toBe(true)
    worker.child.stdin!.end()
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    expect(existsSync(trace)).toBe(false)
  })
})

test("what the official server says of a port that nobody listens on is not logged, and the rest is", async () => {
  const worker = await started(`
    console.log("Starting SSR server on port 13714...")
    console.log("[1 / 4711] Inertia SSR server started.")
    console.log("Inertia SSR server started.", 1)
    console.log("Starting SSR server on port 13714... said the page")
    ${RENDERS}`)
  await worker.render(PAGE)
  await expect.poll(() => worker.stdout).toBe("Inertia SSR server started. 1\nStarting SSR server on port 13714... said the page\n")
})

describe("address", () => {
  test("the socket is for this user only", async () => {
    const worker = await started(RENDERS)
    expect(statSync((worker.address as { socket: string }).socket).mode & 0o777).toBe(0o600)
  })

  test("the port file holds the number and a newline, and is for this user only", async () => {
    const worker = await started(RENDERS, { tcp: true })
    const { portFile } = worker.address as { portFile: string }
    expect(readFileSync(portFile, "utf8")).toMatch(/^\d+\n$/)
    expect(statSync(portFile).mode & 0o777).toBe(0o600)
  })

  test("a port is open on 127.0.0.1 and nowhere else", async () => {
    const worker = await started(RENDERS, { tcp: true })
    const { port } = worker.target as { port: number }
    // All of 127.0.0.0/8 is this machine: a server on 0.0.0.0 would answer here.
    const probe = connect(port, "127.0.0.2")
    const [error] = await once(probe, "error")
    expect(error.code).toBe("ECONNREFUSED")
  })

  test("the socket of a killed worker is taken over", async () => {
    const bundle = await bundleOf(RENDERS)
    const first = await startWorker(bundle)
    const { socket } = first.address as { socket: string }
    first.child.kill("SIGKILL")
    await first.exited
    expect(existsSync(socket)).toBe(true)
    const second = await startWorker(bundle, { socket })
    expect((await second.render(PAGE)).status).toBe(200)
  })

  test("the socket of a running worker is not", async () => {
    const bundle = await bundleOf(RENDERS)
    const first = await startWorker(bundle)
    const second = await spawnWorker(bundle, first.address as { socket: string })
    expect((await second.exited).code).toBe(1)
    expect(second.stderr).toContain("Another process listens on")
    expect((await first.render(PAGE)).status).toBe(200)
  })

  test("a file at the socket's path is left alone", async () => {
    const bundle = await bundleOf(RENDERS)
    const socket = join(await project({ precious: "data" }), "precious")
    const worker = await spawnWorker(bundle, { socket })
    expect((await worker.exited).code).toBe(1)
    expect(worker.stderr).toContain("exists and is no socket")
    expect(readFileSync(socket, "utf8")).toBe("data")
  })

  test("a socket path that the kernel would cut is refused", async () => {
    const worker = await spawnWorker(await bundleOf(RENDERS), { socket: `/tmp/${"x".repeat(120)}` })
    expect((await worker.exited).code).toBe(1)
    expect(worker.stderr).toContain("longer than 103 bytes")
  })
})

describe("requests", () => {
  test("a character that is cut in two by chunks arrives whole", async () => {
    const worker = await started(RENDERS)
    const bytes = Buffer.from(JSON.stringify({ ...PAGE, props: { name: "Zoë 😀" } }))
    const pieces = [...bytes].map((byte) => Buffer.from([byte]))
    expect((await worker.request("/render", { body: pieces })).json.body).toBe('<p>{"name":"Zoë 😀"}</p>')
  })

  test.each(["", "{", '{"a": NaN}', "null", "[]", "5"])("the body %j is a 400 with JSON, and the process lives on", async (body) => {
    const worker = await started(RENDERS)
    const answer = await worker.request("/render", { body })
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: expect.stringMatching(/^The request body is /), type: "unknown", hint: expect.any(String) })
    expect((await worker.render(PAGE)).status).toBe(200)
  })

  test("a body above 64 MiB is a 413, the largest below it is not", async () => {
    const worker = await started("export default (page) => ({ head: [], body: String(page.props.x.length) })")
    const wrapped = (length: number) => {
      const [before, after] = ['{"props":{"x":"', '"}}']
      const fill = length - before.length - after.length
      return { fill, body: before + "x".repeat(fill) + after }
    }
    const largest = wrapped(64 * 1024 * 1024)
    expect((await worker.request("/render", { body: largest.body })).json).toEqual({ head: [], body: String(largest.fill) })
    expect(await worker.request("/render", { body: wrapped(64 * 1024 * 1024 + 1).body })).toMatchObject({ status: 413, json: { type: "unknown" } })
    expect((await worker.request("/health", { method: "GET" })).status).toBe(200)
  })

  test("a client that leaves mid-body does no harm", async () => {
    const worker = await started(RENDERS)
    const client = connect((worker.target as { socketPath: string }).socketPath)
    await new Promise((resolve) => {
      client.write("POST /render HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", resolve)
    })
    client.destroy()
    expect((await worker.render(PAGE)).status).toBe(200)
    expect(worker.stderr).not.toContain("Unhandled")
  })

  test("a connection is kept for the next page, longer than Node's five seconds", async () => {
    const worker = await started(RENDERS)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    let connections = 0
    const create = agent.createConnection.bind(agent)
    agent.createConnection = ((...given: Parameters<typeof create>) => {
      connections += 1
      return create(...given)
    }) as typeof agent.createConnection
    for (let count = 0; count < 3; count += 1) {
      const answer = await worker.request("/render", { body: JSON.stringify(PAGE), agent })
      expect(answer.headers["keep-alive"]).toBe("timeout=75")
    }
    expect(connections).toBe(1)
  })

  test("pages that wait render side by side", async () => {
    const worker = await started(`
      let waiting = []
      export default (page) => new Promise((resolve) => {
        waiting.push(() => resolve({ head: [], body: page.url }))
        if (waiting.length === 3) waiting.forEach((go) => go())
      })`)
    const answers = await Promise.all(["/a", "/b", "/c"].map((url) => worker.render({ ...PAGE, url })))
    expect(answers.map(({ json }) => json.body)).toEqual(["/a", "/b", "/c"])
  })
})

describe("results", () => {
  test("null leaves the page to the browser", async () => {
    const worker = await started("export default () => null")
    expect(await worker.render(PAGE)).toMatchObject({ status: 200, text: "null" })
  })

  test.each([
    ["undefined", "undefined"],
    ["'<p></p>'", '"<p></p>"'],
    ["({ head: '<title>', body: '' })", '{"head":"<title>","body":""}'],
    ["({ head: [1], body: '' })", '{"head":[1],"body":""}'],
    ["({ head: [] })", '{"head":[]}'],
    ["10n", "a value of type bigint"],
    ["() => 1", "a function"],
  ])("%s is an error that says what came back", async (value, shown) => {
    const worker = await started(`export default () => (${value})`)
    const answer = await worker.render(PAGE)
    expect(answer.status).toBe(500)
    expect(answer.json).toMatchObject({ type: "render", component: "Home", url: "/home", hint: expect.any(String) })
    expect(answer.json.error).toBe(`The render function returned ${shown}, not { head: string[], body: string }.`)
  })

  test("only head and body go over the wire", async () => {
    const worker = await started("const r = { head: [], body: 'b', more: 1 }; r.self = r; export default () => r")
    expect((await worker.render(PAGE)).json).toEqual({ head: [], body: "b" })
  })
})

describe("errors", () => {
  test.each([
    ["window.x", { type: "browser-api", browserApi: "window" }],
    ["localStorage.getItem('a')", { type: "browser-api", browserApi: "localStorage" }],
    ["globalThis.nothing.document", { type: "browser-api", browserApi: "document" }],
    ["title.x", { type: "render" }],
    ["globalThis.nothing.name", { type: "render" }],
    ["(() => { throw new Error('Page not found: ./pages/Home') })()", { type: "component-resolution" }],
    ["await import('./nowhere.mjs')", { type: "component-resolution" }],
    ["(() => { throw 'a string' })()", { type: "unknown", error: 'The render threw "a string", which is no Error.' }],
    ["(() => { throw undefined })()", { type: "unknown", error: "The render threw undefined, which is no Error." }],
  ])("%s", async (expression, expected) => {
    const worker = await started(`export default async function page() { return ${expression} }`)
    const answer = await worker.render(PAGE)
    expect(answer.status).toBe(500)
    expect(answer.json).toMatchObject({ ...expected, component: "Home", url: "/home", hint: expect.stringMatching(/\w{3}/) })
    expect(Date.parse(answer.json.timestamp)).not.toBeNaN()
    expect("browserApi" in answer.json).toBe("browserApi" in expected)
    expect((await worker.request("/health", { method: "GET" })).status).toBe(200)
  })

  test("the place is the first frame of the bundle", async () => {
    const bundle = await bundleOf("\n\nexport default function page() { throw new Error('here') }")
    const worker = await startWorker(bundle)
    const { json } = await worker.render(PAGE)
    expect(json.sourceLocation).toMatch(new RegExp(`^${bundle}:3:\\d+$`))
    expect(json.stack).toContain("Error: here\n")
  })

  test("stray rejections and exceptions are logged and end nothing", async () => {
    const worker = await started(`
      export default (page) => {
        Promise.reject(new Error("stray rejection"))
        setTimeout(() => { throw new Error("stray exception") })
        return { head: [], body: "fine" }
      }`)
    expect((await worker.render(PAGE)).json.body).toBe("fine")
    await worker.printed(/stray rejection/)
    await worker.printed(/stray exception/)
    expect((await worker.render(PAGE)).json.body).toBe("fine")
  })

  test("what a component prints is a log and nothing else", async () => {
    const worker = await started(`
      console.log("printed at import")
      export default () => { console.log("printed"); process.stdout.write("{}"); return { head: [], body: "b" } }`)
    expect((await worker.render(PAGE)).json).toEqual({ head: [], body: "b" })
    await worker.printed(/printed at import\nprinted\n\{\}/)
  })
})

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
    // The port is taken: had the bundle listened, it would have failed.
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

  test.each([
    ["export default 5", "neither exports a render function by default nor starts an Inertia server"],
    ["throw new Error('at import')", "Error: at import"],
    ["import 'no-such-package'; export default () => null", "imports a package that is not installed here"],
    ["document.title", "Code at the top of a module runs here without a browser"],
    ["export default Promise.reject(new Error('rejected default'))", "rejected default"],
    ["import cluster from 'node:cluster'; cluster.fork()", "does not fork"],
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
    const child = spawn(process.execPath, [workerPath, ...args], { env: { ...withoutTestEnvironment(), ...env } })
    let stderr = ""
    child.stderr.on("data", (chunk) => (stderr += chunk))
    const [code] = await once(child, "close")
    expect(code).toBe(2)
    expect(stderr).toContain("usage: node worker.mjs <ssr bundle>")
  })
})

describe("stopping", () => {
  // The page waits until the test says so, by creating the file.
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
      ["-e", `require("node:child_process").spawn(process.execPath, ${JSON.stringify([workerPath, bundle])}, { stdio: ["pipe", "inherit", "inherit"] })`],
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
        // Gone, as it should be.
      }
    })
    // Parent and worker hold the writing end of this pipe: it ends when both are gone.
    const bothGone = once(parent.stderr, "end")
    parent.kill("SIGKILL")
    await bothGone
    expect(output).toContain("spinning")
  })
})
