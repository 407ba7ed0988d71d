/**
 * The dev server that the app starts: `vite`, with what Python resolved.
 *
 * How it works:
 * 1. `devConfig` gives Vite the base of the built files and a free port of 127.0.0.1; the browser sees neither port nor process, since
 *    the app's own port hands requests under the base through.
 * 2. `startDevServer` answers Python under `/__litestar_vite/<nonce>/` and reports where it listens in the state file.
 *
 * What the user sets in the Vite config wins here too. Without a session (Vite was started by hand) nothing of this happens.
 */
import { rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { relative, resolve, sep } from "node:path"

import { answerPython, type DevViteServer, ENDPOINT } from "./dev/endpoint.ts"
import { numberMessages } from "./dev/messages.ts"
import { answerPage, loadRefresh, newGeneration, pageTag, PLACE, resolveRefresh } from "./dev/page.ts"
import { CSP_NONCE, type DevSession } from "./dev/session.ts"
import { publish } from "./dev/state.ts"
import type { GivenConfig } from "./defaults.ts"

export { devSession } from "./dev/session.ts"
export type { DevSession } from "./dev/session.ts"

// sockaddr_un.sun_path holds 104 bytes on macOS and 108 on Linux, with its final NUL.
const MAX_SOCKET_PATH_BYTES = 103

// Kept while Vite restarts itself in this process (its config changed): an open page finds it again.
const PORT = Symbol.for("litestar-vite.port")
const memory = globalThis as { [PORT]?: number }

/** What a dev server of the app's gets besides the defaults of one that is started by hand. */
export function devConfig(defaults: { server: object }, given: GivenConfig, session: DevSession): object {
  return {
    ...defaults,
    base: given.base ?? session.base,
    // The app serves the pages: what Vite does not know is 404, and not the HTML of another page.
    appType: given.appType ?? "custom",
    // 0: any free port, so that two projects never meet.
    server: { ...defaults.server, port: given.server?.port ?? memory[PORT] ?? 0, open: false },
    ...(session.cspNonce && given.html?.cspNonce === undefined && { html: { cspNonce: CSP_NONCE } }),
  }
}

/** The parts of Rollup's plugin context that are used here. */
interface Context {
  resolve(source: string, importer?: string): Promise<unknown>
}

/** The hooks that a dev server of the app's needs. */
export function devHooks(session: DevSession, findEntry: (root: string) => string | null) {
  const generation = newGeneration()
  let base = session.base
  return {
    configureServer(server: object): void {
      const devServer = server as DevViteServer
      const { config } = devServer
      base = config.base
      devServer.middlewares.use(`${base}${PLACE}`, answerPage(generation))
      startDevServer(devServer, session, findEntry(config.root))
    },
    transformIndexHtml: (): object[] => [pageTag(base, generation)],
    resolveId: resolveRefresh,
    load(this: Context, id: string): Promise<string | undefined> {
      return loadRefresh(id, async (name) => (await this.resolve(name)) !== null)
    },
  }
}

/** Join a dev server to the app that started it. */
function startDevServer(server: DevViteServer, session: DevSession, entry: string | null): void {
  numberMessages(server)
  server.middlewares.use(ENDPOINT, answerPython(server, session))
  watchTemplates(server, session.watch)
  const { httpServer } = server
  httpServer?.once("listening", () => {
    const address = httpServer.address() as AddressInfo
    memory[PORT] = address.port
    // One turn later Vite knows its own URLs.
    setImmediate(() => void report(server, session, address, entry))
  })
}

/** Reload the pages when something changes that makes a page and is no module. */
function watchTemplates(server: DevViteServer, paths: readonly string[]): void {
  server.watcher.add([...paths])
  server.watcher.on("all", (_, file) => {
    if (paths.some((path) => contains(path, resolve(file)))) {
      server.ws.send({ type: "full-reload" })
    }
  })
}

function contains(folder: string, file: string): boolean {
  const way = relative(folder, file)
  return way !== ".." && !way.startsWith(`..${sep}`) && resolve(way) !== way
}

async function report(server: DevViteServer, session: DevSession, address: AddressInfo, entry: string | null): Promise<void> {
  const { config, resolvedUrls } = server
  const socket = await listenOnSocket(server, session)
  const urls = [...(resolvedUrls?.local ?? []), ...(resolvedUrls?.network ?? [])]
  const scheme = config.server.https ? "https" : "http"
  const isOurs = await publish(session, {
    url: `${scheme}://${loopback(address)}:${address.port}`,
    socket,
    origins: [...new Set([...urls.map((url) => new URL(url).origin), `${scheme}://localhost:${address.port}`])],
    base: config.base,
    entry,
    ssr: config.plugins.some(({ name }) => name === "@inertiajs/vite"),
  })
  if (!isOurs) {
    config.logger.error("litestar-vite: another dev server has taken this one's place, so it ends.")
    process.exit(1)
  }
}

/**
 * Serve the app on a Unix socket beside the port: it costs both ends less, and nobody else can connect.
 *
 * Null where there are none (Windows), and when the path is longer than the kernel takes: the app then uses the port.
 */
async function listenOnSocket(server: DevViteServer, session: DevSession): Promise<string | null> {
  const path = session.state.replace(/json$/, "sock")
  const { httpServer } = server
  if (process.platform === "win32" || httpServer === null || Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    return null
  }
  const local = createServer((request, response) => server.middlewares(request, response))
  local.on("upgrade", (...upgrade) => void httpServer.emit("upgrade", ...upgrade))
  httpServer.once("close", () => local.close())
  // The one of a Vite that was killed, or of this one before it restarted itself.
  rmSync(path, { force: true })
  return new Promise((done) => {
    local.once("error", (error) => {
      server.config.logger.error(`litestar-vite: no Unix socket at '${path}' (${error.message}); the app uses the port.`)
      done(null)
    })
    local.listen(path, () => done(path))
  })
}

/** The address that the app connects to. A server that listens everywhere is reached at 127.0.0.1; 0.0.0.0 is no address to connect to. */
function loopback({ address }: AddressInfo): string {
  if (address === "0.0.0.0" || address === "::") {
    return "127.0.0.1"
  }
  return address.includes(":") ? `[${address}]` : address
}
