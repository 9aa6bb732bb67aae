import { anotherAttempt } from './fence.ts'
import type { Attempt, ClockCommand } from '../owlcms/message.ts'
import type { Platform } from '../owlcms/topics.ts'
import type { Draft } from './draft.ts'
import type { ClockState, PlatformState } from './state.ts'
import { trackingOf } from './tracking.ts'

/** The times that owlcms gives an athlete (docs/owlcms.md 4.1). */
const fullTimes: readonly number[] = [60_000, 120_000]

/** A clock that shows this much more than it can was set anew; the rest is jitter of the network. */
const jitterMs = 1000

/** The clock really started, after a reset, a pause or a restart (docs/owlcms.md 4.2, 4.4). */
export function clockStarted(
  draft: Draft,
  { remainingMs, attempt }: { readonly remainingMs: number; readonly attempt: Attempt },
): void {
  if (!draft.tracking.announcesClock) draft.track({ announcesClock: true })
  outdateOthers(draft, remainingMs, attempt)
  wipeBefore(draft, remainingMs)
  endAttemptBefore(draft)
  if (draft.phase !== 'clockRunning') draft.mark('clockRan')
  draft.forgetSummons()
  const { clock, attempt: known } = draft.state
  if (clock.kind !== 'running' || clock.remainingMs !== remainingMs) {
    draft.change({ clock: { kind: 'running', remainingMs, at: draft.at } })
  }
  // owlcms sends nobody's name when it could not write it.
  if (Object.keys(attempt).length > 0 && !sameAttempt(known, attempt)) draft.change({ attempt })
  draft.forgetReset()
  draft.enter({ kind: 'clockRunning' })
}

/**
 * A start names its attempt: what was pressed for another one is too late from now on. Nothing else may have told so
 * before, since its `resetDecisions` may come after it (docs/owlcms.md 1.6).
 */
function outdateOthers(draft: Draft, remainingMs: number, attempt: Attempt): void {
  const { attempt: known, clock } = draft.state
  const isNamed = Object.keys(attempt).length > 0
  const isKnown = isNamed && known !== undefined
  const refreshed = newOrder(draft)
  if (refreshed === undefined) {
    if (isKnown && !sameAttempt(known, attempt)) draft.mark('athleteDisplayed')
    return
  }
  // A clock that goes on has no more time than it had; else somebody else was called in between.
  const goesOn =
    clock.kind === 'stopped' && remainingMs <= clock.remainingMs && !fullTimes.includes(remainingMs)
  // He was called when the order was refreshed, so what was pressed after that is for him.
  if (!isKnown || !sameAttempt(known, attempt) || !goesOn) draft.backdate('athleteDisplayed', refreshed)
}

/** The fence with which the order was refreshed, if nothing has begun an attempt or the clock since. */
export function newOrder({ tracking: { edges } }: Draft): number | undefined {
  const { orderUpdated = 0 } = edges
  const isNew = ([...anotherAttempt, 'clockRan'] as const).every((edge) => (edges[edge] ?? 0) < orderUpdated)
  return isNew ? orderUpdated : undefined
}

/** A clock that stood and has more time now begins anew: decisions are wiped, whether its reset was seen or not. */
function wipeBefore(draft: Draft, remainingMs: number): void {
  const { clock } = draft.state
  const { timeBefore = 0 } = draft.tracking
  // Of the two times that `60` and `120` tell, the other one may be the new one.
  const isMore = clock.kind === 'stopped' && remainingMs > Math.max(clock.remainingMs, timeBefore)
  const isAnew = draft.phase === 'clockStopped' && isMore
  if (!isAnew || !draft.hasDecisions) return
  draft.mark('decisionsWiped')
  draft.forgetDecisions()
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

/** A device asks for another time: of the two that owlcms tells then, in either order, this one is the new one. */
export function timeAsked(
  state: PlatformState,
  { platform, command }: { readonly platform: Platform; readonly command: ClockCommand },
  at: number,
): PlatformState {
  if (platform !== state.platform || (command !== '60' && command !== '120')) return state
  return { ...state, tracking: { ...trackingOf(state), asked: { remainingMs: Number(command) * 1000, at } } }
}

/** Every stop call is told, also for a clock that stands (docs/owlcms.md 4.4). */
export function clockStopped(draft: Draft, remainingMs: number): void {
  if (!draft.tracking.announcesClock) draft.track({ announcesClock: true })
  if (isOldTime(draft, remainingMs)) return
  const { clock } = draft.state
  const left = remainingAt(clock, draft.at)
  if (!stopPhase(draft, remainingMs, left)) return
  if (clock.kind !== 'stopped' || clock.remainingMs !== remainingMs) {
    draft.change({ clock: { kind: 'stopped', remainingMs, at: draft.at } })
    draft.track({ timeBefore: left ?? remainingMs })
  }
  draft.track({ stoppedAt: draft.at })
  // Another session is loaded: told together with the reset of the lights.
  if (draft.isLifting && draft.isTogether(draft.tracking.resetAt)) beginInactive(draft)
}

/** Another session is loaded. */
export function beginInactive(draft: Draft): void {
  if (draft.state.down) draft.forgetAttempt()
  draft.drop('judged')
  draft.enter({ kind: 'idle' })
}

/** The phase that a stop leads to. False when it tells the old time of `60` or `120`, after the new one. */
function stopPhase(draft: Draft, remainingMs: number, left: number | undefined): boolean {
  const isFull = fullTimes.includes(remainingMs)
  // It can't run up, nor down so quickly.
  const isSet = isFull && left !== undefined && Math.abs(remainingMs - left) > jitterMs
  const isAsked = askedMs(draft) === remainingMs
  if (draft.phase === 'clockRunning') {
    draft.mark('clockStood')
    if (draft.isSameEventAs(draft.tracking.orderAt) && !draft.hasDecisions) callAnother(draft)
    else draft.enter({ kind: isSet || isAsked ? 'athleteCalled' : 'clockStopped' })
  } else if (draft.phase === 'clockStopped') {
    // Only a decision told that lifting was on (reduce-lift.ts): the clock may have run until now.
    if (left === undefined) draft.mark('clockStood')
    // `60` and `120` tell the old time, then the new one; the athlete is to be started anew.
    if (isFull && left !== undefined && (remainingMs !== left || isAsked))
      draft.enter({ kind: 'athleteCalled' })
  } else if (draft.phase === 'athleteCalled' && !isFull && left !== remainingMs) {
    // The old time of the pair, swapped; else the clock was started, and we missed it.
    if (draft.isSameEvent) return false
    draft.enter({ kind: 'clockStopped' })
  } else if (draft.phase === 'idle' && left !== remainingMs) {
    // Nothing known: it may have run.
    draft.mark('clockStood')
  }
  return true
}

/**
 * `60` and `120` tell the old time and the new one, in either order: right after the new one the old one says
 * nothing. Which one is new, the device's word tells; without it, what was shown before.
 */
function isOldTime(draft: Draft, remainingMs: number): boolean {
  const { clock } = draft.state
  if (draft.phase !== 'athleteCalled' || clock.kind !== 'stopped' || !draft.isClockFresh) return false
  if (remainingMs === clock.remainingMs) return false
  const asked = askedMs(draft)
  return asked === undefined ? remainingMs === draft.tracking.timeBefore : clock.remainingMs === asked
}

/** How long owlcms's answer to a device may take; the same as for an echo (docs/owlcms.md 5.4). */
const answerMs = 1500

function askedMs({ tracking: { asked }, at }: Draft): number | undefined {
  return asked !== undefined && at - asked.at < answerMs ? asked.remainingMs : undefined
}

/**
 * The marshal changes a weight, owlcms stops the clock and calls another athlete, all in one event. A weight change and
 * a timekeeper's stop may fall together by chance, so decisions pass until the clock's start tells who was called.
 */
export function callAnother(draft: Draft): void {
  draft.mark('orderUpdated')
  draft.drop('attempt')
  draft.enter({ kind: 'athleteCalled' })
}

/** Warnings; at 0 lifting has stopped, though the clock runs on for a second (docs/owlcms.md 4.1, 4.4). */
export function timeRemaining(draft: Draft, seconds: number): void {
  // Outside a lift it is a lamp test (docs/owlcms.md 1.10).
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
