import { describe, expect, test } from "vitest"

import { resolvePage } from "../src/pages.ts"

describe("resolvePage", () => {
  const lazy = {
    "./pages/Home.tsx": async () => ({ default: "home" }),
    "./pages/Users/Index.vue": async () => ({ default: "users" }),
  }

  test("loads the page of a name, whatever its extension", async () => {
    expect(await resolvePage("Home", lazy)).toEqual({ default: "home" })
    expect(await resolvePage("Users/Index", lazy)).toEqual({ default: "users" })
  })

  test("loads no other page", async () => {
    let loaded = 0
    await resolvePage("Home", { "./pages/Home.tsx": async () => ++loaded, "./pages/Other.tsx": async () => ++loaded })
    expect(loaded).toBe(1)
  })

  test("takes modules of an eager glob as they are", async () => {
    expect(await resolvePage("Home", { "./pages/Home.svelte": { default: "home" } })).toEqual({ default: "home" })
  })

  test("a part of a name is no match", async () => {
    await expect(resolvePage("Index", lazy)).rejects.toThrow("No page 'Index'")
    await expect(resolvePage("ome", lazy)).rejects.toThrow("No page 'ome'")
  })

  test("the wrong case is told apart from a missing page", async () => {
    await expect(resolvePage("users/index", lazy)).rejects.toThrow("Did you mean ./pages/Users/Index.vue? Upper and lower case matter.")
    await expect(resolvePage("Nowhere", lazy)).rejects.toThrow("The pages are ./pages/Home.tsx, ./pages/Users/Index.vue.")
  })
})
