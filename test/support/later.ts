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

/**
 * The same where tests run beside each other and nobody can tell which one is running, or for what they share: all is stopped after
 * the last test, however that goes with one of them.
 */
export function laterThanAll(): <T extends Stoppable>(thing: T) => T {
  const started: Stoppable[] = []
  afterAll(async () => {
    const failures: unknown[] = []
    for (const thing of started.reverse()) await thing.stop().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, 'could not stop everything')
  })
  return (thing) => {
    started.push(thing)
    return thing
  }
}
