/**
 * Turns an SSR bundle into a render function.
 *
 * Bundles built with @inertiajs/vite have a render function (or a promise of one) as their default export. Classic
 * bundles (`createServer(page => createInertiaApp(...))`) may not export anything; the request listener of the captured
 * server then renders. The server may be created late, after promises that are not awaited, as long as the event loop
 * has work.
 */
import { IncomingMessage, type Server, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { pathToFileURL } from "node:url"
import { isMainThread } from "node:worker_threads"

import type { NetworkGuard } from "./guard.ts"

/** Renders a page object. `body` is its JSON. The result is not validated. */
export type Render = (page: Page, body: Buffer) => Promise<unknown>

export interface Page {
  component?: unknown
  url?: unknown
}

// Few bundles create their server after asynchronous set-up, and slow set-up is rarer still.
const LATE_SERVER_MILLISECONDS = 5000

/** The bundle was imported, but cannot render. Only a new build helps. */
export class NoRendererError extends Error {}

export async function loadRenderer(bundle: string, guard: NetworkGuard): Promise<Render> {
  const module = await importBundle(bundle)
  const exported = await defaultExport(module)
  if (typeof exported === "function") {
    return async (page) => exported(page)
  }
  const server = await serverOf(guard)
  if (server === undefined) {
    throw new NoRendererError(
      `The bundle '${bundle}' neither exports a render function by default nor starts an Inertia server. ` +
        "Add inertia() from '@inertiajs/vite' to the plugins in vite.config, or call createServer() in src/ssr.tsx. " +
        "Then build again.",
    )
  }
  return (_page, body) => renderWith(server, body)
}

async function importBundle(bundle: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(bundle).href)) as Record<string, unknown>
  } catch (error) {
    const message = `The bundle '${bundle}' failed to import. ${importHint(error, bundle)}\n${stackOf(error)}`
    throw new Error(message, { cause: error })
  }
}

function importHint(error: unknown, bundle: string): string {
  if (cannotBeRead(error, bundle)) {
    return (
      "This runtime cannot parse it. Run 'npx vite build --ssr' again with a build.target for this runtime, " +
      "and do not edit the output."
    )
  }
  if ((error as { code?: unknown } | null)?.code === "ERR_MODULE_NOT_FOUND") {
    return "It imports a package that is not installed. Build it with the litestar() plugin, which bundles packages."
  }
  return "Top-level code of modules runs without a browser. Move code that needs one into an effect, then build again."
}

/** Return whether the bundle cannot be parsed. A SyntaxError thrown by its code (JSON.parse) has it in the stack. */
function cannotBeRead(error: unknown, bundle: string): boolean {
  // Bun throws a BuildMessage.
  const isSyntax = error instanceof SyntaxError || (error as { name?: unknown } | null)?.name === "BuildMessage"
  // Deno throws a TypeError, with the code of a missing package.
  if (error instanceof TypeError && error.message.startsWith("SyntaxError: ")) {
    return true
  }
  const url = pathToFileURL(bundle).href
  const isOwnFrame = (line: string) => /^\s+at /.test(line) && (line.includes(url) || line.includes(bundle))
  return isSyntax && !stackOf(error).split("\n").some(isOwnFrame)
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

async function defaultExport(module: Record<string, unknown>): Promise<unknown> {
  const exported = await module["default"]
  // In a CommonJS bundle, the `exports` object is the default export.
  return typeof exported === "object" && exported !== null && "default" in exported ? await exported.default : exported
}

/**
 * The server that the bundle starts; undefined if the event loop runs out of work (when `node bundle.js` would exit) or
 * the time is over.
 *
 * Standard input is unreferenced meanwhile, because it is not the bundle's. Bun and Deno always wait for the full time.
 */
function serverOf(guard: NetworkGuard): Promise<Server | undefined> {
  // If stdin is a file, it has neither method.
  const stdin: Partial<Pick<Socket, "ref" | "unref">> | undefined = isMainThread ? process.stdin : undefined
  return new Promise((resolve) => {
    const settle = (server?: Server) => {
      clearTimeout(timer)
      process.off("beforeExit", nothingLeft)
      stdin?.ref?.()
      resolve(server)
    }
    const nothingLeft = () => settle()
    const timer = setTimeout(settle, LATE_SERVER_MILLISECONDS).unref()
    process.once("beforeExit", nothingLeft)
    stdin?.unref?.()
    void guard.captured.then(settle)
  })
}

/** Call the captured server with an in-memory request. */
async function renderWith(server: Server, body: Buffer): Promise<unknown> {
  const request = requestOf(body)
  const response = new RecordedResponse(request)
  // Called, not emitted, so that an async listener's error is a response instead of an unhandled rejection.
  const listening = Promise.all(server.listeners("request").map((listener) => listener.call(server, request, response)))
  const failed = new Promise<never>((_, reject) => {
    listening.catch(reject)
  })
  const answer = await Promise.race([response.recorded, failed])
  return resultOf(response.statusCode, answer)
}

function requestOf(body: Buffer): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  request.method = "POST"
  request.url = "/render"
  request.headers = { "content-type": "application/json", "content-length": String(body.length) }
  request.push(body)
  request.push(null)
  request.complete = true
  return request
}

function resultOf(status: number, answer: string): unknown {
  const parsed: unknown = JSON.parse(answer)
  if (status < 400) {
    return parsed
  }
  // The official server has already classified the error. It is classified again, so that hints are the same.
  const { error, stack } = parsed as { error?: string; stack?: string }
  const failure = new Error(error ?? `The bundle's server returned ${status}.`)
  if (stack !== undefined) {
    failure.stack = stack
  }
  throw failure
}

class RecordedResponse extends ServerResponse {
  readonly recorded: Promise<string>
  readonly #chunks: Buffer[] = []
  #done!: (answer: string) => void

  constructor(request: IncomingMessage) {
    super(request)
    this.recorded = new Promise((resolve) => {
      this.#done = resolve
    })
  }

  override write(chunk: unknown): boolean {
    this.#chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array))
    return true
  }

  override end(chunk?: unknown): this {
    if (typeof chunk === "string" || chunk instanceof Uint8Array) {
      this.write(chunk)
    }
    this.#done(Buffer.concat(this.#chunks).toString())
    this.emit("finish")
    return this
  }
}
