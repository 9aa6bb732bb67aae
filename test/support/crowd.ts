import type { PressState } from '../../src/console/stream/presses.ts'
import type { ErrorReason, ServerMessage } from '../../src/protocol/contract/stream-message.ts'

/** A press of one official, and what became of it, as the keypad was told. */
export interface MadePress {
  readonly value: string
  readonly at: number
  /** The lift that was on, where it counts. */
  readonly lift?: number
  ends: Exclude<PressState['kind'], 'refused'> | ErrorReason
}

/** It came to the broker. */
export type ArrivedPress = Pick<MadePress, 'value' | 'at' | 'lift'>

/** The bridge's word on a press. */
export function hearPress(made: MadePress, message: ServerMessage): void {
  if (message.type === 'ack') made.ends = message.outcome === 'drill' ? 'drill' : 'acked'
  else if (message.type === 'receipt') made.ends = message.outcome
  else if (message.type === 'error') made.ends = message.reason
}

const reached: readonly string[] = ['acked', 'taken', 'notTaken', 'delivered']
/** Nobody told what became of it. */
const untold: readonly string[] = ['sending', 'lost']

/**
 * What of the arrivals the presses of one official don't explain, each by one press of its value and lift and at most so old, in their
 * order. Presses of which the keypad was told that they arrived must have, those of which nobody told may have, and no others.
 */
export function unexplained(
  made: readonly MadePress[],
  arrived: readonly ArrivedPress[],
  maxAgeMs = Number.POSITIVE_INFINITY,
): string | undefined {
  /** Ways to explain the first so many arrivals by the presses looked at so far. */
  let possible = new Set([0])
  for (const { value, at, ends, lift } of made) {
    const next = new Set<number>()
    for (const count of possible) {
      const one = arrived[count]
      const fits =
        one?.value === value && (one.lift ?? lift) === lift && one.at >= at && one.at - at <= maxAgeMs
      if (fits && (untold.includes(ends) || reached.includes(ends))) next.add(count + 1)
      if (!reached.includes(ends)) next.add(count)
    }
    const most = Math.max(...possible)
    if (next.size === 0)
      return `${value} (${ends}) at ${at} in lift ${lift}, after ${most} arrivals; next: ${JSON.stringify(arrived.slice(most, most + 2))}`
    possible = next
  }
  if (possible.has(arrived.length)) return undefined
  const most = Math.max(...possible)
  return `arrival ${most} of ${arrived.length}: ${JSON.stringify(arrived[most])}`
}
