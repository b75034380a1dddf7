import { defineConfig } from 'vitest/config'

// Suites that take minutes: kill -9 at every step, real clients over long runs, replays of recorded scenarios.
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
})
