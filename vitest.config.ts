import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Real brokers and sockets: generous, since a busy machine is not a failure.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', './test/support/plain-closing-line.ts'],
  },
})
