import { stdout } from 'node:process'
import { allForeign, ensureBuilt } from './foreign.ts'

/** Runs once, before any test file: builds every foreign program that this machine can build. */
export default async function buildAll(): Promise<void> {
  for (const program of allForeign) {
    // What is missing is named by `describeIf` where it is needed.
    if (program.needs.every((need) => need.available)) {
      await ensureBuilt(program, (line) => stdout.write(`${line}\n`))
    }
  }
}
