/** Additions to pages in development: dev/browser.ts, and the module that refreshes a page in place. */
import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"

/** The path of these files under Vite's base. */
export const PLACE = "@litestar-vite"

const REFRESH = "\0litestar-vite/refresh"
const ADAPTERS = ["@inertiajs/react", "@inertiajs/vue3", "@inertiajs/svelte"]

/** Identifies a dev server. A restart of Vite, for example after a config change, creates a new generation. */
export interface Generation {
  readonly id: string
}

export function newGeneration(): Generation {
  return { id: randomUUID() }
}

/** The tag for index.html. A classic script, so it runs before all modules, including Vite's client. */
export function pageTag(base: string, generation: Generation): object {
  const attrs = { src: `${base}${PLACE}/client.js`, "data-generation": generation.id }
  return { tag: "script", attrs, injectTo: "head-prepend" }
}

/** Serve `client.js` and `generation`. */
export function answerPage(generation: Generation) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const path = (request.url ?? "").replace(/\?.*/, "")
    const headers = { "cache-control": "no-store" }
    if (path === "/client.js") {
      response.writeHead(200, { ...headers, "content-type": "text/javascript; charset=utf-8" }).end(browserScript())
    } else if (path === "/generation") {
      response.writeHead(200, { ...headers, "content-type": "text/plain; charset=utf-8" }).end(generation.id)
    } else {
      next()
    }
  }
}

/** The id of the virtual module; undefined for other modules. */
export function resolveRefresh(id: string): string | undefined {
  return id === REFRESH || id === "litestar-vite/refresh" ? REFRESH : undefined
}

/** The virtual module. It imports the same adapter as the app, and so shares its router. */
export async function loadRefresh(
  id: string,
  isInstalled: (name: string) => Promise<boolean>,
): Promise<string | undefined> {
  if (id !== REFRESH) {
    return undefined
  }
  const installed = await Promise.all(ADAPTERS.map((name) => isInstalled(name)))
  const adapter = ADAPTERS.find((_, index) => installed[index])
  return adapter === undefined
    ? "export const refresh = () => location.reload()\n"
    : `import { router } from "${adapter}"\nexport const refresh = () => router.reload()\n`
}

function browserScript(): Buffer {
  return readFileSync(new URL("browser.js", import.meta.url))
}
