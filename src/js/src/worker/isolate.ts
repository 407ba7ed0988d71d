/**
 * Renders each page in a separate JavaScript context, so that module-level state never leaks between pages.
 *
 * How it works:
 * 1. Spare threads have imported the bundle and wait. Each renders one page and exits, and a new one is started.
 * 2. A thread that exceeds the deadline is terminated, since it may be stuck.
 *
 * Each page costs a thread and an import of the bundle (docs/server-side-rendering.md has figures).
 */
/* oxlint-disable unicorn/require-post-message-target-origin -- these are threads, not windows */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"

import { guardNetwork } from "./guard.ts"
import { log } from "./log.ts"
import { loadRenderer, NoRendererError, type Page, type Render } from "./renderer.ts"
import { holdBackWarmUps, isWarmUp, warmUp } from "./warmup.ts"

// Two: while one renders, the next is ready. More would compete for the same core.
const SPARE_THREADS = 2

interface Isolated {
  bundle: string
}

interface Order {
  body: Uint8Array
  isWarmUp: boolean
}

interface Thrown {
  error: string
  stack?: string
  rendersNothing?: boolean
}

type Message = { ready: true } | { result: unknown } | Thrown

/** In a rendering thread, start rendering and return true. */
export function rendersOnePage(): boolean {
  const data = workerData as Isolated | null
  if (isMainThread || data?.bundle === undefined) {
    return false
  }
  void renderOnePage(data.bundle)
  return true
}

async function renderOnePage(bundle: string): Promise<void> {
  try {
    holdBackWarmUps()
    const render = await loadRenderer(bundle, guardNetwork())
    parentPort!.once("message", async (order: Order) => {
      try {
        const bytes = Buffer.from(order.body)
        const rendering = () => render(JSON.parse(bytes.toString()) as Page, bytes)
        const result = await (order.isWarmUp ? warmUp(rendering) : rendering())
        await outputWritten()
        parentPort!.postMessage({ result })
      } catch (error) {
        await outputWritten()
        parentPort!.postMessage(described(error))
      }
    })
    parentPort!.postMessage({ ready: true })
  } catch (error) {
    parentPort!.postMessage(described(error))
  }
}

/** Wait until what the page printed is written: the thread is terminated after its answer, and Bun drops the rest. */
async function outputWritten(): Promise<void> {
  const unwritten = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0)
  await Promise.all(unwritten.map((stream) => new Promise((resolve) => stream.write("", resolve))))
}

function described(error: unknown): Thrown {
  if (!(error instanceof Error)) {
    return { error: `The render threw ${String(error)}, which is not an Error.` }
  }
  const { message, stack } = error
  return { error: message, ...(stack !== undefined && { stack }), rendersNothing: error instanceof NoRendererError }
}

/** A render function that uses a new thread for each page. Rejects if the bundle cannot be imported. */
export async function isolatedRenderer(bundle: string, deadlineMilliseconds: number): Promise<Render> {
  const spares = Array.from({ length: SPARE_THREADS }, () => startThread(bundle))
  await Promise.all(spares)
  return async (_page, body) => {
    const spare = spares.shift()!
    spares.push(startThread(bundle))
    const thread = await spare
    try {
      return await resultFrom(thread, body, deadlineMilliseconds)
    } finally {
      void thread.terminate()
    }
  }
}

async function startThread(bundle: string): Promise<Worker> {
  const thread = new Worker(new URL(import.meta.url), { workerData: { bundle } satisfies Isolated })
  thread.on("error", (error) => log("A rendering thread failed:", error))
  const message = await nextMessage(thread)
  if ("error" in message) {
    throw errorOf(message)
  }
  return thread
}

async function resultFrom(thread: Worker, body: Buffer, deadlineMilliseconds: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const message = `The page was not rendered within ${deadlineMilliseconds} ms. Its thread was terminated.`
    timer = setTimeout(() => reject(new Error(message)), deadlineMilliseconds)
  })
  try {
    thread.postMessage({ body, isWarmUp: isWarmUp() } satisfies Order)
    const message = await Promise.race([nextMessage(thread), late])
    if ("error" in message) {
      throw errorOf(message)
    }
    return "result" in message ? message.result : undefined
  } finally {
    clearTimeout(timer)
  }
}

function nextMessage(thread: Worker): Promise<Message> {
  return new Promise((resolve) => {
    thread.once("message", resolve)
    thread.once("exit", (code) => resolve({ error: `The rendering thread exited with code ${code}.` }))
  })
}

function errorOf({ error, stack, rendersNothing }: Thrown): Error {
  const rebuilt = rendersNothing ? new NoRendererError(error) : new Error(error)
  if (stack !== undefined) {
    rebuilt.stack = stack
  }
  return rebuilt
}
