import { once } from "node:events"
import { existsSync, readFileSync, statSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"

import { describe, expect, test } from "vitest"

import { project } from "./support/project.ts"
import { PAGE, RENDERS, bundleOf, spawnWorker, startWorker, started } from "./support/worker.ts"

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
    expect(worker.stderr).toContain("exists and is not a socket")
    expect(readFileSync(socket, "utf8")).toBe("data")
  })

  test("a socket path that the kernel would cut is refused", async () => {
    const worker = await spawnWorker(await bundleOf(RENDERS), { socket: `/tmp/${"x".repeat(120)}` })
    expect((await worker.exited).code).toBe(1)
    expect(worker.stderr).toContain("longer than 103 bytes")
  })
})
