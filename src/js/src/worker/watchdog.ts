/**
 * Kills this process when its parent exits, even while JavaScript blocks the main thread.
 *
 * A thread checks the parent's process id twice a second: when the parent exits, the kernel assigns another parent. The
 * main thread only notices the end of stdin between renders. (On Windows, the id does not change, so only the end of
 * stdin is noticed.) The thread costs about 10 MB of memory.
 */
import { Worker } from "node:worker_threads"

import { log } from "./log.ts"

const POLL_MILLISECONDS = 500

const WATCH = `
const { workerData } = require("node:worker_threads")
setInterval(() => {
  if (process.ppid !== workerData.parent) process.kill(process.pid, "SIGKILL")
}, workerData.poll)
`

export function startWatchdog(): void {
  const thread = new Worker(WATCH, {
    eval: true,
    // Without flags for the bundle, such as --enable-source-maps and --inspect.
    execArgv: [],
    workerData: { parent: process.ppid, poll: POLL_MILLISECONDS },
  })
  thread.on("error", (error) => log("The watchdog failed. This process may outlive its parent:", error))
  thread.unref()
}
