import { defineConfig } from 'vitest/config'

/** Pictures to look at, not tests: every page, role and state in four widths and four languages (`npm run pictures`). */
export default defineConfig({
  test: {
    globalSetup: ['test/support/built-pages.ts'],
    include: ['test/pictures/*.pictures.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
