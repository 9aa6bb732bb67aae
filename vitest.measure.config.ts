import { defineConfig } from 'vitest/config'

/** Measurements, not tests: run one at a time, on a quiet machine (`npm run bench:keypad`). */
export default defineConfig({
  test: {
    globalSetup: ['test/support/built-pages.ts'],
    include: ['test/**/*.measure.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
