/**
 * Keep the bundle off the network while it is imported.
 *
 * Official bundles start a server on 0.0.0.0:13714 as soon as they are imported, and fork one process per core when told so. Both
 * ends here: `listen` hands the server over instead, and the bundle sees a cluster worker's side of `cluster`.
 *
 * The guard is lifted for nobody but our own server, by the `listen` that is returned: a bundle may start its server late, after a
 * promise that nobody waits for.
 */
import cluster from "node:cluster"
import { Server as HttpServer } from "node:http"
import { syncBuiltinESMExports } from "node:module"
import { type ListenOptions, Server } from "node:net"

export interface NetworkGuard {
  /** The first HTTP server that the bundle wanted to start. Pending for ever when there is none. */
  readonly captured: Promise<HttpServer>
  /** Let a server of ours listen. */
  readonly listen: (server: HttpServer, options: ListenOptions) => void
}

// Node's HTTP servers inherit `listen`; Bun's have one of their own, and Deno's have one that calls the inherited one.
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

/** A `listen` that does not, and the first HTTP server that calls it. */
function capturing(): { promise: Promise<HttpServer>; guarded: Server["listen"] } {
  let capture!: (server: HttpServer) => void
  const promise = new Promise<HttpServer>((resolve) => {
    capture = resolve
  })
  const guarded = function guardedListen(this: Server, ...given: unknown[]) {
    if (this instanceof HttpServer) {
      capture(this)
    }
    // Some bundles wait for their server before they go on.
    const callback = given.at(-1)
    if (typeof callback === "function") {
      this.once("listening", callback as () => void)
    }
    process.nextTick(() => this.emit("listening"))
    return this
  } as Server["listen"]
  return { promise, guarded }
}

/** What @inertiajs/core prints about a server that we kept from listening. With `cluster` it stands behind "[1 / 4711] ". */
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
  throw new Error("An SSR worker does not fork. Start several workers instead, each with its own socket.")
}
