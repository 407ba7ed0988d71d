import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http"
import { basename, join } from "node:path"

import { onTestFinished } from "vitest"

import { project, shipped, temporaryFolder } from "./project.ts"

export const workerPath = join(shipped, "worker.mjs")
if (!existsSync(workerPath)) {
  throw new Error("The worker is not built: run 'npm run build' first.")
}

export const PAGE = { component: "Home", props: { errors: {} }, url: "/home", version: "1" }
export const RENDERS = "export default async (page) => ({ head: ['<title>T</title>'], body: `<p>${JSON.stringify(page.props)}</p>` })"

// WORKER_RUNTIME=bun or deno runs the same tests with that: a name in PATH or a path (`make test-runtimes`).
const runtime = process.env["WORKER_RUNTIME"] ?? process.execPath
export const isDeno = basename(runtime).startsWith("deno")
export const isNode = !/^(?:deno|bun)/.test(basename(runtime))
/** The command line that runs a script, as Python starts it. */
export const command = [runtime, ...(isDeno ? ["run", "--allow-all", "--no-prompt"] : basename(runtime).startsWith("bun") ? ["--bun"] : [])] as [string, ...string[]]

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: any
}

type Target = { socketPath: string } | { host: string; port: number }

interface RequestOptions {
  method?: string
  /** Sent piece by piece, so that the worker sees several chunks. */
  body?: string | Buffer[]
  headers?: Record<string, string>
  agent?: Agent
}

/** A worker process under test, with everything that it printed so far. */
export class WorkerProcess {
  stdout = ""
  stderr = ""
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  #ended = false
  readonly #waiting = new Set<() => void>()

  constructor(
    readonly child: ChildProcess,
    readonly folder: string,
    readonly address: { socket: string } | { portFile: string },
  ) {
    child.stdout?.on("data", (chunk) => this.#print("stdout", chunk))
    child.stderr?.on("data", (chunk) => this.#print("stderr", chunk))
    // "close" is emitted after all output.
    child.once("close", () => {
      this.#ended = true
      this.#wake()
    })
    this.exited = once(child, "close").then(([code, signal]) => ({ code, signal }))
    onTestFinished(() => void child.kill("SIGKILL"))
  }

  /** Resolve as soon as the output matches; fail when the process ends first. */
  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.stdout + this.stderr)) {
      if (this.#ended) {
        throw new Error(`The worker ended without printing ${pattern}:\n${this.stdout}${this.stderr}`)
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  get target(): Target {
    if ("socket" in this.address) {
      return { socketPath: this.address.socket }
    }
    return { host: "127.0.0.1", port: Number(readFileSync(this.address.portFile, "utf8")) }
  }

  request(path: string, { method = "POST", body = "", headers = {}, agent }: RequestOptions = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ ...this.target, path, method, headers, agent: agent ?? false }, async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) {
          chunks.push(chunk)
        }
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode!, headers: response.headers, text, json: text === "" ? undefined : JSON.parse(text) })
      })
      sent.on("error", reject)
      void send(sent, body)
    })
  }

  render(page: object): Promise<Answer> {
    return this.request("/render", { body: JSON.stringify(page) })
  }

  warmUp(page: object): Promise<Answer> {
    return this.request("/warm-up", { body: JSON.stringify(page) })
  }

  #print(stream: "stdout" | "stderr", chunk: Buffer): void {
    this[stream] += chunk.toString()
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) {
      resolve()
    }
    this.#waiting.clear()
  }
}

async function send(sent: ReturnType<typeof httpRequest>, body: string | Buffer[]): Promise<void> {
  if (typeof body === "string") {
    sent.end(body)
    return
  }
  for (const piece of body) {
    await new Promise((resolve) => {
      sent.write(piece, resolve)
    })
  }
  sent.end()
}

/** Start the shipped worker on a bundle; not necessarily listening yet. */
export async function spawnWorker(bundle: string, options: { env?: NodeJS.ProcessEnv; tcp?: boolean; socket?: string } = {}) {
  const folder = await temporaryFolder()
  const address = options.tcp ? { portFile: join(folder, "port") } : { socket: options.socket ?? join(folder, "ssr.sock") }
  const env = {
    ...withoutTestEnvironment(),
    ...("socket" in address ? { LITESTAR_VITE_SSR_SOCKET: address.socket } : { LITESTAR_VITE_SSR_PORT_FILE: address.portFile }),
    ...options.env,
  }
  return new WorkerProcess(spawn(command[0], [...command.slice(1), workerPath, bundle], { env }), folder, address)
}

/** Start the shipped worker on a bundle and wait until it listens. */
export async function startWorker(...given: Parameters<typeof spawnWorker>): Promise<WorkerProcess> {
  const worker = await spawnWorker(...given)
  await worker.printed(/listening on /)
  return worker
}

/** A bundle with this source, in a folder without packages. */
export async function bundleOf(source: string, name = "bundle.mjs"): Promise<string> {
  return join(await project({ [name]: source }), name)
}

/** Start the shipped worker on a bundle with this source and wait until it listens. */
export async function started(source: string, options: Parameters<typeof spawnWorker>[1] = {}): Promise<WorkerProcess> {
  return startWorker(await bundleOf(source), options)
}

/** vitest sets NODE_ENV=test, which would select React's development code. */
export function withoutTestEnvironment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, ...env } = process.env
  return env
}
