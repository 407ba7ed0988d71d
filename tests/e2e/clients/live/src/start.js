import { live } from "litestar-vite/live"

/** Follow live props, and record the reloads for the tests. */
export function start(router) {
  live(router)
  window.router = router
  window.reloads = []
  router.on("finish", ({ detail }) => window.reloads.push(detail.visit.only.join()))
}

export const NAMES = ["number", "pushed", "throttled", "later", "list", "hidden"]

export const text = (value) => (value === undefined ? "" : JSON.stringify(value))
