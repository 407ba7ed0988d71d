/** What the Python process that starts Vite tells it, in one environment variable. */

/** The variable; without it this Vite was started by hand, and everything in this folder is inert. */
export const VARIABLE = "LITESTAR_VITE_DEV"

export interface DevSession {
  /** The file that names the dev server; see devserver/state.py. */
  readonly state: string
  /** Proves that a URL answers for this very process. */
  readonly nonce: string
  /** The process that this one must not outlive; `start` is its start time in the kernel's ticks, where there is one. */
  readonly owner: { readonly pid: number; readonly start: string | null }
  /** Vite's `base`: the same path as the built files have. */
  readonly base: string
  /** The prefix in `base` that the app is found under; may be empty. */
  readonly rootPath: string
  /** Folders of server-side templates: a change in one reloads the page. */
  readonly watch: readonly string[]
  /** Whether the pages carry CSP nonces. */
  readonly cspNonce: boolean
}

/** The slot that Python fills with the nonce of each request. */
export const CSP_NONCE = "litestar-vite-nonce"

/** Read the session of this process; undefined when Vite was not started by litestar_vite. */
export function devSession(env: NodeJS.ProcessEnv = process.env): DevSession | undefined {
  const text = env[VARIABLE]
  return text ? (JSON.parse(text) as DevSession) : undefined
}
