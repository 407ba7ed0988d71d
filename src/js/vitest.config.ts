import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["tests/*.test.ts"],
    // Dozens of worker processes from start to end, and real builds of React: `make test-slow` runs them too.
    exclude: process.env.SLOW ? [] : ["tests/worker-life.test.ts", "tests/react.test.ts"],
    // Real builds and real processes: the limit is for hangs only.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
