import type { Attempt } from './owlcms-message.ts'
import type { Draft } from './platform-draft.ts'
import type { ClockState } from './platform-state.ts'

/** The times that owlcms gives an athlete (protocol.md 4.1). */
const fullTimes: readonly number[] = [60_000, 120_000]

/** A clock that shows this much more than it can was set anew; the rest is jitter of the network. */
const jitterMs = 1000

/** The clock really started, after a reset, a pause or a restart (protocol.md 4.2, 4.4). */
export function clockStarted(
  draft: Draft,
  { remainingMs, attempt }: { readonly remainingMs: number; readonly attempt: Attempt },
): void {
  if (!draft.tracking.announcesClock) draft.track({ announcesClock: true })
  endAttemptBefore(draft)
  if (draft.phase !== 'clockRunning') draft.mark('clockRan')
  draft.forgetSummons()
  const { clock, attempt: known } = draft.state
  if (clock.kind !== 'running' || clock.remainingMs !== remainingMs) {
    draft.change({ clock: { kind: 'running', remainingMs, at: draft.at } })
  }
  // owlcms sends nobody's name when it could not write it.
  if (Object.keys(attempt).length > 0 && !sameAttempt(known, attempt)) draft.change({ attempt })
  draft.enter({ kind: 'clockRunning' })
}

/** A running clock proves that what would have ended the attempt or break before was missed, or comes swapped. */
function endAttemptBefore(draft: Draft): void {
  const { shown, down } = draft.state
  if (shown !== undefined) draft.mark('athleteDisplayed')
  // Nothing known: it may be a restart, too.
  else if (down || draft.phase === 'idle') draft.mark('attemptRestarted')
  else if (draft.isBreak) draft.mark('liftingResumed')
  if (shown !== undefined || down) draft.forgetAttempt()
}

function sameAttempt(a: Attempt | undefined, b: Attempt): boolean {
  return (
    a?.athleteName === b.athleteName &&
    a?.attemptNumber === b.attemptNumber &&
    a?.liftType === b.liftType &&
    a?.session === b.session
  )
}

/** Every stop call is told, also for a clock that stands (protocol.md 4.4). */
export function clockStopped(draft: Draft, remainingMs: number): void {
  if (!draft.tracking.announcesClock) draft.track({ announcesClock: true })
  const { clock } = draft.state
  const left = remainingAt(clock, draft.at)
  const isFull = fullTimes.includes(remainingMs)
  if (draft.phase === 'clockRunning') {
    draft.mark('clockStood')
    const isSet = isFull && left !== undefined && remainingMs > left + jitterMs
    draft.enter({ kind: isSet ? 'athleteCalled' : 'clockStopped' })
  } else if (draft.phase === 'clockStopped') {
    // Only a decision told that lifting was on (reduce-lift.ts): the clock may have run until now.
    if (left === undefined) draft.mark('clockStood')
    // `60` and `120` tell the old time, then the new one; the athlete is to be started anew.
    if (isFull && left !== undefined && remainingMs > left) draft.enter({ kind: 'athleteCalled' })
  } else if (draft.phase === 'athleteCalled' && !isFull && left !== remainingMs) {
    // The old time of the pair, swapped; else the clock was started, and we missed it.
    if (draft.isSameEvent) return
    draft.enter({ kind: 'clockStopped' })
  } else if (draft.phase === 'idle' && left !== remainingMs) {
    // Nothing known: it may have run.
    draft.mark('clockStood')
  }
  if (clock.kind !== 'stopped' || clock.remainingMs !== remainingMs) {
    draft.change({ clock: { kind: 'stopped', remainingMs, at: draft.at } })
  }
}

/** Warnings; at 0 lifting has stopped, though the clock runs on for a second (protocol.md 4.1, 4.4). */
export function timeRemaining(draft: Draft, seconds: number): void {
  // Outside a lift it is a lamp test (protocol.md 1.10).
  if (draft.phase !== 'clockRunning') return
  if (seconds === 0) {
    draft.change({ clock: { kind: 'stopped', remainingMs: 0, at: draft.at } })
    draft.mark('clockStood')
    draft.enter({ kind: 'clockStopped' })
  } else if (draft.state.clock.kind === 'unknown') {
    draft.change({ clock: { kind: 'running', remainingMs: seconds * 1000, at: draft.at } })
  }
}

function remainingAt(clock: ClockState, at: number): number | undefined {
  switch (clock.kind) {
    case 'unknown':
      return undefined
    case 'running':
      return clock.remainingMs - (at - clock.at)
    case 'stopped':
      return clock.remainingMs
    default:
      return clock satisfies never
  }
}
