/**
 * The SSR worker: `node worker.mjs <bundle>` renders pages with an Inertia SSR bundle for the process that started it.
 *
 * How it works:
 * 1. Watch the parent: by the end of stdin, and with a watchdog thread that works even while a render blocks the main
 *    thread (worker/watchdog.ts).
 * 2. Guard `listen` and `cluster`, then import the bundle. Official bundles would open a port (worker/guard.ts).
 * 3. Use the bundle's render function, or the request listener of the server it tried to start (worker/renderer.ts).
 * 4. Listen on a Unix socket or on 127.0.0.1 (worker/address.ts), and serve POST /render and GET /health
 *    (worker/server.ts), and POST /warm-up, with suppressed output (worker/warmup.ts). The component that is being
 *    rendered is noted in a file (worker/note.ts), and built-in functions that a page replaces are restored
 *    (worker/builtins.ts).
 * 5. Exit with 0 on SIGTERM, SIGINT or the end of stdin, after at most one second for pages in flight.
 *
 * Rules:
 * - A page never ends this process: errors are returned as classified JSON (worker/failure.ts), and unhandled
 *   rejections are logged.
 * - stdout and stderr are logs, never data, so that console.log in a component is harmless.
 * - Only Node's built-in modules are used at run time, since this file is shipped alone.
 * - Only local clients can connect: a socket of mode 0600 or a port on 127.0.0.1. With LITESTAR_VITE_SSR_SECRET, the
 *   paths of all requests begin with it, since any user can connect to a port. A /shutdown endpoint does not exist.
 * - Exit codes: 0 stopped, 1 could not start, 2 wrong usage, 3 the bundle cannot render, so a restart does not help.
 */
import { existsSync } from "node:fs"
import { resolve } from "node:path"

import { type Address, addressFrom, listen } from "./worker/address.ts"
import { guardNetwork } from "./worker/guard.ts"
import { isolatedRenderer, rendersOnePage } from "./worker/isolate.ts"
import { log } from "./worker/log.ts"
import { closeNote, openNote } from "./worker/note.ts"
import { loadRenderer, NoRendererError } from "./worker/renderer.ts"
import { createRenderServer } from "./worker/server.ts"
import { holdBackWarmUps } from "./worker/warmup.ts"
import { startWatchdog } from "./worker/watchdog.ts"

// Long enough for a page in flight, short enough for the application to stop within five seconds.
const DRAIN_MILLISECONDS = 1000

const USAGE =
  "usage: node worker.mjs <ssr bundle>, with LITESTAR_VITE_SSR_SOCKET=<socket path> or " +
  "LITESTAR_VITE_SSR_PORT_FILE=<file for the port>"

let stop = (reason: string): void => exit(0, `${reason} before the bundle was loaded: stopped`)

async function main(): Promise<void> {
  const [bundle, ...rest] = process.argv.slice(2)
  const address = addressFrom(process.env)
  if (bundle === undefined || rest.length > 0 || address === undefined) {
    return exit(2, USAGE)
  }
  watchParent()
  surviveStrayErrors()
  // Stacks name the source of a failing component. Node reads the maps once; Bun always does, Deno never.
  process.setSourceMapsEnabled?.(true)
  await serve(resolve(bundle), address)
}

async function serve(bundle: string, address: Address): Promise<void> {
  if (!existsSync(bundle)) {
    return exit(1, `No SSR bundle at '${bundle}'. Run 'npx vite build --ssr' in the front end's folder, then restart.`)
  }
  // React and Vue read it when imported. Their development code is several times slower.
  process.env["NODE_ENV"] ??= "production"
  openNote(process.env["LITESTAR_VITE_SSR_NOTE"])
  holdBackWarmUps()
  const guard = guardNetwork()
  const isolate = Number(process.env["LITESTAR_VITE_SSR_ISOLATE"] ?? "")
  const render = isolate > 0 ? await isolatedRenderer(bundle, isolate) : await loadRenderer(bundle, guard)
  const server = createRenderServer(render, process.env["LITESTAR_VITE_SSR_SECRET"])
  const close = await listen(server, address, guard.listen)
  stop = (reason) => {
    stop = () => undefined
    closeNote()
    server.close(() => {
      close()
      exit(0)
    })
    log(`${reason}: stopping`)
    setTimeout(() => {
      close()
      exit(0, "a page was still rendering: stopped without waiting for it")
    }, DRAIN_MILLISECONDS)
  }
}

function watchParent(): void {
  startWatchdog()
  for (const event of ["end", "close", "error"]) {
    process.stdin.on(event, () => stop("stdin ended"))
  }
  process.stdin.resume()
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => stop(signal))
  }
}

function surviveStrayErrors(): void {
  process.on("uncaughtException", (error) => log("Uncaught exception, outside of a render:", error))
  process.on("unhandledRejection", (reason) => log("Unhandled promise rejection:", reason))
  // The process that reads the logs may exit first.
  process.stdout.on("error", () => undefined)
  process.stderr.on("error", () => undefined)
}

function exit(code: number, message?: string): void {
  if (message !== undefined) {
    log(message)
  }
  // Bundles leave timers and sockets open, which would keep the process alive.
  process.exit(code)
}

try {
  if (!rendersOnePage()) {
    await main()
  }
} catch (error) {
  log("The SSR worker could not start:", error)
  exit(error instanceof NoRendererError ? 3 : 1)
}
