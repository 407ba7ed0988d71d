/** The session that the app passes to Vite in an environment variable. */

/** The variable. Without it, the user started Vite, and this folder is unused except for alone.ts. */
export const VARIABLE = "LITESTAR_VITE_DEV"

export interface DevSession {
  /** The state file of the dev server; see _devserver/state.py. */
  readonly state: string
  /** Proves that a URL belongs to this process. */
  readonly nonce: string
  /** The process that this one must not outlive. `start` is its start time in kernel ticks; null if unavailable. */
  readonly owner: { readonly pid: number; readonly start: string | null }
  /** Vite's `base`, the same path as in a build. */
  readonly base: string
  /** The app's path prefix, included in `base`; may be empty. */
  readonly rootPath: string
  /** Folders of server-side templates. A change in them reloads the page. */
  readonly watch: readonly string[]
  /** Pages have CSP nonces. */
  readonly cspNonce: boolean
}

/** A placeholder that Python replaces by each request's nonce. */
export const CSP_NONCE = "litestar-vite-nonce"

/** Return this process's session; undefined if the user started Vite. */
export function devSession(env: NodeJS.ProcessEnv = process.env): DevSession | undefined {
  const text = env[VARIABLE]
  return text ? (JSON.parse(text) as DevSession) : undefined
}
