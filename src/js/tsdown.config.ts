import { readFile, writeFile } from "node:fs/promises"

import { defineConfig } from "tsdown"

// The wheel carries the build, so that Python and JavaScript never differ in version.
const outDir = "../py/litestar_vite/js"

/** The package.json of the built folder: what an `npm install <folder>` needs, without scripts and devDependencies. */
async function writePackageJson(): Promise<void> {
  const { name, version, description, license, type, engines, exports, peerDependencies, peerDependenciesMeta } = JSON.parse(
    await readFile("package.json", "utf8"),
  )
  const trimmed = { name, version, description, license, type, engines, exports, peerDependencies, peerDependenciesMeta }
  await writeFile(`${outDir}/package.json`, `${JSON.stringify(trimmed, null, 2)}\n`)
}

export default defineConfig([
  { entry: "src/index.ts", outDir, platform: "node", target: "node20", dts: true, fixedExtension: false, clean: false },
  // For the browser and for renders on the server.
  {
    entry: ["src/route.ts", "src/pages.ts", "src/csp.ts", "src/live.ts", "src/types.ts", "src/react.ts", "src/vue.ts", "src/svelte.ts"],
    outDir,
    platform: "neutral",
    target: "es2022",
    dts: true,
    fixedExtension: false,
    clean: false,
    // Without a hash, a build replaces the files of the last one.
    outputOptions: { chunkFileNames: "[name].shared.js" },
  },
  { entry: "src/guard.ts", outDir, platform: "node", target: "node20", dts: false, fixedExtension: true, clean: false },
  // Runs in the page: one classic script.
  {
    entry: { browser: "src/dev/browser.ts" },
    outDir,
    platform: "browser",
    format: "iife",
    target: "es2022",
    dts: false,
    clean: false,
    outputOptions: { entryFileNames: "[name].js" },
  },
  {
    entry: "src/worker.ts",
    outDir,
    platform: "node",
    target: "node20",
    dts: false,
    fixedExtension: true,
    clean: false,
    onSuccess: writePackageJson,
  },
])
