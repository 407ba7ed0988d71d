/**
 * The dev server started by the app: `vite` with the configuration of the Python package.
 *
 * How it works:
 * 1. `devConfig` sets Vite's base to that of the build, and a free port on 127.0.0.1. The browser does not connect to
 *    this port, since the app proxies requests under the base.
 * 2. `startDevServer` serves the API for Python under `/__litestar_vite/<nonce>/`, and writes its address to the state
 *    file.
 *
 * The user's Vite config takes precedence. Without a session (the user started Vite), none of this applies.
 */
import { rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { relative, resolve, sep } from "node:path"

import { answerPython, type DevViteServer, ENDPOINT, RENDERED_EVENT } from "./dev/endpoint.ts"
import { numberMessages } from "./dev/messages.ts"
import { answerPage, loadRefresh, newGeneration, pageTag, PLACE, resolveRefresh } from "./dev/page.ts"
import { CSP_NONCE, type DevSession } from "./dev/session.ts"
import { publish } from "./dev/state.ts"
import { forgetVueComponents } from "./dev/vue.ts"
import { isStyle } from "./styles.ts"
import type { GivenConfig } from "./defaults.ts"

export { devSession } from "./dev/session.ts"
export type { DevSession } from "./dev/session.ts"

// sockaddr_un.sun_path holds 104 bytes on macOS and 108 on Linux, with its final NUL.
const MAX_SOCKET_PATH_BYTES = 103

// Reused when Vite restarts itself in this process after a config change, so that open pages reconnect.
const PORT = Symbol.for("litestar-vite.port")
const memory = globalThis as { [PORT]?: number }

/** The additional configuration of a dev server started by the app. */
export function devConfig(defaults: { server: object }, given: GivenConfig, session: DevSession): object {
  return {
    ...defaults,
    base: given.base ?? session.base,
    // The app serves the pages, so unknown paths must be 404 instead of index.html.
    appType: given.appType ?? "custom",
    // 0: any free port, so that projects do not conflict.
    server: { ...defaults.server, port: given.server?.port ?? memory[PORT] ?? 0, open: false },
    ...(session.cspNonce && given.html?.cspNonce === undefined && { html: { cspNonce: CSP_NONCE } }),
  }
}

/** The parts of Rollup's plugin context that are used here. */
interface Context {
  resolve(source: string, importer?: string): Promise<unknown>
}

/** The parts of Vite's hook for changed files that are used here. */
interface HotContext {
  environment: { name: string }
}
interface HotUpdate {
  file: string
  modules: readonly unknown[]
  server: DevViteServer
}

/** The hooks of a dev server started by the app. */
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
    // Vite's client only learns of modules that the browser has loaded, and a page without JavaScript loads none.
    hotUpdate(this: HotContext, { file, modules, server }: HotUpdate): void {
      if (this.environment.name === "ssr" && modules.length > 0 && !isStyle(file)) {
        server.ws.send({ type: "custom", event: RENDERED_EVENT, data: {} })
      }
    },
    load(this: Context, id: string): Promise<string | undefined> {
      return loadRefresh(id, async (name) => (await this.resolve(name)) !== null)
    },
  }
}

/** Connect a dev server to the app that started it. */
function startDevServer(server: DevViteServer, session: DevSession, entry: string | null): void {
  numberMessages(server)
  server.middlewares.use(ENDPOINT, answerPython(server, session))
  watchTemplates(server, session.watch)
  forgetVueComponents(server)
  const { httpServer } = server
  httpServer?.once("listening", () => {
    const address = httpServer.address() as AddressInfo
    memory[PORT] = address.port
    // Vite sets its resolved URLs in the next turn of the event loop.
    setImmediate(() => void report(server, session, address, entry))
  })
}

/** Reload pages when a template changes. */
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

async function report(
  server: DevViteServer,
  session: DevSession,
  address: AddressInfo,
  entry: string | null,
): Promise<void> {
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
    config.logger.error("litestar-vite: another dev server has replaced this one. Exiting.")
    process.exit(1)
  }
}

/**
 * Also listen on a Unix socket, which is faster than the port and restricted to this user.
 *
 * Return null on Windows, and if the path is too long for the kernel. The app then uses the port.
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
  // Left over from a killed process, or from before Vite restarted itself.
  rmSync(path, { force: true })
  return new Promise((done) => {
    local.once("error", (error) => {
      server.config.logger.error(`litestar-vite: cannot listen on '${path}' (${error.message}). Using the port.`)
      done(null)
    })
    local.listen(path, () => done(path))
  })
}

/** The address that the app connects to. Wildcard addresses (0.0.0.0, ::) are replaced by 127.0.0.1. */
function loopback({ address }: AddressInfo): string {
  if (address === "0.0.0.0" || address === "::") {
    return "127.0.0.1"
  }
  return address.includes(":") ? `[${address}]` : address
}
