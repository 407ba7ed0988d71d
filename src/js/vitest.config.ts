import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["tests/*.test.ts"],
    // Real builds and real processes: the limit is for hangs only.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
