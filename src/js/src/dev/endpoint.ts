/**
 * The API for the app, under `/__litestar_vite/<nonce>/`. The app's proxy does not forward these paths.
 *
 * - `GET ping`: 204. Proves that the URL belongs to the process in the state file.
 * - `POST shell?<etag>`: takes an HTML document and returns it as transformed by Vite and its plugins (with the client
 *   and the React preamble); 204 if the result has this ETag.
 * - `POST reload`: notifies the open pages that the server's code has changed.
 * - `POST problems`: takes the lines about each component with props that do not match their types, and shows them.
 */
import { createHash } from "node:crypto"
import type { IncomingMessage, Server, ServerResponse } from "node:http"

import { ProblemList, type Problems } from "./problems.ts"
import type { DevSession } from "./session.ts"

export const ENDPOINT = "/__litestar_vite"

/** The event that dev/browser.ts listens to. */
export const RELOAD_EVENT = "litestar:reload"
/** The event for pages without JavaScript: a module that the server's render uses has changed. */
export const RENDERED_EVENT = "litestar:rendered"

/** The part of Vite's dev server that is used here. */
export interface DevViteServer {
  config: {
    base: string
    root: string
    server: { https?: unknown }
    plugins: readonly { name: string }[]
    logger: { info(text: string): void; error(text: string): void }
  }
  httpServer: Server | null
  resolvedUrls: { local: string[]; network: string[] } | null
  middlewares: {
    (request: IncomingMessage, response: ServerResponse): void
    use(route: string, handle: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): unknown
  }
  watcher: {
    add(paths: string[]): unknown
    on(event: string, listener: (event: string, path: string) => void): unknown
  }
  ws: {
    send(...payload: unknown[]): void
    on(event: string, listener: (data: unknown, client: { send(...payload: unknown[]): void }) => void): void
  }
  transformIndexHtml(url: string, html: string, originalUrl?: string): Promise<string>
}

type Action = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/** Return the middleware. Requests without the nonce are passed on. */
export function answerPython(server: DevViteServer, session: DevSession) {
  const problems = new ProblemList(server)
  const actions: Record<string, Action> = {
    "GET ping": (_, response) => void response.writeHead(204).end(),
    "POST shell": (request, response) => sendShell(server, request, response),
    "POST problems": async (request, response) => {
      problems.update(JSON.parse(await textOf(request)) as Problems)
      response.writeHead(204).end()
    },
    "POST reload": (_, response) => {
      problems.clear()
      server.ws.send({ type: "custom", event: RELOAD_EVENT, data: { reason: "server" } })
      response.writeHead(204).end()
    },
  }
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const [, nonce, action] = (request.url ?? "").replace(/\?.*/, "").split("/")
    const act = nonce === session.nonce ? actions[`${request.method} ${action}`] : undefined
    if (act === undefined) {
      next()
      return
    }
    Promise.resolve(act(request, response)).catch((error: unknown) => {
      const { message, stack } = error instanceof Error ? error : { message: String(error), stack: String(error) }
      server.config.logger.error(`litestar-vite: ${stack}`)
      response.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end(message)
    })
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) {
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString("utf8")
}

async function sendShell(server: DevViteServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const html = await server.transformIndexHtml("/index.html", await textOf(request))
  const etag = createHash("sha256").update(html).digest("hex").slice(0, 32)
  if (request.url?.endsWith(`?${etag}`)) {
    response.writeHead(204).end()
  } else {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", etag }).end(html)
  }
}
