import { describe, expect, test } from "vitest"

import { livePropsOf, needsReset, timeOf, valueAt, type LivePage } from "../src/live/page.ts"

const listeners = [{ channel: { name: "orders", type: "public" }, events: ["changed"] }]
const page = (more: Partial<LivePage>): LivePage => ({ component: "Orders", url: "/orders?page=2", props: { orders: [], total: 1 }, ...more })

describe("the live props of a page", () => {
  const before = page({ liveProps: { orders: { listeners, at: 1 }, total: { listeners, at: 1 } } })

  test("a partial reload names only those that it brings", () => {
    const partial = page({ liveProps: { orders: { listeners, at: 2 } } })
    expect(livePropsOf(partial, before)).toEqual({ orders: { listeners, at: 2 }, total: { listeners, at: 1 } })
  })

  test("another page has its own", () => {
    expect(livePropsOf(page({ url: "/orders/1" }), before)).toEqual({})
    expect(livePropsOf(page({ component: "Home" }), before)).toEqual({})
  })

  test("a prop that the page does not have is none, unless it is deferred", () => {
    const liveProps = { later: { listeners, at: 2 } }
    expect(livePropsOf(page({ liveProps }), undefined)).toEqual({})
    expect(livePropsOf(page({ liveProps, deferredProps: { default: ["later"] } }), undefined)).toEqual(liveProps)
  })
})

test.each([
  [{}, false],
  [{ mergeProps: ["orders"] }, true],
  [{ prependProps: ["orders.data"] }, true],
  [{ deepMergeProps: ["ordersOfOthers"] }, false],
  [{ mergeProps: ["orders"], matchPropsOn: ["orders.id"] }, false],
])("a merge prop without a key is replaced: %j", (more, expected) => {
  expect(needsReset(page(more), "orders")).toBe(expected)
})

test("a value is found by its path", () => {
  expect(valueAt({ auth: { unread: 3 } }, "auth.unread")).toBe(3)
  expect(valueAt({ "auth.unread": 4 }, "auth.unread")).toBe(4)
  expect(valueAt({}, "auth.unread")).toBeUndefined()
})

test("ids and positions begin with a time", () => {
  expect(timeOf("1764561600000-9f86d081")).toBe(1_764_561_600_000)
  expect(timeOf("1764561600000")).toBe(1_764_561_600_000)
})
