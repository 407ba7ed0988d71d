/**
 * Numbers the messages to pages and keeps the latest, so that a page can request those it missed while disconnected.
 *
 * dev/browser.ts is the counterpart. Vite's client ignores the numbers.
 */
import type { DevViteServer } from "./endpoint.ts"

// Far more messages than are sent while a Python server restarts.
const KEPT = 200

interface Payload {
  seq?: number
  [key: string]: unknown
}

/** Start numbering the messages of a dev server. */
export function numberMessages(server: DevViteServer): void {
  const { ws } = server
  const kept: Payload[] = []
  let last = 0
  const send = ws.send.bind(ws) as (payload: object) => void
  ws.send = (...given: unknown[]) => {
    const [first, data] = given
    const payload = typeof first === "string" ? { type: "custom", event: first, data } : (first as Payload)
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
