/**
 * Waiting reloads and values of live props: throttled, sent together, and tried again after a failure.
 *
 * How it works:
 * 1. A reload in progress does not count for an event that arrives in the meantime: another reload follows.
 * 2. The router sets one page at a time, and drops the other. A value therefore waits while the page of a response is
 *    being set, and a response that arrives while a value is being set takes the value along (`beforeUpdate`).
 */
import { withValue, type LivePage, type LiveProp } from "./page.ts"

/** Inertia's router, as far as live props need it: that of @inertiajs/react, vue3 or svelte, or of this package. */
export interface LiveRouter {
  on: (type: any, callback: (event: any) => void) => () => void
  reload: (options: any) => void
  replaceProp: (name: string, value: any, options?: any) => void
}

interface Options {
  only: string[]
  reset: string[]
  preserveErrors: boolean
  onBeforeUpdate: () => void
  onFinish: () => void
  onHttpException: () => boolean
  onNetworkError: () => boolean
}

/** The next change of a prop. */
type Waiting = { reload: true } | ({ reload: false } & Value)

interface Value {
  value: unknown
  time: number
}

const FIRST_RETRY = 1_000
const LAST_RETRY = 60_000
// Half a minute: a slow line loads the chunk of a page. Inertia does not report the end of each cancelled visit.
const LONGEST_UPDATE = 30_000

/**
 * 500 ms: the clocks of machines that publish and of machines that make pages may differ by this much. A page that is
 * newer than an event by less may not have its change, and is reloaded.
 */
export const CLOCK_SKEW = 500

export class Reloads {
  #router: LiveRouter
  #needsReset: (path: string) => boolean
  #waiting = new Map<string, Waiting>()
  #underWay = new Set<string>()
  /** The values that the router is setting. */
  #shown = new Map<string, Value>()
  #isUpdating = false
  #updateEnd: ReturnType<typeof setTimeout> | undefined
  /** By path: when the last reload or value was shown, on the clock of the page. */
  #last = new Map<string, number>()
  #failures = 0
  #notBefore = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isPaused = false
  #throttle = new Map<string, number>()
  /** Called with a path and the time up to which the server's value includes all events. */
  onFresh: (path: string, time: number) => void = () => {}
  /** Returns the time of the last event that a prop has seen. */
  lastEvent: (path: string) => number = () => 0
  /** Returns the time at which the server made the value on the page. */
  madeAt: (path: string) => number = () => 0

  constructor(router: LiveRouter, needsReset: (path: string) => boolean) {
    this.#router = router
    this.#needsReset = needsReset
  }

  /** The props of the page. Others need no reload any more. */
  use(props: Record<string, LiveProp>): void {
    this.#throttle = new Map(Object.entries(props).map(([path, prop]) => [path, prop.throttle ?? 0]))
    for (const path of this.#waiting.keys()) {
      if (!this.#throttle.has(path)) {
        this.#waiting.delete(path)
      }
    }
  }

  isUnderWay(path: string): boolean {
    return this.#underWay.has(path)
  }

  /** Return whether a value is waiting to be shown. */
  willShow(path: string): boolean {
    return this.#waiting.get(path)?.reload === false
  }

  /** Called before the router sets the page of a response, which gets the values that are being set. */
  beforeUpdate(page: LivePage): void {
    this.#isUpdating = true
    clearTimeout(this.#updateEnd)
    this.#updateEnd = setTimeout(() => this.updated(), LONGEST_UPDATE)
    for (const [path, { value, time }] of this.#shown) {
      const prop = page.liveProps?.[path]
      const made = (prop?.at ?? 0) * 1000
      if (prop && made <= time) {
        page.props = withValue(page.props, path, value)
      } else if (prop && made - CLOCK_SKEW <= time) {
        this.reload(path)
      }
    }
  }

  /** Called when the router has set the page. */
  updated(): void {
    this.#isUpdating = false
    clearTimeout(this.#updateEnd)
    this.#plan(0)
  }

  /** Reload a prop, after `delay` milliseconds at the earliest. */
  reload(path: string, delay = 0): void {
    this.#waiting.set(path, { reload: true })
    this.#plan(delay)
  }

  /** Show a value. If a reload is waiting or in progress, the value comes from a reload instead. */
  show(path: string, value: unknown, time: number): void {
    if (this.#underWay.has(path)) {
      this.reload(path)
    } else if (!this.#waiting.get(path)?.reload) {
      this.#waiting.set(path, { reload: false, value, time })
      this.#plan(0)
    }
  }

  pause(): void {
    this.#isPaused = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  resume(): void {
    this.#isPaused = false
    this.#plan(0)
  }

  #plan(delay: number): void {
    if (this.#isPaused || this.#waiting.size === 0) {
      return
    }
    const now = performance.now()
    const due = [...this.#waiting.keys()].filter((path) => !this.#isBlocked(path)).map((path) => this.#dueAt(path))
    if (due.length === 0) {
      return
    }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#flush(), Math.max(delay, Math.min(...due) - now, 0))
  }

  #isBlocked(path: string): boolean {
    return this.#underWay.has(path) || (this.#isUpdating && this.willShow(path))
  }

  #dueAt(path: string): number {
    const throttled = (this.#last.get(path) ?? Number.NEGATIVE_INFINITY) + (this.#throttle.get(path) ?? 0)
    return this.#waiting.get(path)?.reload ? Math.max(throttled, this.#notBefore) : throttled
  }

  #flush(): void {
    this.#timer = undefined
    const now = performance.now()
    const only: string[] = []
    for (const [path, waiting] of this.#waiting) {
      if (this.#isBlocked(path) || this.#dueAt(path) > now) {
        continue
      }
      this.#waiting.delete(path)
      this.#last.set(path, now)
      if (waiting.reload) {
        only.push(path)
      } else if (waiting.time >= this.madeAt(path)) {
        this.#show(path, waiting)
      } else if (waiting.time >= this.madeAt(path) - CLOCK_SKEW) {
        only.push(path)
      }
    }
    if (only.length > 0) {
      this.#send(only)
    }
    this.#plan(0)
  }

  #show(path: string, shown: Value): void {
    this.#shown.set(path, shown)
    const onFinish = () => {
      if (this.#shown.get(path) === shown) {
        this.#shown.delete(path)
      }
    }
    this.#router.replaceProp(path, shown.value, { onFinish })
    this.onFresh(path, shown.time)
  }

  #send(only: string[]): void {
    only.forEach((path) => this.#underWay.add(path))
    const seen = new Map(only.map((path) => [path, this.lastEvent(path)]))
    let arrived = false
    const options: Options = {
      only,
      reset: only.filter(this.#needsReset),
      preserveErrors: true,
      onBeforeUpdate: () => {
        arrived = true
      },
      // Show neither an error page nor a dialog, since the visitor did not cause the request.
      onHttpException: () => false,
      onNetworkError: () => false,
      onFinish: () => {
        only.forEach((path) => this.#underWay.delete(path))
        if (arrived) {
          this.#failures = 0
          seen.forEach((time, path) => this.onFresh(path, time))
        } else {
          this.#retry(only)
        }
        this.#plan(0)
      },
    }
    this.#router.reload(options)
  }

  #retry(paths: string[]): void {
    this.#notBefore = performance.now() + Math.min(FIRST_RETRY * 2 ** this.#failures, LAST_RETRY) * (0.5 + Math.random())
    this.#failures += 1
    paths.filter((path) => this.#throttle.has(path)).forEach((path) => this.#waiting.set(path, { reload: true }))
  }
}
