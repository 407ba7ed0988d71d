/// <reference lib="dom" />
/**
 * The event stream: one EventSource for all live props of a page.
 *
 * How it works:
 * 1. `positions` has the last event of each channel, or the time of the page. A new connection starts from there, so
 *    no event is lost during the pause.
 * 2. Each failure is followed by a new connection, with growing pauses. EventSource itself gives up after an error such
 *    as a proxy's 502 during a deploy.
 * 3. A stream without a heartbeat is dead, even if the browser does not know it yet.
 */
import { timeOf, type LiveEvent } from "./page.ts"

/** The callbacks of the stream. */
export interface Reports {
  event: (event: LiveEvent) => void
  /** Events of these channels may be missing. */
  lost: (channels: string[]) => void
}

type Positions = Record<string, string>

// Half a second: a server that restarts is back soon. Up to 30 seconds, so that a broken server is left alone.
const FIRST_PAUSE = 500
const LAST_PAUSE = 30_000
// Three missing heartbeats.
const PATIENCE = 3

export class LiveSource {
  #url: string
  #reports: Reports
  #positions = new Map<string, string>()
  /** By channel: the time from which all events have arrived. */
  #since = new Map<string, number>()
  #refused = new Set<string>()
  #wanted: string[] = []
  #connected: string[] = []
  #source: EventSource | undefined
  #failures = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #alarm: ReturnType<typeof setTimeout> | undefined
  #silence = 45_000
  #isPaused = false

  constructor(url: string, reports: Reports) {
    this.#url = url
    this.#reports = reports
  }

  /** Listen to these channels. The values are the times of the page, for channels that are new. */
  listen(channels: Map<string, number>): void {
    const names = [...channels.keys()]
    names.sort()
    if (names.join() !== this.#wanted.join()) {
      this.#refused.clear()
    }
    this.#wanted = names
    for (const [name, time] of channels) {
      if (!this.#positions.has(name)) {
        this.#positions.set(name, String(time))
        this.#since.set(name, time)
      }
    }
    if (names.length === 0 || !names.every((name) => this.#connected.includes(name) || this.#refused.has(name))) {
      this.#connect()
    }
  }

  /** The time from which all events of a channel have arrived. */
  since(channel: string): number {
    return this.#since.get(channel) ?? Number.POSITIVE_INFINITY
  }

  /** Close the connection, and keep the positions. */
  pause(): void {
    this.#isPaused = true
    this.#close()
  }

  /** Connect again; the server sends the events in between. */
  resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false
      this.#failures = 0
      this.#connect()
    }
  }

  /** Connect at once instead of after a pause. */
  hurry(): void {
    if (this.#retry !== undefined) {
      this.#connect()
    }
  }

  #forget(name: string): void {
    this.#positions.delete(name)
    this.#since.delete(name)
  }

  #connect(): void {
    this.#close()
    this.#connected = this.#wanted.filter((name) => !this.#refused.has(name))
    // From now on, events of other channels are missing.
    const dropped = [...this.#positions.keys()].filter((name) => !this.#connected.includes(name))
    dropped.forEach((name) => this.#forget(name))
    if (this.#isPaused || this.#connected.length === 0) {
      return
    }
    const query = this.#connected.map((name) => `channel=${encodeURIComponent(`${name}@${this.#positions.get(name) ?? "0"}`)}`)
    const source = new EventSource(`${this.#url}?${query.join("&")}`)
    this.#source = source
    const on = (name: string, act: (data: never) => void) =>
      source.addEventListener(name, (message) => {
        if (this.#source === source) {
          this.#wait()
          act(JSON.parse((message as MessageEvent<string>).data) as never)
        }
      })

    on("hello", (data: { heartbeat: number; positions: Positions }) => {
      this.#failures = 0
      this.#silence = data.heartbeat * PATIENCE
      this.#wait()
      this.#move(data.positions)
    })
    on("beat", (positions: Positions) => this.#move(positions))
    on("lost", (positions: Positions) => this.#lose(positions))
    on("denied", (names: string[]) => this.#refuse(names))
    on("message", (event: LiveEvent) => {
      this.#positions.set(event.channel, event.id)
      this.#reports.event(event)
    })
    source.addEventListener("error", () => {
      if (this.#source === source) {
        this.#fail()
      }
    })
    this.#wait()
  }

  #move(positions: Positions): void {
    Object.entries(positions).forEach(([name, position]) => this.#positions.set(name, position))
  }

  #lose(positions: Positions): void {
    this.#move(positions)
    Object.entries(positions).forEach(([name, position]) => this.#since.set(name, timeOf(position)))
    this.#reports.lost(Object.keys(positions))
  }

  #refuse(names: string[]): void {
    names.forEach((name) => this.#refused.add(name))
    console.warn(`Live props: this visitor may not listen to ${names.join(", ")}.`)
    if (this.#wanted.every((name) => this.#refused.has(name))) {
      this.#close()
    }
  }

  #wait(): void {
    clearTimeout(this.#alarm)
    this.#alarm = setTimeout(() => this.#fail(), this.#silence)
  }

  #fail(): void {
    this.#close()
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures, LAST_PAUSE)
    this.#failures += 1
    // Spread, so that the visitors of a server that restarts do not all come back at the same moment.
    this.#retry = setTimeout(() => this.#connect(), pause * (0.5 + Math.random()))
  }

  #close(): void {
    this.#source?.close()
    this.#source = undefined
    clearTimeout(this.#retry)
    clearTimeout(this.#alarm)
    this.#retry = undefined
  }
}
