// The floor: render pages that come as lines on stdin. `node node_floor.mjs <bundle>`
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

const { render } = await import(pathToFileURL(process.argv[2]).href)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "spin") for (;;);
  process.stdout.write(`${JSON.stringify(await render(JSON.parse(line)))}\n`)
}
