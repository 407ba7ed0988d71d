// Reads [base, target] pairs as JSON and prints the URL that a browser opens for each: href, origin, protocol; or null.
import { readFileSync } from 'node:fs'

const pairs = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(
  JSON.stringify(
    pairs.map(([base, target]) => {
      try {
        const url = new URL(target, base)
        return { href: url.href, origin: url.origin, protocol: url.protocol }
      } catch {
        return null
      }
    }),
  ),
)
