/** Classifies rendering errors for the error JSON of the Inertia SSR protocol, which is sent with status 500. */
import type { Page } from "./renderer.ts"

export type FailureType = "browser-api" | "component-resolution" | "render" | "unknown"

export interface Failure {
  error: string
  type: FailureType
  component?: string
  url?: string
  browserApi?: string
  hint: string
  stack?: string
  sourceLocation?: string
  timestamp: string
}

// Names that all browsers define, but Node does not (or only in some releases).
const BROWSER_APIS = new Set(
  (
    "window document navigator location history screen localStorage sessionStorage indexedDB matchMedia " +
    "getComputedStyle customElements requestAnimationFrame cancelAnimationFrame requestIdleCallback innerWidth " +
    "innerHeight outerWidth outerHeight scrollX scrollY scrollTo devicePixelRatio visualViewport alert confirm " +
    "prompt Image Audio Worker SharedWorker XMLHttpRequest FileReader DOMParser Node Element HTMLElement SVGElement " +
    "ShadowRoot CustomEvent MutationObserver IntersectionObserver ResizeObserver EventSource"
  ).split(" "),
)

// Messages for undefined names and for properties of undefined, in V8 and in JavaScriptCore (Bun).
const MISSING = [
  /\b(\w+)['"]? is not defined/,
  /Cannot read propert(?:y|ies) of undefined \(reading '(\w+)'\)/,
  /undefined is not an object \(evaluating '[^']*\.(\w+)'\)/,
]
const UNRESOLVED = new RegExp(
  "page not found|module not found|cannot find (?:module|package)|(?:failed|could not) (?:to )?resolve|" +
    "unknown variable dynamic import",
  "i",
)

/** The failure of rendering `page`. Accepts any value, since JavaScript can throw strings and objects too. */
export function classify(thrown: unknown, page: Page = {}): Failure {
  const error = thrown instanceof Error ? thrown.message : `The render threw ${preview(thrown)}, which is not an Error.`
  const stack = thrown instanceof Error ? thrown.stack : undefined
  return withPage(page, {
    error,
    ...kindOf(thrown, error, page),
    ...(stack !== undefined && { stack, ...sourceLocationOf(stack) }),
    timestamp: new Date().toISOString(),
  })
}

/** The failure of a request without a valid page, or of a render with an invalid result. */
export function failure(type: FailureType, error: string, hint: string, page: Page = {}): Failure {
  return withPage(page, { error, type, hint, timestamp: new Date().toISOString() })
}

/** A short text for any value, for error messages. */
export function preview(value: unknown): string {
  let text: string | undefined
  try {
    text = typeof value === "function" ? "a function" : JSON.stringify(value)
  } catch {
    // Cycles, BigInt, a toJSON that throws: the type is enough.
  }
  text ??= value === undefined ? "undefined" : `a value of type ${typeof value}`
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

function kindOf(thrown: unknown, message: string, page: Page): Pick<Failure, "type" | "browserApi" | "hint"> {
  const name = MISSING.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined)
  if (name !== undefined && BROWSER_APIS.has(name)) {
    return { type: "browser-api", browserApi: name, hint: browserHint(name) }
  }
  if (UNRESOLVED.test(message)) {
    return { type: "component-resolution", hint: resolutionHint(page.component) }
  }
  if (thrown instanceof Error) {
    return { type: "render", hint: "A component failed with these props. See the stack." }
  }
  return { type: "unknown", hint: "Throw Error objects. Other values lack a stack, so the source is unknown." }
}

function browserHint(name: string): string {
  return (
    `'${name}' only exists in browsers. Use it in an effect (useEffect, onMounted, onMount), which does not run on ` +
    `the server, or check "typeof ${name} !== 'undefined'" first.`
  )
}

function resolutionHint(component: unknown): string {
  return (
    `The bundle has no page component ${preview(component)}. Compare the name with the file in the pages folder, ` +
    "including upper and lower case. If the page is new, build the SSR bundle again."
  )
}

/** The first stack frame in the bundle. With --enable-source-maps, it names the source file. */
function sourceLocationOf(stack: string): Pick<Failure, "sourceLocation"> {
  for (const line of stack.split("\n")) {
    const frame = /^\s+at (?:.*\()?(.+):(\d+):(\d+)\)?$/.exec(line)
    const file = frame?.[1]?.replace(/^file:\/\//, "")
    if (frame !== null && file !== undefined && !/node_modules|^node:|worker\.mjs$/.test(file)) {
      return { sourceLocation: `${file}:${frame[2]}:${frame[3]}` }
    }
  }
  return {}
}

function withPage(page: Page, rest: Failure): Failure {
  return {
    ...rest,
    ...(typeof page.component === "string" && { component: page.component }),
    ...(typeof page.url === "string" && { url: page.url }),
  }
}
