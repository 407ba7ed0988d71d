/**
 * Kills this process group when its owner exits. Loaded before Vite (`node --import guard.mjs vite.js`).
 *
 * How it works: a thread checks four times a second whether the owner is alive. The owner is the app's process or, with
 * --reload, the reloader, so that Vite survives restarts of the app. The guard also works if the Vite config does not
 * load the plugin, if JavaScript blocks the main thread, and if the owner was killed with SIGKILL.
 */
import { isMainThread, Worker } from "node:worker_threads"

import { devSession } from "./dev/session.ts"

const POLL_MILLISECONDS = 250

// Process ids are reused, and zombies keep theirs. On Linux, the start time and the state identify the process.
const WATCH = `
const { readFileSync, rmSync } = require("node:fs")
const { workerData: { pid, start, state, poll } } = require("node:worker_threads")
function isAlive() {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code === "ESRCH") return false
  }
  if (start === null) return true
  try {
    const stat = readFileSync("/proc/" + pid + "/stat", "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] !== "Z" && fields[0] !== "X" && fields[19] === start
  } catch {
    return false
  }
}
setInterval(() => {
  if (isAlive()) return
  rmSync(state, { force: true })
  try {
    process.kill(-process.pid, "SIGKILL")
  } catch {
    process.kill(process.pid, "SIGKILL")
  }
}, poll)
`

const session = devSession()
// Threads and forks of Vite inherit --import.
if (isMainThread && session !== undefined && process.send === undefined) {
  const thread = new Worker(WATCH, {
    eval: true,
    execArgv: [],
    workerData: { ...session.owner, state: session.state, poll: POLL_MILLISECONDS },
  })
  thread.on("error", (error) => console.error("litestar-vite: the guard failed. Vite may outlive the app:", error))
  thread.unref()
}
