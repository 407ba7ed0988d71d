/**
 * Prevents the bundle from opening ports and forking processes.
 *
 * Official bundles start a server on 0.0.0.0:13714 when imported, and can fork a process per core. The guard replaces
 * `listen`, which captures the server instead, and makes `cluster` look like that of a cluster worker.
 *
 * Only the worker's own server can listen, with the returned `listen`. The guard stays in place, since a bundle may
 * start its server late, after a promise that is not awaited.
 */
import cluster from "node:cluster"
import { Server as HttpServer } from "node:http"
import { syncBuiltinESMExports } from "node:module"
import { type ListenOptions, Server } from "node:net"

export interface NetworkGuard {
  /** The first HTTP server that the bundle tries to start. May never settle. */
  readonly captured: Promise<HttpServer>
  /** Make the worker's server listen. */
  readonly listen: (server: HttpServer, options: ListenOptions) => void
}

// Node's HTTP servers inherit `listen`. Bun's override it, and Deno's override it and call the inherited one.
const PROTOTYPES = [Server.prototype, HttpServer.prototype as Server]

export function guardNetwork(): NetworkGuard {
  const own = PROTOTYPES.map((prototype) => prototype.listen)
  const { promise: captured, guarded } = capturing()
  const put = (listen: (index: number) => Server["listen"]) => {
    for (const [index, prototype] of PROTOTYPES.entries()) {
      prototype.listen = listen(index)
    }
  }
  put(() => guarded)
  Object.assign(cluster, { isPrimary: false, isMaster: false, fork: refuseFork })
  dropStartLines()
  // For `import { isPrimary } from "node:cluster"`.
  syncBuiltinESMExports()
  return {
    captured,
    listen: (server, options) => {
      put((index) => own[index]!)
      try {
        server.listen(options)
      } finally {
        put(() => guarded)
      }
    },
  }
}

/** A `listen` without effect, and a promise of the first HTTP server that calls it. */
function capturing(): { promise: Promise<HttpServer>; guarded: Server["listen"] } {
  let capture!: (server: HttpServer) => void
  const promise = new Promise<HttpServer>((resolve) => {
    capture = resolve
  })
  const guarded = function guardedListen(this: Server, ...given: unknown[]) {
    if (this instanceof HttpServer) {
      capture(this)
    }
    // Some bundles wait for their server to listen.
    const callback = given.at(-1)
    if (typeof callback === "function") {
      this.once("listening", callback as () => void)
    }
    process.nextTick(() => this.emit("listening"))
    return this
  } as Server["listen"]
  return { promise, guarded }
}

/** The messages of @inertiajs/core about the captured server. With `cluster`, prefixed by "[1 / 4711] ". */
const START_LINES = /^(?:\[[^\]]*\] )?(?:Starting SSR server on port \d+\.\.\.|Inertia SSR server started\.)$/

function dropStartLines(): void {
  const { log } = console
  console.log = (...given: unknown[]) => {
    if (given.length !== 1 || typeof given[0] !== "string" || !START_LINES.test(given[0])) {
      log.apply(console, given)
    }
  }
}

function refuseFork(): never {
  throw new Error("An SSR worker cannot fork. Start several workers instead, each with its own socket.")
}
