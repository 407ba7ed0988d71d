import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { live, type LiveRouter } from "../src/live.ts"
import type { LivePage } from "../src/live/page.ts"

const listeners = [{ channel: { name: "orders", type: "public" }, events: ["changed"] }]

class FakeSource extends EventTarget {
  static last: FakeSource
  constructor() {
    super()
    FakeSource.last = this
  }
  close() {}
}

/** The companion in a page whose event stream and router are scripted. */
function open() {
  const handlers: Record<string, ((event: { detail: { page: LivePage } }) => void)[]> = {}
  const reload = vi.fn<LiveRouter["reload"]>((options) => {
    options.onBeforeUpdate()
    options.onFinish()
  })
  const on = (name: string, callback: (event: any) => void) => {
    ;(handlers[name] ??= []).push(callback)
    return () => {}
  }
  const stop = live({ on, reload, replaceProp: vi.fn<LiveRouter["replaceProp"]>() })
  const show = (at: number) => {
    const page: LivePage = { component: "Orders", url: "/", props: { total: 1 }, liveProps: { total: { listeners, at } } }
    for (const name of ["beforeUpdate", "navigate", "success", "finish"]) {
      handlers[name]?.forEach((handle) => handle({ detail: { page: structuredClone(page) } }))
    }
    vi.advanceTimersByTime(0)
  }
  const receive = (time: number) => {
    const data = JSON.stringify({ id: `${time}-0a`, channel: "orders", event: "changed" })
    FakeSource.last.dispatchEvent(new MessageEvent("message", { data }))
    vi.advanceTimersByTime(0)
  }
  return { reload, show, receive, stop }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("EventSource", FakeSource)
  vi.stubGlobal("window", new EventTarget())
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }))
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test.each([
  [9_400, 0],
  [9_600, 1],
  [10_000, 1],
])("a page of second 10 after an event at %i ms is reloaded %i times", (time, times) => {
  const { reload, show, receive, stop } = open()
  show(5)
  receive(time)
  reload.mockClear()
  show(10)
  stop()
  expect(reload).toHaveBeenCalledTimes(times)
})
