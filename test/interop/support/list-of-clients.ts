import { stdout } from 'node:process'
import type { Reporter, TestModule } from 'vitest/node'

declare module 'vitest' {
  interface TaskMeta {
    /** What a group tested, with its version: "Paho Java 1.2.5 over wss". */
    tested?: string
  }
}

/** A vitest reporter that ends a run with the list of brokers and clients that were tested, and how it went. */
export default class ListOfClients implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const outcomes = new Map<string, { passed: number; all: number }>()
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { tested } = test.meta()
        if (tested === undefined) continue
        const outcome = outcomes.get(tested) ?? { passed: 0, all: 0 }
        outcome.all += 1
        if (test.result().state === 'passed') outcome.passed += 1
        outcomes.set(tested, outcome)
      }
    }
    const lines = [...outcomes].map(([name, { passed, all }]) => `  ${name}: ${passed} of ${all}`)
    if (lines.length > 0) stdout.write(`\nClients tested:\n${lines.join('\n')}\n`)
  }
}
