import { afterEach, describe, expect, test, vi } from "vitest"

import { createRoute, query, route as defineRoute, setRouteDefaults } from "../src/route.ts"

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
    // @ts-expect-error a name of Object.prototype is not a route
    expect(() => route("toString")).toThrow("No route is named 'toString'")
  })

  test("a parameter of the wrong type is refused by TypeScript", () => {
    // @ts-expect-error a name is text
    expect(route("tags.show", { name: 7 })).toBe("/tags/7")
  })
})

describe("route objects", () => {
  const usersShow = defineRoute("/users/{user_id:int}", "get", "Users/Show")
  const usersCreate = defineRoute("/users", "post")
  const usersIndex = defineRoute("/users", "get", "Users/Index", query<{ q?: string; page?: number }>())
  const search = defineRoute("/search", "get", null, query<{ q: string }>())
  const posts = defineRoute(["/posts", "/posts/{year:int}"], "get", "Posts/Index")

  afterEach(() => setRouteDefaults({}))

  test("have URL, method and component", () => {
    expect(usersShow({ user_id: 7 })).toEqual({ url: "/users/7", method: "get", component: "Users/Show" })
    expect(usersCreate()).toEqual({ url: "/users", method: "post" })
    expect(Object.keys(usersCreate())).not.toContain("component")
  })

  test("take a query and a hash", () => {
    expect(usersIndex({ query: { q: "a b", page: 2 } }).url).toBe("/users?q=a+b&page=2")
    expect(usersShow({ user_id: 7 }, { query: { tab: ["x", "y"], none: null }, hash: "#top" }).url).toBe(
      "/users/7?tab=x&tab=y#top",
    )
    expect(search({ query: { q: "ada" } }).url).toBe("/search?q=ada")
  })

  test("give the URL alone", () => {
    expect(usersShow.url({ user_id: 7 }, { hash: "posts" })).toBe("/users/7#posts")
  })

  test("choose the longest path whose parameters are all given", () => {
    expect(posts().url).toBe("/posts")
    expect(posts({ year: 2026 }).url).toBe("/posts/2026")
    expect(posts(null, { query: { q: "x" } }).url).toBe("/posts?q=x")
  })

  test("a prefix and an origin may be known at run time only", () => {
    expect(() => usersShow({ user_id: 7 }, { absolute: true })).toThrow("needs an origin on the server")
    let prefix = "/one/"
    setRouteDefaults({ prefix: () => prefix, origin: "https://example.org/" })
    expect(usersShow({ user_id: 7 }).url).toBe("/one/users/7")
    prefix = "/two"
    expect(usersShow({ user_id: 7 }, { absolute: true }).url).toBe("https://example.org/two/users/7")
  })

  test("an absolute URL has the origin of the page", () => {
    vi.stubGlobal("location", { origin: "https://page.example" })
    try {
      expect(usersCreate({ absolute: true }).url).toBe("https://page.example/users")
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test("a missing parameter is an error that names it and the path", () => {
    // @ts-expect-error the parameter is missing
    expect(() => usersShow()).toThrow("Route '/users/{user_id:int}' needs 'user_id'")
    // @ts-expect-error the query is required
    expect(search().url).toBe("/search")
  })

  test("route() by name is a layer over them", () => {
    const named = createRoute({ "users.show": usersShow, "users.index": usersIndex, "posts.index": posts })
    expect(named("users.show", { user_id: 7 }, { tab: "posts" })).toBe("/users/7?tab=posts")
    expect(named("users.index", null, { q: "ada" })).toBe("/users?q=ada")
    expect(named("posts.index", { year: 2026 })).toBe("/posts/2026")
    // @ts-expect-error no route has this name
    expect(() => named("users.edit")).toThrow("No route is named 'users.edit'")
    // @ts-expect-error the parameter is missing
    expect(() => named("users.show")).toThrow("Route 'users.show' needs 'user_id'")
  })
})
