import { noEnd, type ClockChange } from '../owlcms/message.ts'
import type { Draft } from './draft.ts'
import type { BreakClock, KnownClock } from './state.ts'

/**
 * What newer releases tell of their clocks (docs/owlcms.md 2.1). It is for showing only: neither phase nor fence look at it,
 * so it makes no press later or less late.
 */
interface Told {
  readonly change: ClockChange
  /** Absent: without an end. */
  readonly remainingMs?: number
}

/** `fop/athleteClock` came: it counts unless what is known is newer. */
export function athleteClock(draft: Draft, told: Told): void {
  if (isOvertaken(draft, draft.state.athleteClock, told)) return
  const next = clockOf(draft, told)
  if (next === undefined) draft.drop('athleteClock')
  else draft.change({ athleteClock: next })
}

/** `fop/breakClock`: the same for a break, which may have no end. */
export function breakClock(draft: Draft, told: Told): void {
  // It stops when lifting goes on.
  if (told.change === 'stop' && draft.isLifting) {
    draft.drop('breakClock')
    return
  }
  if (isOvertaken(draft, draft.state.breakClock, told)) return
  const next = told.remainingMs === noEnd ? undefined : clockOf(draft, told)
  draft.change({ breakClock: next ?? { kind: 'noEnd', at: draft.at } })
}

function clockOf({ at }: Draft, { change, remainingMs }: Told): KnownClock | undefined {
  if (remainingMs === undefined) return undefined
  return { kind: change === 'start' ? 'running' : 'stopped', remainingMs, at }
}

/**
 * A clock stops, is set and starts in this order, and its messages come in any: told in one breath, a stop says nothing
 * after either of the others, nor does the time that it has started from.
 */
function isOvertaken(draft: Draft, before: BreakClock | undefined, { change, remainingMs }: Told): boolean {
  if (before === undefined || !draft.isTogether(before.at)) return false
  return (
    change === 'stop' || (change === 'set' && before.kind === 'running' && before.remainingMs === remainingMs)
  )
}
