import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

import * as inertiaReact from "@inertiajs/react"
import * as inertiaVue from "@inertiajs/vue3"
import { build } from "vite"
import { describe, expect, test } from "vitest"

import * as react from "../src/react.ts"
import * as vue from "../src/vue.ts"

describe("the typed helpers", () => {
  test.each(Object.keys(inertiaReact))("%s is Inertia's own for React", (name) => {
    expect(Reflect.get(react, name)).toBe(Reflect.get(inertiaReact, name))
  })

  test.each(Object.keys(inertiaVue))("%s is Inertia's own for Vue", (name) => {
    expect(Reflect.get(vue, name)).toBe(Reflect.get(inertiaVue, name))
  })

  test("createDeferred of Vue returns Inertia's component", () => {
    expect(vue.createDeferred()).toBe(inertiaVue.Deferred)
  })
})

test("a build holds only the routes that are imported", async () => {
  const folder = await mkdtemp(join(tmpdir(), "routes-"))
  try {
    const library = JSON.stringify(join(import.meta.dirname, "../src/route.ts"))
    await writeFile(
      join(folder, "routes.ts"),
      `import { query, route } from ${library}
export const usersShow = route("/users/{user_id:int}", "get", "Users/Show")
export const postsIndex = route("/posts", "get", "Posts/Index", query<{ page?: number }>())
`,
    )
    await writeFile(join(folder, "main.ts"), 'import { usersShow } from "./routes"\nconsole.log(usersShow({ user_id: 7 }))\n')
    await build({
      root: folder,
      configFile: false,
      logLevel: "silent",
      build: { outDir: "out", rolldownOptions: { input: join(folder, "main.ts"), output: { entryFileNames: "main.js" } } },
    })
    const bundle = await readFile(join(folder, "out/main.js"), "utf8")
    expect(bundle).toContain("/users/{user_id:int}")
    expect(bundle).not.toContain("/posts")
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
