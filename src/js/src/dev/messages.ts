/**
 * Numbers what is sent to the pages, and keeps the last of it: a page whose socket was away for a moment asks for the rest.
 *
 * The other half is dev/browser.ts. Vite's own client ignores the numbers.
 */
import type { DevViteServer } from "./endpoint.ts"

// 200 messages: far more than what is saved while a Python server restarts.
const KEPT = 200

interface Payload {
  seq?: number
  [key: string]: unknown
}

/** Number the messages of a dev server from now on. */
export function numberMessages(server: DevViteServer): void {
  const { ws } = server
  const kept: Payload[] = []
  let last = 0
  const send = ws.send.bind(ws) as (payload: object) => void
  ws.send = (...given: unknown[]) => {
    const payload = typeof given[0] === "string" ? { type: "custom", event: given[0], data: given[1] } : (given[0] as Payload)
    last += 1
    const numbered = { ...payload, seq: last }
    kept.push(numbered)
    if (kept.length > KEPT) {
      kept.shift()
    }
    send(numbered)
  }
  ws.on("vite:client:connect", (_, client) => client.send("litestar:hello", { seq: last }))
  ws.on("litestar:resume", (data, client) => {
    const { seen } = data as { seen: number | null }
    if (seen === null || last - seen > kept.length) {
      client.send({ type: "full-reload" })
      return
    }
    for (const payload of kept.filter(({ seq }) => seq !== undefined && seq > seen)) {
      client.send(payload)
    }
  })
}
