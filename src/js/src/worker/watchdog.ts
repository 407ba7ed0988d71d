/**
 * End this process when its parent is gone, even while JavaScript on the main thread spins for ever.
 *
 * A thread of its own reads the parent's process id twice a second: after the parent's death the kernel gives us another parent.
 * The main thread cannot do it: it sees the end of stdin only between two renders. (Windows keeps the dead parent's id: there the
 * end of stdin must do.) It costs about 10 MB of memory.
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
    // Flags such as --enable-source-maps or --inspect are for the bundle.
    execArgv: [],
    workerData: { parent: process.ppid, poll: POLL_MILLISECONDS },
  })
  thread.on("error", (error) => log("The watchdog failed; this process may outlive its parent:", error))
  thread.unref()
}
