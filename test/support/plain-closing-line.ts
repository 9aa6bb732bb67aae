import { stdout } from 'node:process'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

declare module 'vitest' {
  interface TaskMeta {
    /** What a test of the interoperability suite tried, with its version: "Paho Java 1.2.5 over wss". */
    tested?: string
  }
}

/** What joins the name of a group that `describeIf` skips and the reason. Names travel from worker to reporter. */
export const skippedBecause = ' (skipped, '

/** What a run came to. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** "3 passed, 0 failed", with ", 1 skipped" only where something was: the line that CI reads. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/**
 * Counts tests, and what failed outside any test: a file that doesn't load, a hook that throws, an error nobody
 * caught. Without those a run could end red under a line that says "0 failed".
 */
function count(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const states = tests.map((test) => test.result().state)
  const groups = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const outside = groups.reduce((errors, group) => errors + group.errors().length, unhandled.length)
  return {
    passed: states.filter((state) => state === 'passed').length,
    failed: states.filter((state) => state === 'failed').length + outside,
    // A test that never got its turn (an interrupted run) did not pass either.
    skipped: states.filter((state) => state === 'skipped' || state === 'pending').length,
  }
}

/** The groups that `describeIf` left out, each once, with its reason. */
function leftOut(modules: readonly TestModule[]): readonly string[] {
  const suites = modules.flatMap((module) => [...module.children.allSuites()])
  const names = suites.map((suite) => suite.name).filter((name) => name.includes(skippedBecause))
  return [...new Set(names)]
}

/** The brokers and clients that were tried, one line each, and how it went. */
function tried(modules: readonly TestModule[]): readonly string[] {
  const outcomes = new Map<string, { passed: number; all: number }>()
  for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
    const { tested } = test.meta()
    if (tested === undefined) continue
    const { passed, all } = outcomes.get(tested) ?? { passed: 0, all: 0 }
    outcomes.set(tested, { passed: passed + Number(test.result().state === 'passed'), all: all + 1 })
  }
  return [...outcomes].map(([name, { passed, all }]) => `Tested: ${name}: ${passed} of ${all}`)
}

/**
 * A vitest reporter that ends a run with what the interoperability suite tried, one line for each group left out for want of a
 * program, and a closing line on its own, without colour, for whoever reads the log by machine.
 */
export default class PlainClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const lines = [
      ...tried(modules),
      ...leftOut(modules).map((name) => `Not run: ${name}`),
      closingLine(count(modules, unhandled)),
    ]
    stdout.write(`\n${lines.join('\n')}\n`)
  }
}
