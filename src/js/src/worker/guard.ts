/**
 * Keep the bundle off the network while it is imported.
 *
 * Official bundles start a server on 0.0.0.0:13714 as soon as they are imported, and fork one process per core when told so. Both
 * ends here: `listen` hands the server over instead, and the bundle sees a cluster worker's side of `cluster`.
 *
 * The guard is never lifted: a bundle may start its server late, after a promise that nobody waits for. Our own server uses the
 * original `listen`, which is returned.
 */
import cluster from "node:cluster"
import { Server as HttpServer } from "node:http"
import { syncBuiltinESMExports } from "node:module"
import { Server } from "node:net"

export interface NetworkGuard {
  /** The first HTTP server that the bundle wanted to start. Pending for ever when there is none. */
  readonly captured: Promise<HttpServer>
  /** Node's own `Server.prototype.listen`. */
  readonly listen: Server["listen"]
}

export function guardNetwork(): NetworkGuard {
  const { listen } = Server.prototype
  const captured = new Promise<HttpServer>((capture) => {
    Server.prototype.listen = function guardedListen(this: Server, ...given: unknown[]) {
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
  })
  Object.assign(cluster, { isPrimary: false, isMaster: false, fork: refuseFork })
  dropStartLines()
  // For `import { isPrimary } from "node:cluster"`.
  syncBuiltinESMExports()
  return { captured, listen }
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
