/** The worker's address: a Unix socket, or a free port on 127.0.0.1, which is written to a file. */
import { existsSync, lstatSync, renameSync, rmSync, writeFileSync } from "node:fs"
import type { Server } from "node:http"
import { type AddressInfo, connect } from "node:net"

import type { NetworkGuard } from "./guard.ts"
import { log } from "./log.ts"

export type Address = { socket: string } | { portFile: string }

// sockaddr_un.sun_path holds 104 bytes on macOS and 108 on Linux, with its final NUL.
const MAX_SOCKET_PATH_BYTES = 103

/** Read the address from the environment; undefined unless exactly one is set. */
export function addressFrom(env: NodeJS.ProcessEnv): Address | undefined {
  const socket = env["LITESTAR_VITE_SSR_SOCKET"] || undefined
  const portFile = env["LITESTAR_VITE_SSR_PORT_FILE"] || undefined
  if (socket !== undefined && portFile === undefined) {
    return { socket }
  }
  return portFile !== undefined && socket === undefined ? { portFile } : undefined
}

/** Listen, bypassing the guard. Return a function that deletes the socket or the port file. */
export async function listen(server: Server, address: Address, ownListen: NetworkGuard["listen"]): Promise<() => void> {
  if ("socket" in address) {
    await listenOnSocket(server, address.socket, ownListen)
    log(`listening on ${address.socket}`)
    return () => rmSync(address.socket, { force: true })
  }
  const port = await listenOnPort(server, ownListen)
  publishPort(address.portFile, port)
  log(`listening on 127.0.0.1:${port}`)
  return () => rmSync(address.portFile, { force: true })
}

async function listenOnSocket(server: Server, path: string, ownListen: NetworkGuard["listen"]): Promise<void> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new Error(
      `The socket path '${path}' is longer than ${MAX_SOCKET_PATH_BYTES} bytes. Use a shorter path, or a port file.`,
    )
  }
  await removeStaleSocket(path)
  // Instead of a later chmod, before which others could connect.
  const umask = process.umask(0o177)
  try {
    // exclusive: otherwise Node reads cluster.isPrimary, which the guard has changed.
    await started(server, () => ownListen(server, { path, exclusive: true }))
  } finally {
    process.umask(umask)
  }
}

async function listenOnPort(server: Server, ownListen: NetworkGuard["listen"]): Promise<number> {
  await started(server, () => ownListen(server, { host: "127.0.0.1", port: 0, exclusive: true }))
  return (server.address() as AddressInfo).port
}

function started(server: Server, start: () => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.once("listening", () => {
      server.off("error", reject)
      resolve()
    })
    start()
  })
}

/** Write the port file atomically. */
function publishPort(file: string, port: number): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${port}\n`, { mode: 0o600 })
  renameSync(draft, file)
}

/** Remove the socket of a worker that was killed. */
async function removeStaleSocket(path: string): Promise<void> {
  if (!existsSync(path)) {
    return
  }
  if (!lstatSync(path).isSocket()) {
    throw new Error(`'${path}' exists and is not a socket. Remove it, or choose another path.`)
  }
  if (await answers(path)) {
    throw new Error(`Another process listens on '${path}'. Use a separate socket for each worker.`)
  }
  rmSync(path, { force: true })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once("connect", () => {
      probe.destroy()
      resolve(true)
    })
    probe.once("error", () => resolve(false))
  })
}
