/**
 * Hooks of builds: the reload after a deploy, and a warning about files that a rendered page cannot name.
 */

/** The virtual module in each entry of the client build. */
const RELOAD = "\0litestar-vite/reload"

/**
 * Reload once if a chunk is missing, because a deploy has replaced it.
 *
 * The build's own URL is stored before the reload: the same build never reloads twice, and a newer one may.
 */
const RELOAD_SOURCE = `
addEventListener("vite:preloadError", (event) => {
  const key = "litestar-vite:reloaded"
  try {
    if (navigator.onLine === false || sessionStorage.getItem(key) === import.meta.url) return
    sessionStorage.setItem(key, import.meta.url)
  } catch {
    // Without storage, a loop cannot be ruled out.
    return
  }
  event.preventDefault()
  location.reload()
})
`

const SCRIPT = /\.(?:[cm]?[jt]sx?|vue|svelte|html)(?:\?html-proxy.*)?$/
const FILE_URL = /\bnew\s+URL\(\s*(["'`])(\.[^"'`]*)\1\s*,\s*import\.meta\.url\s*\)/
const COMMENT = /\/\*[\s\S]*?\*\/|(^|[^:])\/\/.*$/gm

/** The parts of Rolldown's plugin context that are used here. */
interface Context {
  getModuleInfo(id: string): { isEntry: boolean } | null
  warn(message: string): void
}

/** The hooks, without effect in development. */
export function buildHooks(target: () => "client" | "ssr" | undefined) {
  return {
    resolveId: (id: string): string | undefined => (id === RELOAD && target() === "client" ? RELOAD : undefined),
    load: (id: string): string | undefined => (id === RELOAD && target() === "client" ? RELOAD_SOURCE : undefined),
    transform: {
      // Last: Vite has turned index.html into a script.
      order: "post" as const,
      handler(this: Context, code: string, id: string): { code: string; map: null } | undefined {
        if (target() === "ssr") {
          warnOfFileUrl(this, code, id)
        } else if (target() === "client" && SCRIPT.test(id) && this.getModuleInfo(id)?.isEntry === true) {
          // On the first line, so that source maps stay correct.
          return { code: `import ${JSON.stringify(RELOAD)};${code}`, map: null }
        }
        return undefined
      },
    },
  }
}

/** In the SSR bundle, `import.meta.url` is the path of the bundle on the server. */
function warnOfFileUrl(context: Context, code: string, id: string): void {
  if (!code.includes("import.meta.url") || id.includes("/node_modules/")) {
    return
  }
  const found = FILE_URL.exec(code.replaceAll(COMMENT, "$1"))
  if (found !== null) {
    context.warn(
      `litestar-vite: ${id} uses new URL('${found[2]}', import.meta.url). Rendered on the server, it is the URL ` +
        `of a file on the server's disk. Write: import url from '${found[2]}?url'`,
    )
  }
}
