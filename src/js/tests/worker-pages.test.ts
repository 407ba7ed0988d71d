import { Agent } from "node:http"
import { connect } from "node:net"

import { describe, expect, onTestFinished, test } from "vitest"

import { PAGE, RENDERS, bundleOf, isDeno, startWorker, started } from "./support/worker.ts"

/** A bundle that calls the function at `props.index`: one worker for many cases. */
const rendersEach = (functions: string[]) => `const pages = [${functions.join(",\n")}]\nexport default (page) => pages[page.props.index]()`

describe("requests", () => {
  test("a character that is cut in two by chunks arrives whole", async () => {
    const worker = await started(RENDERS)
    const bytes = Buffer.from(JSON.stringify({ ...PAGE, props: { name: "Zoë 😀" } }))
    const pieces = [...bytes].map((byte) => Buffer.from([byte]))
    expect((await worker.request("/render", { body: pieces })).json.body).toBe('<p>{"name":"Zoë 😀"}</p>')
  })

  test("a body that is no page is a 400 with JSON, and the process lives on", async () => {
    const worker = await started(RENDERS)
    for (const body of ["", "{", '{"a": NaN}', "null", "[]", "5"]) {
      const answer = await worker.request("/render", { body })
      const json = { error: expect.stringMatching(/^The request body is /), type: "unknown", hint: expect.any(String) }
      expect({ ...answer, body }).toMatchObject({ body, status: 400, json })
      expect((await worker.render(PAGE)).status).toBe(200)
    }
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

  test("any other result is an error that says what came back", async () => {
    const results: [value: string, shown: string][] = [
      ["undefined", "undefined"],
      ["'<p></p>'", '"<p></p>"'],
      ["({ head: '<title>', body: '' })", '{"head":"<title>","body":""}'],
      ["({ head: [1], body: '' })", '{"head":[1],"body":""}'],
      ["({ head: [] })", '{"head":[]}'],
      ["10n", "a value of type bigint"],
      ["() => 1", "a function"],
    ]
    const worker = await started(rendersEach(results.map(([value]) => `() => (${value})`)))
    for (const [index, [value, shown]] of results.entries()) {
      const answer = await worker.render({ ...PAGE, props: { index } })
      const json = { type: "render", component: "Home", url: "/home", hint: expect.any(String) }
      expect({ ...answer, value }).toMatchObject({ value, status: 500, json })
      expect(answer.json.error).toBe(`The render function returned ${shown}, not { head: string[], body: string }.`)
    }
  })

  test("only head and body go over the wire", async () => {
    const worker = await started("const r = { head: [], body: 'b', more: 1 }; r.self = r; export default () => r")
    expect((await worker.render(PAGE)).json).toEqual({ head: [], body: "b" })
  })
})

describe("errors", () => {
  test("each is classified with a hint, and the process lives on", async () => {
    const errors: [expression: string, expected: object][] = [
      ["window.x", { type: "browser-api", browserApi: "window" }],
      // Deno has a localStorage.
      [isDeno ? "screen.width" : "localStorage.getItem('a')", { type: "browser-api", browserApi: isDeno ? "screen" : "localStorage" }],
      ["globalThis.nothing.document", { type: "browser-api", browserApi: "document" }],
      ["title.x", { type: "render" }],
      ["globalThis.nothing.name", { type: "render" }],
      ["(() => { throw new Error('Page not found: ./pages/Home') })()", { type: "component-resolution" }],
      ["await import('./nowhere.mjs')", { type: "component-resolution" }],
      ["(() => { throw 'a string' })()", { type: "unknown", error: 'The render threw "a string", which is not an Error.' }],
      ["(() => { throw undefined })()", { type: "unknown", error: "The render threw undefined, which is not an Error." }],
    ]
    const worker = await started(rendersEach(errors.map(([expression]) => `async () => ${expression}`)))
    for (const [index, [expression, expected]] of errors.entries()) {
      const answer = await worker.render({ ...PAGE, props: { index } })
      const json = { ...expected, component: "Home", url: "/home", hint: expect.stringMatching(/\w{3}/) }
      expect({ ...answer, expression }).toMatchObject({ expression, status: 500, json })
      expect(Date.parse(answer.json.timestamp)).not.toBeNaN()
      expect("browserApi" in answer.json).toBe("browserApi" in expected)
      expect((await worker.request("/health", { method: "GET" })).status).toBe(200)
    }
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
