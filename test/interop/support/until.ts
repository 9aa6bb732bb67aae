import { setTimeout as sleep } from 'node:timers/promises'

/** Polled, since that is all that the program offers from outside. Rejects after `patienceMs`. */
export async function until(holds: () => boolean | Promise<boolean>, patienceMs = 20_000): Promise<void> {
  const started = performance.now()
  while (!(await holds())) {
    await sleep(2)
    if (performance.now() - started > patienceMs)
      throw new Error(`waited ${patienceMs} ms for ${holds.toString()}`)
  }
}
