import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

import { onTestFinished } from "vitest"

const tests = fileURLToPath(new URL("..", import.meta.url))

/** The folder that is shipped, as written by `npm run build`. */
export const shipped = fileURLToPath(new URL("../../../py/litestar_vite/js", import.meta.url))

/** A folder outside the repository, without any node_modules. It is deleted when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lv-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A project with these files, outside the repository. */
export async function project(files: Record<string, string>): Promise<string> {
  const root = await temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

/** A copy of a fixture inside the repository, where React is found. The caller removes it. */
export async function copyFixture(name: string): Promise<string> {
  await mkdir(join(tests, ".work"), { recursive: true })
  const root = await mkdtemp(join(tests, ".work", `${name}-`))
  await cp(join(tests, "fixtures", name), root, { recursive: true })
  return root
}
