import { type InlineConfig, resolveConfig } from "vite"
import { describe, expect, test } from "vitest"

import { version } from "../package.json"
import litestar, { type LitestarOptions } from "../src/index.ts"
import { project } from "./support/project.ts"

const build = async (bridge: string, options?: LitestarOptions, config: InlineConfig = {}) =>
  resolveConfig(
    {
      configFile: false,
      logLevel: "silent",
      root: await project({ "src/app.ts": "", "src/other.ts": "", ".litestar-vite.json": bridge }),
      ...config,
      plugins: [litestar(options)],
    },
    "build",
  )

describe(".litestar-vite.json", () => {
  const settings = { version, input: "src/other.ts", bundleDir: "public/built", ssrDir: "built/ssr", assetUrl: "/files/", rootPath: "/shop" }

  test("what Python resolved needs no option", async () => {
    const config = await build(JSON.stringify(settings))
    expect(config.base).toBe("/shop/files/")
    expect(config.build.outDir).toBe("public/built")
    expect(config.build.rolldownOptions.input).toBe("src/other.ts")
  })

  test("an option in vite.config wins over it, and Vite's own folder over both", async () => {
    const config = await build(JSON.stringify(settings), { assetUrl: "/mine/", bundleDir: "mine" }, { build: { outDir: "vites" } })
    expect(config.base).toBe("/shop/mine/")
    expect(config.build.outDir).toBe("vites")
    expect(config.build.rolldownOptions.input).toBe("src/other.ts")
  })

  test.each(["/", "/files/", "/shop/", "https://cdn.example/x/"])("a base of %s that the app does not serve is refused in both builds", async (base) => {
    for (const ssr of [false, true]) {
      const message = `the Vite config has base '${base}', but the app serves the built files under '/shop/files/'`
      await expect(build(JSON.stringify(settings), {}, { base, build: { ssr } })).rejects.toThrow(message)
    }
    await expect(build(JSON.stringify(settings), {}, { base })).rejects.toThrow("Remove 'base'. To serve the files elsewhere, set ViteConfig.asset_url")
  })

  test("a base that contradicts the plugin's own option is refused too", async () => {
    await expect(build("{}", { assetUrl: "/mine/" }, { base: "/" })).rejects.toThrow("under '/mine/'")
  })

  test.each(["/shop/files/", "/shop/files", "shop/files"])("a base of %s says the same once more", async (base) => {
    for (const ssr of [false, true]) {
      expect((await build(JSON.stringify(settings), {}, { base, build: { ssr } })).base).toBe("/shop/files/")
    }
  })

  test("a full URL may be said once more", async () => {
    const there = JSON.stringify({ ...settings, assetUrl: "https://cdn.example/x/" })
    expect((await build(there, {}, { base: "https://cdn.example/x" })).base).toBe("https://cdn.example/x/")
    await expect(build(there, {}, { base: "/x/" })).rejects.toThrow("under 'https://cdn.example/x/'")
  })

  test.each(["./", ""])("a relative base (%j) suits the browser's build and not the server's", async (base) => {
    expect((await build(JSON.stringify(settings), {}, { base })).base).toBe("./")
    await expect(build(JSON.stringify(settings), {}, { base, build: { ssr: true } })).rejects.toThrow(`has base '${base}'`)
  })

  test("a later Python may write more", async () => {
    const config = await build(JSON.stringify({ ...settings, later: { than: "now" } }))
    expect(config.base).toBe("/shop/files/")
  })

  test("another version is refused, with the command that mends it", async () => {
    await expect(build(JSON.stringify({ ...settings, version: "9.9.9" }))).rejects.toThrow(
      `the Python package has version 9.9.9, but the npm package in this project has ${version}. Run: litestar assets install`,
    )
  })

  test("a broken file is named", async () => {
    await expect(build("{")).rejects.toThrow(".litestar-vite.json' is not JSON")
  })

  test("folders that would delete each other are refused, wherever they were set", async () => {
    await expect(build(JSON.stringify({ ...settings, ssrDir: "public/built/ssr" }))).rejects.toThrow("overlap")
  })
})
