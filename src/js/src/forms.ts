/// <reference lib="dom" />
/**
 * Forms that the browser submits, on pages without JavaScript (`hydrate=False`).
 *
 * The server adds the props `csrfToken` and `oldInput` when it renders such a page. If the Inertia client shows the page
 * after a visit, the token comes from the cookie, as for the client's own requests.
 */

/** The attributes of a hidden input. Without CSRF protection, it is disabled, so that it is not sent. */
export interface CsrfField {
  type: "hidden"
  name: "_csrf_token"
  value: string
  disabled: boolean
}

/** The visitor's input in the rejected form that led back to this page. */
export interface OldInput {
  /** The value of a field; `fallback` (default: "") if the form did not have it. */
  (name: string, fallback?: string): string
  /** All values of a field that occurs several times, such as checkboxes. */
  list(name: string): string[]
}

const COOKIE = /(?:^|;\s*)XSRF-TOKEN=([^;]*)/

export function csrfField(props: object): CsrfField {
  const given = (props as { csrfToken?: unknown }).csrfToken
  const value = typeof given === "string" ? given : tokenInCookie()
  return { type: "hidden", name: "_csrf_token", value, disabled: value === "" }
}

function tokenInCookie(): string {
  const found = typeof document === "undefined" ? null : COOKIE.exec(document.cookie)
  return found === null ? "" : decodeURIComponent(found[1] as string)
}

export function oldInput(props: object): OldInput {
  const given = ((props as { oldInput?: unknown }).oldInput ?? {}) as Record<string, string | string[]>
  const list = (name: string): string[] => (Object.hasOwn(given, name) ? [given[name] as string | string[]].flat() : [])
  return Object.assign((name: string, fallback = "") => list(name)[0] ?? fallback, { list })
}
