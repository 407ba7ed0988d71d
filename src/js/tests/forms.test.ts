import { afterEach, describe, expect, test, vi } from "vitest"

import { csrfField, oldInput } from "../src/forms.ts"

describe("csrfField", () => {
  afterEach(() => vi.unstubAllGlobals())

  test("has the token that the server gives to a page without JavaScript", () => {
    vi.stubGlobal("document", { cookie: "XSRF-TOKEN=other" })
    expect(csrfField({ csrfToken: "abc" })).toEqual({ type: "hidden", name: "_csrf_token", value: "abc", disabled: false })
  })

  test.each(["XSRF-TOKEN=a%3Db", "x=1; XSRF-TOKEN=a%3Db; y=2"])("has the cookie's token in the browser: %s", (cookie) => {
    vi.stubGlobal("document", { cookie })
    expect(csrfField({}).value).toBe("a=b")
  })

  test("is not sent without CSRF protection", () => {
    expect(csrfField({})).toMatchObject({ value: "", disabled: true })
    vi.stubGlobal("document", { cookie: "NOT-XSRF-TOKEN=abc" })
    expect(csrfField({}).disabled).toBe(true)
  })
})

describe("oldInput", () => {
  test("returns what was typed, else the fallback", () => {
    const old = oldInput({ oldInput: { name: "Ada", tags: ["a", "b"] } })
    expect(old("name", "Bob")).toBe("Ada")
    expect(old("email")).toBe("")
    expect(old("email", "a@b.c")).toBe("a@b.c")
    expect(old.list("tags")).toEqual(["a", "b"])
    expect(old.list("name")).toEqual(["Ada"])
    expect(old.list("email")).toEqual([])
  })

  test("ignores names of Object's own members", () => {
    expect(oldInput({})("constructor")).toBe("")
    expect(oldInput({ oldInput: {} }).list("toString")).toEqual([])
  })
})
