/** The state file: how Python learns where this dev server listens. */
import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { setTimeout } from "node:timers/promises"

import type { DevSession } from "./session.ts"

/** What Python reads; see devserver/state.py. */
export interface Report {
  url: string
  /** A Unix socket that answers the same, null when there is none. */
  socket: string | null
  /** Origins that other plugins may have put into HTML; Python makes them relative. */
  origins: string[]
  base: string
  entry: string | null
  /** Whether `@inertiajs/vite` renders pages here. */
  ssr: boolean
}

// Python writes the file right after it has started us; a system that takes longer has other troubles.
const TRIES = 100
const PAUSE_MILLISECONDS = 50

/** Fill the report into the state file, once it names this process. False when it names somebody else. */
export async function publish(session: DevSession, report: Report): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const state = read(session.state)
    if (state?.["nonce"] === session.nonce) {
      const draft = `${session.state}.${process.pid}`
      writeFileSync(draft, JSON.stringify({ ...state, ...report }), { mode: 0o600 })
      renameSync(draft, session.state)
      return true
    }
    // oxlint-disable-next-line no-await-in-loop -- it waits for another process
    await setTimeout(PAUSE_MILLISECONDS)
  }
  return false
}

function read(path: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>
  } catch {
    return undefined
  }
}
