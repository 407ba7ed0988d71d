/**
 * The worker's HTTP server: POST /render, POST /warm-up and GET /health. Other requests are 404.
 *
 * Bodies are collected as bytes and decoded once, since chunks may split characters. Responses have a Content-Length.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

import { rememberBuiltins } from "./builtins.ts"
import { classify, failure, preview } from "./failure.ts"
import { log } from "./log.ts"
import { noteRender } from "./note.ts"
import type { Page, Render } from "./renderer.ts"
import { endWarmUps, isWarmUp, warmUp } from "./warmup.ts"

// 64 MiB: far larger than a useful page.
const MAX_BODY_BYTES = 64 * 1024 * 1024
// Node's default of five seconds races with clients that reuse a connection. Python keeps connections up to a minute.
const KEEP_ALIVE_MILLISECONDS = 75_000

// A page may replace them.
const { parse, stringify } = JSON

/** The statistics of this process, for health checks. */
interface Life {
  renders: number
  /** The built-in function that a page has replaced, and the page's component. */
  spoiled?: string
  spoiled_by?: string
}

interface Answer {
  status: number
  json: string
}

/** With a `secret`, the paths of all requests begin with it. */
export function createRenderServer(render: Render, secret = ""): Server {
  const prefix = secret === "" ? "" : `/${secret}`
  const life: Life = { renders: 0 }
  const builtins = rememberBuiltins()
  const watched: Render = async (page, body) => {
    try {
      return await render(page, body)
    } finally {
      const replaced = builtins.restore()
      if (replaced !== undefined && !isWarmUp()) {
        life.spoiled = replaced
        life.spoiled_by = String(page.component)
        // oxlint-disable-next-line no-unsafe-finally -- it caused any other failure
        throw new Error(`The page replaced ${replaced}, which all pages share. It was put back.`)
      }
    }
  }
  const server: Server = createServer(async (request, response) => {
    try {
      const answer = await answerTo(request, pathBelow(prefix, request.url), watched, life)
      // While stopping, an open connection would keep the process alive.
      response.shouldKeepAlive &&= server.listening
      send(response, answer)
    } catch {
      // The client disconnected during the request body.
      response.destroy()
    }
  })
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS
  // Above the keep-alive timeout. Otherwise Node closes connections that are reused late.
  server.headersTimeout = KEEP_ALIVE_MILLISECONDS + 5000
  return server
}

function pathBelow(prefix: string, url = ""): string | undefined {
  return url.startsWith(prefix) ? url.slice(prefix.length) : undefined
}

async function answerTo(
  request: IncomingMessage,
  path: string | undefined,
  render: Render,
  life: Life,
): Promise<Answer> {
  if (request.method === "GET" && path === "/health") {
    // All but `status` extends the protocol. The supervisor uses it to decide when to replace this process.
    const health = { status: "OK", ...life, rss: process.memoryUsage.rss() }
    return { status: 200, json: stringify(health) }
  }
  const isWarming = path === "/warm-up"
  if (request.method !== "POST" || (path !== "/render" && !isWarming)) {
    return { status: 404, json: '{"status":"NOT_FOUND"}' }
  }
  const body = await read(request)
  if (body === undefined) {
    return refuse(413, `The page is larger than ${MAX_BODY_BYTES} bytes.`, "Send fewer props, or defer the large ones.")
  }
  const page = parsePage(body)
  if ("status" in page) {
    return page as Answer
  }
  life.renders += 1
  if (isWarming) {
    return warmUp(() => renderPage(render, page.page, body))
  }
  endWarmUps()
  const end = noteRender(page.page.component)
  try {
    return await renderPage(render, page.page, body)
  } finally {
    end()
  }
}

/** The body, or undefined if it is too large. It is read to the end, because an early response may get lost. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  let chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) {
      chunks = []
    } else {
      chunks.push(chunk)
    }
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks)
}

function parsePage(body: Buffer): { page: Page } | Answer {
  let page: unknown
  try {
    page = parse(body.toString())
  } catch (error) {
    const hint = "Send the page object as JSON. NaN and Infinity are not JSON."
    return refuse(400, `The request body is not JSON: ${(error as Error).message}`, hint)
  }
  if (typeof page !== "object" || page === null || Array.isArray(page)) {
    const hint = 'Send {"component": ..., "props": ..., "url": ...}.'
    return refuse(400, `The request body is ${preview(page)}, not a page object.`, hint)
  }
  return { page }
}

async function renderPage(render: Render, page: Page, body: Buffer): Promise<Answer> {
  try {
    const result = await render(page, body)
    if (result === null) {
      // In the protocol, null leaves the page to the browser.
      return { status: 200, json: "null" }
    }
    if (isRendered(result)) {
      return { status: 200, json: stringify({ head: result.head, body: result.body }) }
    }
    const error = `The render function returned ${preview(result)}, not { head: string[], body: string }.`
    const hint = "Return the awaited result of createInertiaApp()."
    return { status: 500, json: stringify(failure("render", error, hint, page)) }
  } catch (error) {
    return { status: 500, json: stringify(classify(error, page)) }
  }
}

function isRendered(result: unknown): result is { head: string[]; body: string } {
  if (typeof result !== "object" || result === null) {
    return false
  }
  const { head, body } = result as { head?: unknown; body?: unknown }
  return typeof body === "string" && Array.isArray(head) && head.every((tag) => typeof tag === "string")
}

function refuse(status: number, error: string, hint: string): Answer {
  log(`${status}: ${error}`)
  return { status, json: stringify(failure("unknown", error, hint)) }
}

function send(response: ServerResponse, { status, json }: Answer): void {
  const bytes = Buffer.from(json)
  response.sendDate = false
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": bytes.length })
  response.end(bytes)
}
