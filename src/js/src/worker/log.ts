import { inspect } from "node:util"

/** Write one log entry to stderr. Bundles may replace `console`, so it is not used here. */
export function log(message: string, detail?: unknown): void {
  process.stderr.write(`[litestar-vite ssr] ${message}${detail === undefined ? "" : ` ${describe(detail)}`}\n`)
}

function describe(detail: unknown): string {
  try {
    return detail instanceof Error ? (detail.stack ?? detail.message) : inspect(detail)
  } catch {
    // A getter or a custom inspect function threw.
    return "(an object that cannot be printed)"
  }
}
