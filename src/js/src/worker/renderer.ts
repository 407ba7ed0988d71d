/**
 * Turn an SSR bundle into one function from page to result.
 *
 * Two kinds of bundle exist. Those made with @inertiajs/vite export a render function (or a promise of one) by default. Classic ones
 * (`createServer(page => createInertiaApp(...))`) may export nothing: there the request listener of the captured server renders.
 * Such a server may come late, after promises that nobody waits for; it can come as long as Node has something left to do.
 */
import { IncomingMessage, type Server, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { pathToFileURL } from "node:url"
import { isMainThread } from "node:worker_threads"

import type { NetworkGuard } from "./guard.ts"

/** Render a page object. `body` is the JSON it was parsed from. The result is not checked yet. */
export type Render = (page: Page, body: Buffer) => Promise<unknown>

export interface Page {
  component?: unknown
  url?: unknown
}

// A bundle that creates its server only after some asynchronous set-up is rare, and slow set-up is rarer.
const LATE_SERVER_MILLISECONDS = 5000

/** The bundle was imported, and nothing in it renders. No further try helps, only another build. */
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
        "Add inertia() from '@inertiajs/vite' to the plugins of vite.config, or call createServer() in src/ssr.tsx, and build again.",
    )
  }
  return (_page, body) => renderWith(server, body)
}

async function importBundle(bundle: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(bundle).href)) as Record<string, unknown>
  } catch (error) {
    throw new Error(`The bundle '${bundle}' failed while it was imported. ${importRemedy(error, bundle)}\n${stackOf(error)}`, { cause: error })
  }
}

function importRemedy(error: unknown, bundle: string): string {
  if (cannotBeRead(error, bundle)) {
    return "This runtime cannot read it: run 'npx vite build --ssr' again, for the version that runs here (build.target), and do not edit what it writes."
  }
  if ((error as { code?: unknown } | null)?.code === "ERR_MODULE_NOT_FOUND") {
    return "It imports a package that is not installed here: build it with the litestar() plugin, which bundles every package."
  }
  return "Code at the top of a module runs here without a browser: move what needs one into an effect, then build again."
}

/** Whether nothing of the bundle has run: a SyntaxError of its own code, such as JSON.parse's, has a line of it in its stack. */
function cannotBeRead(error: unknown, bundle: string): boolean {
  const isSyntax = error instanceof SyntaxError || (error as { name?: unknown } | null)?.name === "BuildMessage" // Bun's word for it.
  // Deno's TypeError of it has the code of a package that is missing.
  if (error instanceof TypeError && error.message.startsWith("SyntaxError: ")) {
    return true
  }
  const url = pathToFileURL(bundle).href
  return isSyntax && !stackOf(error).split("\n").some((line) => /^\s+at /.test(line) && (line.includes(url) || line.includes(bundle)))
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

async function defaultExport(module: Record<string, unknown>): Promise<unknown> {
  const exported = await module["default"]
  // A CommonJS bundle: its `exports` object is the default.
  return typeof exported === "object" && exported !== null && "default" in exported ? await exported.default : exported
}

/**
 * The server that the bundle starts; undefined when none will come: nothing is left to do, as when `node bundle.js` would end, or the
 * time is over.
 *
 * Our standard input is not the bundle's work, so that it does not count meanwhile. Bun and Deno always let the time pass.
 */
function serverOf(guard: NetworkGuard): Promise<Server | undefined> {
  // A file has neither.
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

/** Let the captured server answer a request that never was on a socket. */
async function renderWith(server: Server, body: Buffer): Promise<unknown> {
  const request = requestOf(body)
  const response = new RecordedResponse(request)
  // Called, not emitted: an async listener that throws is to be an answer, not an unhandled rejection.
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
  // The official server has classified the error already; the words are ours, so that all bundles read alike.
  const { error, stack } = parsed as { error?: string; stack?: string }
  const failure = new Error(error ?? `The bundle's server answered ${status}.`)
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
