import { onTestFinished } from 'vitest'

/** What the running test has started, and what is stopped after it; the last first. */
export function later<T extends { stop(): Promise<unknown> }>(thing: T): T {
  onTestFinished(async () => {
    await thing.stop()
  })
  return thing
}
