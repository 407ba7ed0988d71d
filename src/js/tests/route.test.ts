import { describe, expect, test } from "vitest"

import { createRoute } from "../src/route.ts"

const route = createRoute({
  home: ["/"],
  "users.show": ["/users/{user_id:int}"],
  "posts.index": ["/posts", "/posts/{year:int}", "/posts/{year:int}/{month:int}"],
  "files.show": ["/files/{path:path}"],
  "tags.show": ["/tags/{name:str}"],
})

describe("route", () => {
  test("fills in the parameters of a path", () => {
    expect(route("home")).toBe("/")
    expect(route("users.show", { user_id: 7 })).toBe("/users/7")
    expect(route("users.show", { user_id: "7" })).toBe("/users/7")
  })

  test("chooses the longest path whose parameters are all given", () => {
    expect(route("posts.index")).toBe("/posts")
    expect(route("posts.index", { year: 2026 })).toBe("/posts/2026")
    expect(route("posts.index", { year: 2026, month: 3 })).toBe("/posts/2026/3")
  })

  test("escapes what would change the URL's shape", () => {
    expect(route("tags.show", { name: "a/b?c#d é" })).toBe("/tags/a%2Fb%3Fc%23d%20%C3%A9")
  })

  test("keeps the slashes of a path parameter", () => {
    expect(route("files.show", { path: "/a b/c.txt" })).toBe("/files/a%20b/c.txt")
  })

  test("appends a query: null and undefined are left out, lists are repeated", () => {
    expect(route("home", null, { q: "a b", page: 2, off: false, none: null, gone: undefined, tag: ["x", "y"] })).toBe(
      "/?q=a+b&page=2&off=false&tag=x&tag=y",
    )
    expect(route("users.show", { user_id: 7 }, {})).toBe("/users/7")
  })

  test("zero is a value", () => {
    expect(route("users.show", { user_id: 0 })).toBe("/users/0")
  })

  test("a missing parameter is an error that names it", () => {
    // @ts-expect-error the parameter is missing
    expect(() => route("users.show")).toThrow("Route 'users.show' needs 'user_id'")
    // @ts-expect-error the parameter has another name
    expect(() => route("users.show", { id: 7 })).toThrow("(its path is /users/{user_id:int}), which is missing.")
    expect(() => route("tags.show", { name: "" })).toThrow("needs 'name'")
  })

  test("an unknown name is an error that lists the names", () => {
    // @ts-expect-error no route has this name
    expect(() => route("users.index")).toThrow("No route is named 'users.index'. The names are home, users.show")
    // @ts-expect-error a name of Object.prototype is no route
    expect(() => route("toString")).toThrow("No route is named 'toString'")
  })

  test("a parameter of the wrong type is refused by TypeScript", () => {
    // @ts-expect-error a name is text
    expect(route("tags.show", { name: 7 })).toBe("/tags/7")
  })
})
