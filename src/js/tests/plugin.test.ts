import { resolve } from "node:path"

import inertia from "@inertiajs/vite"
import { type InlineConfig, type Plugin, resolveConfig } from "vite"
import { afterEach, describe, expect, test, vi } from "vitest"

import litestar, { type LitestarOptions } from "../src/index.ts"
import { project } from "./support/project.ts"

// The plugin does not use Vite's types: this line fails `npm run typecheck` if they are incompatible.
const plugin = (options?: LitestarOptions): Plugin => litestar(options)

afterEach(() => vi.unstubAllEnvs())

const quiet: InlineConfig = { configFile: false, logLevel: "silent" }

const client = (root: string, config: InlineConfig = {}, options?: LitestarOptions) =>
  resolveConfig({ ...quiet, root, ...config, plugins: [...(config.plugins ?? []), plugin(options)] }, "build")

const ssr = (root: string, config: InlineConfig = {}, options?: LitestarOptions) =>
  client(root, { ...config, build: { ssr: true, ...config.build } }, options)

const serve = (root: string, config: InlineConfig = {}) => resolveConfig({ ...quiet, root, ...config, plugins: [plugin()] }, "serve")

describe("client build", () => {
  test("fills in base, manifest, folder and entry", async () => {
    const config = await client(await project({ "src/app.tsx": "" }))
    expect(config.base).toBe("/static/")
    expect(config.build).toMatchObject({ manifest: true, outDir: "dist/client", emptyOutDir: true, ssr: false })
    expect(config.build.rolldownOptions.input).toBe("src/app.tsx")
  })

  test.each([
    [["src/main.tsx", "src/app.js"], "src/app.js"],
    [["src/app.ts", "src/app.jsx"], "src/app.jsx"],
    [["src/main.js", "src/main.ts"], "src/main.ts"],
    [["src/main.jsx", "src/ssr.tsx"], "src/main.jsx"],
  ])("of %j the entry is %s", async (files, entry) => {
    const config = await client(await project(Object.fromEntries(files.map((file) => [file, ""]))))
    expect(config.build.rolldownOptions.input).toBe(entry)
  })

  test("options name folder, entry and URL", async () => {
    const config = await client(await project({}), {}, { input: ["a.ts", "b.ts"], bundleDir: "public", assetUrl: "https://cdn.example/x" })
    expect(config.base).toBe("https://cdn.example/x/")
    expect(config.build.outDir).toBe("public")
    expect(config.build.rolldownOptions.input).toEqual(["a.ts", "b.ts"])
  })

  test.each(["assets", "/assets", "assets/", "/assets/"])("asset URL %s becomes /assets/", async (assetUrl) => {
    const config = await client(await project({ "src/app.ts": "" }), {}, { assetUrl })
    expect(config.base).toBe("/assets/")
  })

  test("what the user set himself wins, base included where nobody else has named a URL", async () => {
    const root = await project({ "src/app.ts": "" })
    const given = { outDir: "out", manifest: "m.json", rolldownOptions: { input: "mine.ts" } }
    const config = await client(root, { base: "/b/", build: given }, { input: "option.ts" })
    expect(config.base).toBe("/b/")
    expect(config.build).toMatchObject({ outDir: "out", manifest: "m.json", emptyOutDir: null })
    expect(config.build.rolldownOptions.input).toBe("mine.ts")
  })

  test("warnings that the user cannot act on are off, unless the user turns them on", async () => {
    const root = await project({ "src/app.tsx": "" })
    const off = { pluginTimings: false, sourcemapBroken: false }
    expect((await client(root)).build.rolldownOptions.checks).toEqual(off)
    expect((await ssr(root)).build.rolldownOptions.checks).toEqual(off)
    const given = { build: { rolldownOptions: { checks: { pluginTimings: true, evalUse: false } } } }
    expect((await client(root, given)).build.rolldownOptions.checks).toEqual({
      pluginTimings: true,
      sourcemapBroken: false,
      evalUse: false,
    })
  })

  test("an entry under the older name rollupOptions wins too", async () => {
    const config = await client(await project({ "src/app.ts": "" }), { build: { rollupOptions: { input: "old.ts" } } })
    expect(config.build.rolldownOptions.input).toBe("old.ts")
  })

  test("a missing entry is an error that says what to do", async () => {
    const root = await project({ "src/index.ts": "" })
    await expect(client(root)).rejects.toThrow(`no client entry in '${root}'`)
    await expect(client(root)).rejects.toThrow("Create src/app.tsx, or set the entry: litestar({ input: 'path/to/entry.tsx' }).")
  })

  test("packages stay external or not by Vite's own rule", async () => {
    const config = await client(await project({ "src/app.ts": "" }))
    expect(config.ssr.noExternal).toBeUndefined()
    expect(config.define).not.toHaveProperty(["process.env.NODE_ENV"])
  })
})

describe("SSR build", () => {
  test("fills in folder, entry, bundled packages and production code", async () => {
    const config = await ssr(await project({ "src/app.tsx": "" }))
    expect(config.base).toBe("/static/")
    expect(config.build).toMatchObject({ outDir: "dist/ssr", emptyOutDir: true, copyPublicDir: false, manifest: false })
    expect(config.build.rolldownOptions.input).toBe("src/app.tsx")
    expect(config.build.rolldownOptions.output).toEqual({ entryFileNames: "[name].js" })
    expect(config.ssr.noExternal).toBe(true)
    expect(config.define).toHaveProperty(["process.env.NODE_ENV"])
  })

  test("src/ssr comes before the client entry", async () => {
    const config = await ssr(await project({ "src/app.tsx": "", "src/ssr.js": "" }))
    expect(config.build.rolldownOptions.input).toBe("src/ssr.js")
  })

  test("a single client entry of the options serves when there is no src/ssr", async () => {
    const root = await project({ "front/start.tsx": "", "src/app.tsx": "" })
    expect((await ssr(root, {}, { input: "front/start.tsx" })).build.rolldownOptions.input).toBe("front/start.tsx")
    expect((await ssr(root, {}, { input: ["a.ts", "b.ts"] })).build.rolldownOptions.input).toBe("src/app.tsx")
  })

  test("'vite build --ssr <file>' names the entry", async () => {
    const config = await ssr(await project({ "src/app.tsx": "" }), { build: { ssr: "src/other.tsx" } })
    expect(config.build.ssr).toBe("src/other.tsx")
    expect(config.build.rolldownOptions.input).toBeUndefined()
  })

  test("build.ssr in the config file makes an SSR build as well", async () => {
    const root = await project({ "src/app.tsx": "", "vite.config.mjs": "export default { build: { ssr: true } }" })
    const config = await resolveConfig({ root, logLevel: "silent", plugins: [plugin()] }, "build")
    expect(config.build.outDir).toBe("dist/ssr")
  })

  test.each(["before", "after"])("the entry of @inertiajs/vite wins, when it stands %s this plugin", async (place) => {
    const root = await project({ "src/app.tsx": "", "server/entry.tsx": "" })
    const other = inertia({ ssr: "server/entry.tsx" })
    const plugins = place === "before" ? [other, plugin()] : [plugin(), other]
    const config = await resolveConfig({ ...quiet, root, plugins, build: { ssr: true } }, "build")
    expect(config.build.rolldownOptions.input).toBe("server/entry.tsx")
    expect(config.ssr.noExternal).toBe(true)
  })

  test("what the user set himself wins, base included where nobody else has named a URL", async () => {
    const root = await project({ "src/app.ts": "" })
    const config = await ssr(root, {
      ssr: { noExternal: ["some-package"] },
      define: { "process.env.NODE_ENV": '"staging"' },
      build: { outDir: "server", copyPublicDir: true, rolldownOptions: { output: { entryFileNames: "x-[name].mjs" } } },
    })
    expect(config.ssr.noExternal).toBe(true)
    expect(config.define).toMatchObject({ "process.env.NODE_ENV": '"staging"' })
    expect(config.build).toMatchObject({ outDir: "server", copyPublicDir: true })
    expect(config.build.rolldownOptions.output).toEqual({ entryFileNames: "x-[name].mjs" })
  })

  test("a missing entry is an error that says what to do", async () => {
    await expect(ssr(await project({}))).rejects.toThrow(/no SSR entry .* Create src\/ssr\.tsx, or pass a file: 'vite build --ssr <file>'/)
  })
})

describe("dev server", () => {
  test("serves from / on this machine only, and scans the client entry", async () => {
    const config = await serve(await project({ "src/app.tsx": "" }))
    expect(config.base).toBe("/")
    expect(config.server.host).toBe("127.0.0.1")
    expect(config.build.rolldownOptions.input).toBe("src/app.tsx")
    // Bundling CommonJS packages is for builds: the dev server runs them from node_modules.
    expect(config.ssr.noExternal).not.toBe(true)
  })

  test("what the user set himself wins, and a project without entry starts", async () => {
    const config = await serve(await project({}), { base: "/dev/", server: { host: "0.0.0.0" } })
    expect(config.base).toBe("/dev/")
    expect(config.server.host).toBe("0.0.0.0")
  })
})

describe("root path", () => {
  const prefix = "import.meta.env.VITE_ROOT_PATH"

  test.each([client, ssr])("stands before a path in both builds, and front-end code can read it", async (make) => {
    const config = await make(await project({ "src/app.ts": "" }), {}, { rootPath: "/shop" })
    expect(config.base).toBe("/shop/static/")
    expect(config.define).toHaveProperty([prefix], '"/shop"')
  })

  test("does not stand before a full URL", async () => {
    const config = await client(await project({ "src/app.ts": "" }), {}, { rootPath: "/shop", assetUrl: "https://cdn.example/x" })
    expect(config.base).toBe("https://cdn.example/x/")
    expect(config.define).toHaveProperty([prefix], '"/shop"')
  })

  test("is empty when there is none, and what the user set himself wins", async () => {
    const root = await project({ "src/app.ts": "" })
    expect((await client(root)).define).toHaveProperty([prefix], '""')
    expect((await serve(root)).define).toHaveProperty([prefix], '""')
    expect((await client(root, { define: { [prefix]: '"/mine"' } }, { rootPath: "/shop" })).define).toHaveProperty([prefix], '"/mine"')
  })

  test("of the environment wins", async () => {
    vi.stubEnv("VITE_ROOT_PATH", "/stage")
    const config = await client(await project({ "src/app.ts": "" }), {}, { rootPath: "/shop" })
    expect(config.base).toBe("/stage/static/")
    expect(config.define).toHaveProperty([prefix], '"/stage"')
  })

  test.each(["shop", "/shop/", "/", "https://example.org/shop", "/a b", "/a/../b", 5])("%j is refused", (rootPath) => {
    expect(() => litestar({ rootPath } as LitestarOptions)).toThrow(`'rootPath' (or VITE_ROOT_PATH) is ${JSON.stringify(rootPath)}`)
  })
})

describe("options", () => {
  test("an unknown name is refused with the known ones", () => {
    expect(() => litestar({ bundledir: "x" } as LitestarOptions)).toThrow("unknown option 'bundledir'. The options are input, bundleDir, ssrDir, assetUrl, rootPath, indexHtml, compress.")
  })

  test.each([{ bundleDir: "" }, { ssrDir: 5 }, { assetUrl: null }])("%j is refused", (options) => {
    expect(() => litestar(options as LitestarOptions)).toThrow("must be a non-empty string")
  })

  test.each([
    ["dist", "dist/ssr"],
    ["dist/a", "dist"],
    ["dist", "dist"],
  ])("bundleDir %s and ssrDir %s overlap: server code would become public", async (bundleDir, ssrDir) => {
    await expect(client(await project({ "src/app.ts": "" }), {}, { bundleDir, ssrDir })).rejects.toThrow("overlap")
  })

  test.each([{ bundleDir: "." }, { ssrDir: ".." }])("%j would delete the project and is refused", async (options) => {
    await expect(client(await project({ "src/app.ts": "" }), {}, options)).rejects.toThrow("contains the project")
  })

  test("folders that share a prefix or lie elsewhere do not overlap", async () => {
    const root = await project({ "src/app.ts": "" })
    const config = await client(root, {}, { bundleDir: "dist/ssr-client", ssrDir: resolve(root, "../elsewhere/ssr") })
    expect(config.build.outDir).toBe("dist/ssr-client")
  })
})
