/** The parts of Inertia's page object that live props read. */

export interface Listener {
  channel: { name: string; type: string }
  events: string[]
}

/** A live prop in the page key `liveProps`. */
export interface LiveProp {
  listeners: Listener[]
  /** The shortest time between two reloads, in milliseconds. */
  throttle?: number
  /** The second in which the server made the value; missing for a value from an earlier page. */
  at?: number
}

export interface LivePage {
  component: string
  url: string
  props: Record<string, unknown>
  deferredProps?: Record<string, string[]>
  mergeProps?: string[]
  prependProps?: string[]
  deepMergeProps?: string[]
  matchPropsOn?: string[]
  liveProps?: Record<string, LiveProp>
}

/** An event as the server sends it. */
export interface LiveEvent {
  id: string
  channel: string
  event: string
  __inertia?: { props?: Record<string, unknown> }
}

/** The value at a dotted path. */
export function valueAt(props: Record<string, unknown>, path: string): unknown {
  if (path in props) {
    return props[path]
  }
  return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], props)
}

/** The props with another value at a dotted path. */
export function withValue(props: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [key, rest] = path in props ? [path, undefined] : splitAtDot(path)
  const inner = rest === undefined ? value : withValue((props[key] ?? {}) as Record<string, unknown>, rest, value)
  return { ...props, [key]: inner }
}

function splitAtDot(path: string): [string, string | undefined] {
  const dot = path.indexOf(".")
  return dot < 0 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)]
}

/**
 * The live props of a page: those that it names, and with a partial reload also those of the page before.
 *
 * The server names only props that it sends.
 */
export function livePropsOf(page: LivePage, before: LivePage | undefined): Record<string, LiveProp> {
  const isSame = before?.component === page.component && pathOf(before.url) === pathOf(page.url)
  const earlier = isSame ? before?.liveProps : undefined
  const deferred = new Set(Object.values(page.deferredProps ?? {}).flat())
  return Object.fromEntries(
    Object.entries({ ...earlier, ...page.liveProps }).filter(
      ([path]) => deferred.has(path) || valueAt(page.props, path) !== undefined,
    ),
  )
}

const pathOf = (url: string) => url.split(/[?#]/, 1)[0]

/** Return whether a reload must replace a prop that is otherwise merged. */
export function needsReset(page: LivePage, path: string): boolean {
  const isBelow = (each: string) => each === path || each.startsWith(`${path}.`)
  const merged = [...(page.mergeProps ?? []), ...(page.prependProps ?? []), ...(page.deepMergeProps ?? [])]
  return merged.some(isBelow) && !(page.matchPropsOn ?? []).some(isBelow)
}

/** The milliseconds since the epoch in an id or a position. */
export function timeOf(position: string): number {
  return Number.parseInt(position, 10) || 0
}
