/// <reference lib="dom" />
/**
 * Runs in the page in development, before Vite's client: keeps the HMR socket alive while the Python server restarts.
 *
 * Without it every save of a Python file reloads the page: the server's restart closes the socket, and Vite's client takes that for the
 * end of Vite and reloads the page once something answers again, state and scroll position lost.
 *
 * How it works:
 * 1. `new WebSocket(url, "vite-hmr")` gives a socket that connects again by itself as long as the very same Vite is behind it (its
 *    generation, asked for over HTTP, tells). Vite's client does not notice.
 * 2. What was sent meanwhile is asked for by its number (dev/messages.ts).
 * 3. When it is another Vite, the socket closes as any other, and Vite's client does what it always does.
 * 4. "litestar:reload" refreshes the page in place, through the Inertia router.
 */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 1000

interface Message {
  type?: string
  event?: string
  data?: { seq?: number }
  seq?: number
}

const script = document.currentScript as HTMLScriptElement
const place = script.src.slice(0, script.src.lastIndexOf("/"))
// A page of a template does not know it: it asks.
const generation = Promise.resolve(script.dataset["generation"] ?? askGeneration())
const NativeWebSocket = window.WebSocket
let isLeaving = false
window.addEventListener("beforeunload", () => {
  isLeaving = true
  // A download or a cancelled navigation leaves the page in place.
  setTimeout(() => (isLeaving = false), 5000)
})

/** As much of a WebSocket as Vite's client uses. */
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
    // To Vite's client a socket that comes back was never away.
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
      this.#seen ??= message.data?.seq
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

/** Wait until a Vite answers, and tell whether it is the one of this page. */
async function sameViteAnswers(): Promise<boolean> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- it waits for a server
      const found = await askGeneration()
      if (found !== undefined) {
        // oxlint-disable-next-line no-await-in-loop
        return found === (await generation)
      }
    } catch {
      // Nobody listens: the server restarts, or has a syntax error.
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

/** Show what the server's new code makes of this page, with state and scroll position kept. */
async function refresh(): Promise<void> {
  try {
    const module = (await import(/* @vite-ignore */ `${place}/../@id/__x00__litestar-vite/refresh`)) as { refresh(): void }
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
