/// <reference lib="dom" />
/**
 * Live props in the browser: reloads a prop, or shows its new value, when an event of its channels arrives.
 *
 *     import { router } from "@inertiajs/react"   // or vue3, svelte
 *     import { live } from "litestar-vite/live"
 *
 *     live(router)                                // before createInertiaApp
 *
 * How it works:
 * 1. Each page names its live props and their channels (`liveProps`). All of them share one EventSource.
 * 2. A page may be older than an event that has arrived: a page from the browser's history, or a response to a request
 *    in progress. Its props are then reloaded.
 * 3. A hidden tab closes its connection. When it is shown again, the server sends what it has missed.
 */
import { livePropsOf, needsReset, timeOf, valueAt, type LiveEvent, type LivePage, type LiveProp } from "./live/page.ts"
import { CLOCK_SKEW, Reloads, type LiveRouter } from "./live/reloads.ts"
import { LiveSource } from "./live/source.ts"

export type { LiveEvent, LivePage, LiveProp, Listener } from "./live/page.ts"
export type { LiveRouter } from "./live/reloads.ts"

export interface LiveOptions {
  /** The URL of the event stream: `LiveConfig.path`, with the app's prefix if it has one. Default: "/live". */
  url?: string
}

// 5 seconds: a short look at another tab does not cause a reconnect.
const HIDDEN_PAUSE = 5_000
// Up to a second: the visitors of a server that has lost its history do not all reload at the same moment.
const SPREAD = 1_000

class LiveProps {
  #source: LiveSource
  #reloads: Reloads
  #page: LivePage | undefined
  #props: Record<string, LiveProp> = {}
  /** By path: the time up to which the value includes all events. */
  #fresh = new Map<string, number>()
  /** By path: the second in which the server made the value. */
  #at = new Map<string, number>()
  /** By path: whether a reload replaces a prop that is otherwise merged. */
  #resets = new Map<string, boolean>()
  /** By channel and event: the time of the last one. */
  #seen = new Map<string, number>()

  constructor(router: LiveRouter, url: string) {
    this.#source = new LiveSource(url, { event: (event) => this.#receive(event), lost: (names) => this.#lose(names) })
    this.#reloads = new Reloads(router, (path) => this.#resets.get(path) ?? false)
    this.#reloads.onFresh = (path, time) => this.#fresh.set(path, Math.max(this.#fresh.get(path) ?? 0, time + 1))
    this.#reloads.lastEvent = (path) => this.#lastEvent(path)
    this.#reloads.madeAt = (path) => (this.#at.get(path) ?? 0) * 1000
  }

  /** Complete the live props of a page that is about to be shown. The browser's history then has them all. */
  complete(page: LivePage): void {
    // A partial reload names the merge props that it brings, and no others.
    Object.keys(page.liveProps ?? {})
      .filter((path) => !this.#reloads.isUnderWay(path)) // A reset removes the merge label from the response.
      .forEach((path) => this.#resets.set(path, needsReset(page, path)))
    const found = livePropsOf(page, this.#page)
    if (Object.keys(found).length > 0) {
      page.liveProps = found
    }
    this.#reloads.beforeUpdate(page)
  }

  /** Called when a visit has ended, with or without a page to show. */
  updated(): void {
    this.#reloads.updated()
  }

  /** Follow the live props of the page that is shown. */
  show(page: LivePage): void {
    this.#page = page
    this.#props = page.liveProps ?? {}
    this.#reloads.use(this.#props)
    const channels = new Map<string, number>()
    for (const [path, prop] of Object.entries(this.#props)) {
      this.#resets.set(path, this.#resets.get(path) ?? needsReset(page, path))
      const at = prop.at ?? this.#at.get(path) ?? 0
      if (this.#at.get(path) !== at) {
        this.#at.set(path, at)
        this.#fresh.set(path, at * 1000)
      }
      for (const { channel } of prop.listeners) {
        channels.set(channel.name, Math.min(channels.get(channel.name) ?? Number.POSITIVE_INFINITY, at * 1000))
      }
    }
    this.#source.listen(channels)
    for (const path of Object.keys(this.#props)) {
      if (!this.#reloads.isUnderWay(path) && !this.#reloads.willShow(path) && this.#isOld(path)) {
        this.#reloads.reload(path)
      }
    }
  }

  pause(): void {
    this.#source.pause()
    this.#reloads.pause()
  }

  resume(): void {
    this.#source.resume()
    this.#reloads.resume()
  }

  hurry(): void {
    this.#source.hurry()
  }

  #isOld(path: string): boolean {
    const fresh = this.#fresh.get(path) ?? 0
    const isUncovered = this.#props[path]!.listeners.some(({ channel }) => fresh < this.#source.since(channel.name))
    const isPagesTime = fresh === (this.#at.get(path) ?? 0) * 1000
    return isUncovered || this.#lastEvent(path) >= fresh - (isPagesTime ? CLOCK_SKEW : 0)
  }

  #lastEvent(path: string): number {
    const listeners = this.#props[path]?.listeners ?? []
    const names = listeners.flatMap(({ channel, events }) => events.map((event) => `${channel.name} ${event}`))
    return Math.max(0, ...names.map((name) => this.#seen.get(name) ?? 0))
  }

  #receive(event: LiveEvent): void {
    const time = timeOf(event.id)
    const name = `${event.channel} ${event.event}`
    this.#seen.set(name, Math.max(this.#seen.get(name) ?? 0, time))
    const { __inertia: pushed } = event
    for (const [path, prop] of Object.entries(this.#props)) {
      if (!prop.listeners.some(({ channel, events }) => channel.name === event.channel && events.includes(event.event))) {
        continue
      }
      const value = pushed?.props && valueAt(pushed.props, path)
      if (value === undefined) {
        this.#reloads.reload(path)
      } else {
        this.#reloads.show(path, value, time)
      }
    }
  }

  #lose(channels: string[]): void {
    const delay = Math.random() * SPREAD
    for (const [path, prop] of Object.entries(this.#props)) {
      if (prop.listeners.some(({ channel }) => channels.includes(channel.name))) {
        this.#reloads.reload(path, delay)
      }
    }
  }
}

type InertiaEvent = { detail: { page?: LivePage } }

const pageOf = (event: InertiaEvent) => event.detail.page

/**
 * Follow the live props of all pages. Call it once, before `createInertiaApp`.
 *
 * @returns A function that stops it.
 */
export function live(router: LiveRouter, { url = "/live" }: LiveOptions = {}): () => void {
  if (typeof window === "undefined") {
    return () => {} // A render on the server.
  }
  const props = new LiveProps(router, url)
  let timer: ReturnType<typeof setTimeout> | undefined
  const show = (event: InertiaEvent) => {
    const page = pageOf(event)
    if (page) {
      props.show(page)
    }
  }
  const complete = (event: InertiaEvent) => {
    const page = pageOf(event)
    if (page) {
      props.complete(page)
    }
  }
  const look = () => {
    clearTimeout(timer)
    if (document.visibilityState === "visible") {
      props.resume()
    } else {
      timer = setTimeout(() => props.pause(), HIDDEN_PAUSE)
    }
  }
  const events: [EventTarget, string, () => void][] = [
    [document, "visibilitychange", look],
    [window, "pageshow", look],
    // A page with an open connection would not be kept for the back button.
    [window, "pagehide", () => props.pause()],
    [window, "online", () => props.hurry()],
  ]
  events.forEach(([target, name, act]) => target.addEventListener(name, act))
  const removers = [
    router.on("beforeUpdate", complete),
    ...["navigate", "success", "error"].map((name) => router.on(name, show)),
    ...["success", "error", "finish"].map((name) => router.on(name, () => props.updated())),
  ]
  look()
  return () => {
    clearTimeout(timer)
    props.pause()
    removers.forEach((remove) => remove())
    events.forEach(([target, name, act]) => target.removeEventListener(name, act))
  }
}
