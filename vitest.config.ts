import { readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Whether a test, or a helper that it imports, starts a process: a broker, a browser, the built program, a shell. */
function startsProcesses(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false
  seen.add(file)
  const source = readFileSync(file, 'utf8')
  if (/from '(?:node:child_process|playwright-core)'/.test(source)) return true
  const helpers = [...source.matchAll(/from '(\.[^']+)'/g)].map(([, path]) =>
    resolve(dirname(file), path ?? ''),
  )
  return helpers.some((path) => /\/(?:test|bench)\//.test(path) && startsProcesses(path, seen))
}

const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.test\.tsx?$/.test(file))
  .map((file) => `test/${file}`)
const slow = tests.filter((file) => startsProcesses(resolve(file)))

/** Two lanes: `npm run test:fast` runs what needs neither a browser nor a child process; `npm test` runs both. */
export default defineConfig({
  test: {
    // Real brokers and sockets: generous, since a busy machine is not a failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // More than half of a test's time is waiting; by default one worker of a machine with two processors would wait alone.
    maxWorkers: 4,
    // A worker keeps what it has loaded, and its browser, for its next file: no test changes a module that others use.
    isolate: false,
    // How long the lists are that properties are tried with.
    setupFiles: ['./test/support/random.ts'],
    reporters: ['default', './test/support/plain-closing-line.ts'],
    projects: [
      { extends: true, test: { name: 'fast', include: tests.filter((file) => !slow.includes(file)) } },
      {
        extends: true,
        test: { name: 'slow', include: slow, globalSetup: ['./test/support/built-pages.ts'] },
      },
    ],
  },
})
