import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import type { LivePage } from "../src/live/page.ts"
import { Reloads, type LiveRouter } from "../src/live/reloads.ts"

const listeners = [{ channel: { name: "orders", type: "public" }, events: ["changed"] }]

/** A page with live props that the server created in this second. */
const pageOf = (at: number): LivePage => ({
  component: "Orders",
  url: "/orders",
  props: { total: 1, auth: { unread: 1, name: "Ada" } },
  liveProps: { total: { listeners, at }, "auth.unread": { listeners, at } },
})

function open() {
  const router = {
    on: vi.fn<LiveRouter["on"]>(),
    reload: vi.fn<LiveRouter["reload"]>(),
    replaceProp: vi.fn<LiveRouter["replaceProp"]>(),
  }
  const reloads = new Reloads(router, () => false)
  reloads.use(pageOf(1).liveProps!)
  const respond = (at: number) => {
    const page = pageOf(at)
    reloads.beforeUpdate(page)
    return page
  }
  const shown = () => router.replaceProp.mock.calls.map(([path, value]) => [path, value])
  const finish = () => router.replaceProp.mock.calls.at(-1)![2].onFinish()
  return { router, reloads, respond, shown, finish }
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe("a pushed value beside the page of a response", () => {
  test("waits while the page is being set", () => {
    const { reloads, shown } = open()
    reloads.beforeUpdate(pageOf(1))
    reloads.show("total", 2, 2_000)
    vi.advanceTimersByTime(1_000)
    expect(shown()).toEqual([])
    expect(reloads.willShow("total")).toBe(true)
    reloads.updated()
    vi.advanceTimersByTime(0)
    expect(shown()).toEqual([["total", 2]])
    expect(reloads.willShow("total")).toBe(false)
  })

  test("does not wait for the end of a visit that is never reported", () => {
    const { reloads, shown } = open()
    reloads.beforeUpdate(pageOf(1))
    reloads.show("total", 2, 2_000)
    vi.advanceTimersByTime(30_001)
    expect(shown()).toEqual([["total", 2]])
  })

  test("is taken along by a page that arrives while it is being set", () => {
    const { reloads, finish } = open()
    reloads.show("total", 2, 2_000)
    reloads.show("auth.unread", 3, 2_000)
    vi.advanceTimersByTime(0)
    const page = pageOf(1)
    reloads.beforeUpdate(page)
    expect(page.props).toEqual({ total: 2, auth: { unread: 3, name: "Ada" } })
    finish()
    const next = pageOf(1)
    reloads.beforeUpdate(next)
    expect(next.props).toEqual({ total: 2, auth: { unread: 1, name: "Ada" } })
  })

  test("gives way to a value that the server made later", () => {
    const { reloads, respond, shown } = open()
    reloads.show("total", 2, 2_000)
    vi.advanceTimersByTime(0)
    expect(respond(3).props.total).toBe(1)
    reloads.show("total", 2.5, 2_500)
    reloads.madeAt = () => 3_000
    reloads.updated()
    vi.advanceTimersByTime(0)
    expect(shown()).toEqual([["total", 2]])
  })

  test("is asked for again where the clocks of two machines may differ", () => {
    const { router, reloads, respond, shown } = open()
    reloads.show("total", 2, 9_950)
    vi.advanceTimersByTime(0)
    expect(respond(10).props.total).toBe(1)
    reloads.show("auth.unread", 3, 9_600)
    reloads.madeAt = () => 10_000
    reloads.updated()
    vi.advanceTimersByTime(0)
    expect(shown()).toEqual([["total", 2]])
    expect(router.reload.mock.calls.map(([options]) => options.only)).toEqual([["total", "auth.unread"]])
  })

  test("follows another of the same millisecond", () => {
    const { reloads, shown } = open()
    for (const value of [2, 3]) {
      reloads.show("total", value, 2_000)
      vi.advanceTimersByTime(0)
    }
    expect(shown()).toEqual([["total", 2], ["total", 3]])
  })
})
