/**
 * Notes the page components that are being rendered in a file, so that the supervisor knows which one ended or blocked
 * this process. A line of JSON is written in place: about 3 µs at the start and at the end of each render.
 */
import { openSync, writeSync } from "node:fs"

const MAX_NAMES = 20
const MAX_NAME_LENGTH = 300

/** Note the start of a render. Call the returned function at its end. */
export type NoteRender = (component: unknown) => () => void

const { stringify } = JSON
const running = new Map<symbol, string>()
let fd: number | undefined

/** Open the file. Without one, nothing is noted. */
export function openNote(path: string | undefined): void {
  fd = path === undefined ? undefined : openSync(path, "w", 0o600)
}

export const noteRender: NoteRender = (component) => {
  const key = Symbol("render")
  running.set(key, String(component).slice(0, MAX_NAME_LENGTH))
  write()
  return () => {
    running.delete(key)
    write()
  }
}

/** Forget running renders, because this process was asked to stop. */
export function closeNote(): void {
  running.clear()
  write()
  fd = undefined
}

function write(): void {
  if (fd === undefined) {
    return
  }
  try {
    writeSync(fd, `${stringify([...running.values()].slice(-MAX_NAMES))}\n`, 0)
  } catch {
    // A full disk must not fail a render.
  }
}
