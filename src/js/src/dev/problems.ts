/**
 * The pages with props that do not match their types. Python reports them, and open pages show them (dev/panel.ts).
 *
 * A document is sent before its page connects, so the problems are kept, and sent to each page that connects.
 */
import type { DevViteServer } from "./endpoint.ts"

/** The event that dev/browser.ts listens to. Its data is the lines. */
export const PROBLEMS_EVENT = "litestar:problems"

/** The problems by component. */
export type Problems = Record<string, string[]>

export class ProblemList {
  readonly #server: DevViteServer
  readonly #found = new Map<string, string[]>()

  constructor(server: DevViteServer) {
    this.#server = server
    server.ws.on("vite:client:connect", (_, client) => {
      if (this.#found.size > 0) {
        client.send(PROBLEMS_EVENT, this.#lines())
      }
    })
  }

  /** Replace the problems of these components. A component with an empty list is removed. */
  update(problems: Problems): void {
    for (const [component, lines] of Object.entries(problems)) {
      if (lines.length > 0) {
        this.#found.set(component, lines)
      } else {
        this.#found.delete(component)
      }
    }
    this.#send()
  }

  /** Forget all problems: the server's code has changed. */
  clear(): void {
    if (this.#found.size > 0) {
      this.#found.clear()
      this.#send()
    }
  }

  #lines(): string[] {
    return [...this.#found.values()].flat()
  }

  #send(): void {
    this.#server.ws.send({ type: "custom", event: PROBLEMS_EVENT, data: this.#lines() })
  }
}
