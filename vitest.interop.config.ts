import { defineConfig } from 'vitest/config'

/** The interoperability suite: foreign brokers and clients, built at the first run, and what asks a registry (test/interop). */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.interop.ts', 'test/robustness/broker-link.test.ts'],
    // Tells the other suite's test which broker to take.
    env: { INTEROP: 'true' },
    globalSetup: ['test/interop/support/foreign.ts'],
    // A JVM on a busy machine of two processors takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    reporters: ['default', './test/support/plain-closing-line.ts'],
  },
})
