/**
 * Suppresses the output of warm-up renders, most of which fail because they lack props.
 *
 * How it works:
 * 1. A warm-up renders in a separate async context, so that other output of the bundle is still printed.
 * 2. Its output is buffered, and only printed if the process fails before the render is done.
 * 3. The first real page ends all warm-ups. From then on, all output is printed.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { format } from "node:util"

// 64 KiB: enough for the stack of a failure, while output stays bounded.
const MAX_HELD_CHARACTERS = 64 * 1024

interface Held {
  output: string
}

const contexts = new AsyncLocalStorage<Held>()
let isOver = false
let unfinished: Held | undefined

/** Call once, before the bundle is imported, because it may store `console.error` or `process.stdout.write`. */
export function holdBackWarmUps(): void {
  // In Bun and Deno, console does not write to the streams.
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

/** Return whether the current code runs in a warm-up. */
export function isWarmUp(): boolean {
  return !isOver && contexts.getStore() !== undefined
}

/** End all warm-ups, on the first real page. */
export function endWarmUps(): void {
  isOver = true
  unfinished = undefined
  // Tracking contexts slows down every promise.
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
