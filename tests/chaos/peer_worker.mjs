// The render process of the peer for the gates with a real Node: lines of JSON in and out, around the very bundle that our worker runs.
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
