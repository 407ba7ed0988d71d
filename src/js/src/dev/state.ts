/** The state file, from which Python reads the dev server's address. */
import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { setTimeout } from "node:timers/promises"

import type { DevSession } from "./session.ts"

/** The content added to the state file; see _devserver/state.py. */
export interface Report {
  url: string
  /** The Unix socket of the same server, or null. */
  socket: string | null
  /** Vite's origins, which plugins may write into HTML. Python makes these URLs relative. */
  origins: string[]
  base: string
  entry: string | null
  /** `@inertiajs/vite` renders pages in this process. */
  ssr: boolean
}

// Python writes the file immediately after starting this process. Five seconds are ample.
const TRIES = 100
const PAUSE_MILLISECONDS = 50

/** Add the report to the state file once it names this process. Return false if it names another process. */
export async function publish(session: DevSession, report: Report): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const state = read(session.state)
    if (state?.["nonce"] === session.nonce) {
      const draft = `${session.state}.${process.pid}`
      writeFileSync(draft, JSON.stringify({ ...state, ...report }), { mode: 0o600 })
      renameSync(draft, session.state)
      return true
    }
    // oxlint-disable-next-line no-await-in-loop -- polls another process
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
