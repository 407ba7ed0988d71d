/// <reference lib="dom" />
/**
 * Keeps the HMR socket alive while the Python server restarts. Runs in the page before Vite's client, in development.
 *
 * Otherwise, saving a Python file would reload the page and lose its state and scroll position: the restart closes the
 * socket, and Vite's client reloads the page once the server is back.
 *
 * How it works:
 * 1. `new WebSocket(url, "vite-hmr")` returns a socket that reconnects automatically as long as the same Vite process
 *    is running, which it checks by the generation (over HTTP). Vite's client does not notice.
 * 2. After reconnecting, it requests missed messages by their sequence number (dev/messages.ts).
 * 3. If Vite was restarted, the socket closes, and Vite's client reloads the page.
 * 4. "litestar:reload" refreshes the page in place with the Inertia router.
 * 5. "litestar:problems" shows the props that do not match their types (dev/panel.ts).
 * 6. A page without JavaScript (`hydrate=False`) lacks a router and modules. It is reloaded, also on
 *    "litestar:rendered", when a module that renders pages on the server has changed.
 */
import { showProblems } from "./panel.ts"

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 1000

interface Message {
  type?: string
  event?: string
  data?: unknown
  seq?: number
}

const script = document.currentScript as HTMLScriptElement
const place = script.src.slice(0, script.src.lastIndexOf("/"))
// Pages rendered by a template do not have the attribute.
const generation = Promise.resolve(script.dataset["generation"] ?? askGeneration())
const NativeWebSocket = window.WebSocket
let isLeaving = false
window.addEventListener("beforeunload", () => {
  isLeaving = true
  // A download or a cancelled navigation leaves the page in place.
  setTimeout(() => (isLeaving = false), 5000)
})

/** A WebSocket that reconnects. Implements the members that Vite's client uses. */
class LastingSocket extends EventTarget {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3
  readonly url: string
  readonly protocol: string
  #socket: WebSocket
  #wasOpen = false
  #isClosed = false
  #seen: number | undefined

  constructor(url: string, protocol: string) {
    super()
    this.url = url
    this.protocol = protocol
    this.#socket = this.#connect()
  }

  get readyState(): number {
    // Vite's client must not see interruptions.
    return this.#wasOpen && !this.#isClosed ? this.OPEN : this.#socket.readyState
  }

  send(data: string): void {
    if (this.#socket.readyState === this.OPEN) {
      this.#socket.send(data)
    }
  }

  close(code?: number, reason?: string): void {
    this.#isClosed = true
    this.#socket.close(code, reason)
  }

  #connect(): WebSocket {
    const socket = new NativeWebSocket(this.url, this.protocol)
    socket.addEventListener("open", () => this.#opened())
    socket.addEventListener("message", (event: MessageEvent<string>) => this.#received(event))
    socket.addEventListener("error", () => this.#wasOpen || this.dispatchEvent(new Event("error")))
    socket.addEventListener("close", (event) => void this.#lost(event))
    return socket
  }

  #opened(): void {
    if (!this.#wasOpen) {
      this.#wasOpen = true
      this.dispatchEvent(new Event("open"))
    } else {
      this.send(JSON.stringify({ type: "custom", event: "litestar:resume", data: { seen: this.#seen ?? null } }))
    }
  }

  #received(event: MessageEvent<string>): void {
    const message = JSON.parse(event.data) as Message
    if (message.event === "litestar:hello") {
      this.#seen ??= (message.data as { seq?: number } | undefined)?.seq
      return
    }
    if (message.seq !== undefined) {
      if (this.#seen !== undefined && message.seq <= this.#seen) {
        return
      }
      this.#seen = message.seq
    }
    if (message.event === "litestar:reload") {
      void refresh()
    } else if (message.event === "litestar:rendered" && !isHydrated()) {
      location.reload()
    } else if (message.event === "litestar:problems") {
      showProblems(message.data as string[])
    }
    this.dispatchEvent(new MessageEvent("message", { data: event.data }))
  }

  async #lost(event: CloseEvent): Promise<void> {
    if (this.#wasOpen && !this.#isClosed && !isLeaving && (await sameViteAnswers())) {
      this.#socket = this.#connect()
      return
    }
    this.#isClosed = true
    this.dispatchEvent(new CloseEvent("close", { code: event.code, reason: event.reason, wasClean: event.wasClean }))
  }
}

/** Wait until Vite responds, and return whether it is the process that served this page. */
async function sameViteAnswers(): Promise<boolean> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- polls a server
      const found = await askGeneration()
      if (found !== undefined) {
        // oxlint-disable-next-line no-await-in-loop
        return found === (await generation)
      }
    } catch {
      // The server is restarting, or has a syntax error.
    }
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => {
      setTimeout(resolve, pause)
    })
  }
}

async function askGeneration(): Promise<string | undefined> {
  const response = await fetch(`${place}/generation`, { cache: "no-store" })
  return response.ok ? response.text() : undefined
}

/** Return whether the page has the scripts of the front end. Python adds the element to other pages. */
function isHydrated(): boolean {
  return document.querySelector('meta[name="litestar-vite:hydrate"][content="false"]') === null
}

/** Refresh the page with the server's new code, keeping its state and scroll position. */
async function refresh(): Promise<void> {
  if (!isHydrated()) {
    location.reload()
    return
  }
  const url = `${place}/../@id/__x00__litestar-vite/refresh`
  try {
    const module = (await import(/* @vite-ignore */ url)) as { refresh(): void }
    module.refresh()
  } catch {
    location.reload()
  }
}

window.WebSocket = new Proxy(NativeWebSocket, {
  construct(target, [url, protocol]: [string, string | string[] | undefined]) {
    return protocol === "vite-hmr" ? new LastingSocket(String(url), protocol) : new target(url, protocol)
  },
})
