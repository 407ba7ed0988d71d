// The peer's render process, for gates with a real Node: JSON lines in and out, with the same bundle as our worker.
import { createInterface } from "node:readline"

console.log = console.error
const { default: render } = await import("./bundle.mjs")
for await (const line of createInterface({ input: process.stdin })) {
  const { id, params } = JSON.parse(line)
  render(params).then(
    (result) => process.stdout.write(`${JSON.stringify({ id, result })}\n`),
    (error) => process.stdout.write(`${JSON.stringify({ id, error: String(error) })}\n`),
  )
}
