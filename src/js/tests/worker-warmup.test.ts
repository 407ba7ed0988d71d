import { describe, expect, test } from "vitest"

import { PAGE, bundleOf, isNode, startWorker, started } from "./support/worker.ts"

const UNHEARD = { ...PAGE, component: "Unheard" }
const PRINTS = `
  const kept = { error: console.error }
  export default async ({ component }) => {
    console.error(component, "console.error")
    console.log(component, "console.log")
    await new Promise((resolve) => setTimeout(resolve))
    kept.error(component, "kept at import")
    process.stdout.write(component + " stdout\\n")
    await new Promise((resolve) => process.stderr.write(component + " stderr\\n", resolve))
    throw new Error(component + " threw")
  }`

describe.each([{}, { LITESTAR_VITE_SSR_ISOLATE: "5000" }])("a page that is warmed up, with %j,", (env) => {
  test("prints nothing, and the visitors' pages do", async () => {
    const worker = await started(`console.warn("while it starts")\n${PRINTS}`, { env })
    for (let count = 0; count < 2; count += 1) {
      expect(await worker.warmUp(UNHEARD)).toMatchObject({ status: 500, json: { error: "Unheard threw", component: "Unheard" } })
    }
    expect((await worker.render(PAGE)).status).toBe(500)
    for (const line of ["while it starts", "Home console.error", "Home console.log", "Home kept at import", "Home stdout", "Home stderr"]) {
      await worker.printed(new RegExp(line))
    }
    expect(worker.stdout + worker.stderr).not.toContain("Unheard")
  })
})

test("what the rest of the bundle prints while a page is warmed up is heard", async () => {
  const worker = await started(`
    let rest
    setInterval(() => { if (rest) { console.log("the rest"); rest(); rest = undefined } }, 5)
    export default async () => { console.log("the page"); await new Promise((resolve) => { rest = resolve }); return { head: [], body: "" } }`)
  expect((await worker.warmUp(PAGE)).status).toBe(200)
  await worker.printed(/the rest/)
  expect(worker.stdout).not.toContain("the page")
})

// Bun and Deno do not report which promise was rejected.
test.runIf(isNode)("a rejection that a warmed-up page leaves behind is not logged", async () => {
  const worker = await started(`
    export default async ({ component }) => {
      Promise.reject(new Error(component + " stray"))
      setTimeout(() => { throw new Error(component + " later") })
      await new Promise((resolve) => setTimeout(resolve, 20))
      return { head: [], body: "" }
    }`)
  await worker.warmUp(UNHEARD)
  await worker.render(PAGE)
  await worker.printed(/Home stray/)
  await worker.printed(/Home later/)
  expect(worker.stderr).not.toContain("Unheard")
})

test("what a warmed-up page leaves running is heard once there are visitors", async () => {
  const worker = await started(`
    let timer
    export default ({ component }) => {
      timer ??= setInterval(() => console.log("started by " + component), 5)
      return { head: [], body: "" }
    }`)
  await worker.warmUp(UNHEARD)
  expect(worker.stdout).toBe("")
  await worker.render(PAGE)
  await worker.printed(/started by Unheard/)
})

test("a page that ends the worker while it is warmed up has said why", async () => {
  const worker = await startWorker(await bundleOf("export default () => { console.error('no licence'); process.exit(7) }"))
  await worker.warmUp(PAGE).catch(() => undefined)
  expect((await worker.exited).code).toBe(7)
  expect(worker.stderr).toContain("no licence\n")
})
