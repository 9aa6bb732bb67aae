import { afterAll, onTestFinished } from 'vitest'

interface Stoppable {
  stop(): Promise<unknown>
}

/** What the running test has started, and what is stopped after it; the last first. */
export function later<T extends Stoppable>(thing: T): T {
  onTestFinished(async () => {
    await thing.stop()
  })
  return thing
}

/** The same where tests run beside each other and nobody can tell which one is running: all is stopped after the last test. */
export function laterThanAll(): <T extends Stoppable>(thing: T) => T {
  const started: Stoppable[] = []
  afterAll(async () => {
    for (const thing of started.reverse()) await thing.stop()
  })
  return (thing) => {
    started.push(thing)
    return thing
  }
}
