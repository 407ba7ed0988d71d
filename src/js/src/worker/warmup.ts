/**
 * Keep what pages print while they are warmed up out of the log: they are rendered without props for nobody, so most of them fail.
 *
 * How it works:
 * 1. A warm-up renders in an asynchronous context of its own, so that what the rest of the bundle prints meanwhile is heard.
 * 2. Its lines are held back, and printed only when the process fails before the page is done: then they say why.
 * 3. The first page for a visitor ends it: from then on everything is heard, also what a warm-up has left running.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { format } from "node:util"

// 64 KiB: stacks that say why a process ends, and not what a page prints without end.
const MAX_HELD_CHARACTERS = 64 * 1024

interface Held {
  output: string
}

const contexts = new AsyncLocalStorage<Held>()
let isOver = false
let unfinished: Held | undefined

/** Call once, before the bundle is imported: it may keep `console.error` or `process.stdout.write` for itself. */
export function holdBackWarmUps(): void {
  // Bun's and Deno's console do not write to the streams.
  for (const method of ["debug", "error", "info", "log", "trace", "warn"] as const) {
    const own = console[method]
    console[method] = (...given: unknown[]) => {
      if (!holdBack(() => `${format(...given)}\n`)) {
        own.apply(console, given)
      }
    }
  }
  const { stderr } = process
  const printError = stderr.write.bind(stderr)
  for (const stream of [process.stdout, stderr]) {
    const own = stream.write.bind(stream) as (...given: unknown[]) => boolean
    stream.write = (...given: unknown[]) => {
      if (!holdBack(() => textOf(given[0]))) {
        return own(...given)
      }
      const written = given.at(-1)
      if (typeof written === "function") {
        process.nextTick(written)
      }
      return true
    }
  }
  process.on("exit", (code) => {
    if (code !== 0 && unfinished !== undefined) {
      printError(unfinished.output)
    }
  })
}

/** Render a page to warm up. */
export async function warmUp<Result>(render: () => Promise<Result>): Promise<Result> {
  const held = (unfinished = { output: "" })
  try {
    return await contexts.run(held, render)
  } finally {
    if (unfinished === held) {
      unfinished = undefined
    }
  }
}

/** True in what `warmUp` runs. */
export function isWarmUp(): boolean {
  return !isOver && contexts.getStore() !== undefined
}

/** A visitor is here. */
export function endWarmUps(): void {
  isOver = true
  unfinished = undefined
  // Following contexts costs every promise a little.
  contexts.disable()
}

function holdBack(text: () => string): boolean {
  const held = isOver ? undefined : contexts.getStore()
  if (held === undefined) {
    return false
  }
  if (held.output.length < MAX_HELD_CHARACTERS) {
    held.output += text().slice(0, MAX_HELD_CHARACTERS)
  }
  return true
}

function textOf(chunk: unknown): string {
  return typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString()
}
