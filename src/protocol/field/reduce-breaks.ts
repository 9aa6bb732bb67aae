import type { Draft } from './draft.ts'
import { callAnother } from './reduce-clock.ts'
import { startUntold } from './reduce-lift.ts'
import { defined } from '../defined.ts'

/**
 * Three decisions stand for this long without lights: the message that showed them is lost, and what comes next
 * is the next athlete. Usually 3000 ms to the lights and 3500 more to the next athlete (docs/owlcms.md 4.1).
 */
const surelyShownMs = 5000

/** Lights stay for 3500 ms (docs/owlcms.md 4.1); the rest is jitter. */
const surelyOverMs = 3250

/** A break began or became another one; sometimes said twice (docs/owlcms.md 4.6, 4.7). There is no end message. */
export function beginBreak(draft: Draft, breakType: string): void {
  const { phase, down, shown, jury } = draft.state
  const isRepeat = phase.kind === 'break' && phase.breakType === breakType
  const clearsVotes = breakType === 'JURY' || breakType === 'CHALLENGE'
  if (clearsVotes && (!isRepeat || Object.keys(jury.votes).length > 0)) {
    draft.forgetVotes()
    draft.mark('votesCleared')
  }
  if (isRepeat) return
  draft.mark(draft.isBreak ? 'breakChanged' : 'breakBegan')
  draft.forgetBreakClock()
  // No break begins during the lights, so the attempt is over (docs/owlcms.md 4.2 note 6).
  if (down || shown !== undefined) draft.forgetAttempt()
  draft.forgetRunningClock()
  draft.enter({ kind: 'break', breakType })
}

/** A ceremony begins or ends within a break. */
export function ceremony(draft: Draft, name: string, on: boolean): void {
  const { phase } = draft.state
  if (!on) {
    if (phase.kind !== 'ceremony' || phase.ceremony !== name) return
    const { breakType } = phase
    draft.enter(breakType === undefined ? { kind: 'idle' } : { kind: 'break', breakType })
    return
  }
  // The countdown before it is over, without a message of its own (docs/owlcms.md 4.7).
  if (phase.kind !== 'ceremony' || phase.ceremony !== name)
    draft.mark(draft.isBreak ? 'breakChanged' : 'breakBegan')
  // Its break was missed: the attempt is over.
  if (draft.state.down || draft.state.shown !== undefined) draft.forgetAttempt()
  const known = 'breakType' in phase ? phase.breakType : undefined
  // The countdown to the introduction ends in it, and the break before the first snatch begins without a word.
  const breakType = known === 'BEFORE_INTRODUCTION' && name === 'INTRODUCTION' ? 'FIRST_SNATCH' : known
  draft.enter({ kind: 'ceremony', ceremony: name, ...defined({ breakType }) })
}

/** Breaks after which another session's athletes lift. */
const betweenSessions: readonly string[] = ['GROUP_DONE', 'BEFORE_INTRODUCTION', 'FIRST_SNATCH']

/** The break is over, and an athlete is displayed; the clock keeps its time (docs/owlcms.md 4.6). */
export function startLifting(draft: Draft): void {
  // Of a restart during the down signal, with its other messages (docs/owlcms.md 4.9, T5); or a break began and ended.
  if (draft.isSameEvent && (draft.phase === 'clockRunning' || draft.phase === 'athleteCalled')) {
    const { attemptRestarted = 0, liftingResumed = 0 } = draft.tracking.edges
    const isOfRestart = attemptRestarted >= liftingResumed
    draft.mark(isOfRestart ? 'attemptRestarted' : 'liftingResumed')
    if (!isOfRestart && draft.phase === 'athleteCalled') draft.drop('attempt')
    return
  }
  const isRestart = draft.phase === 'downSignal'
  // The reset that began it came before; nobody tells of the clock's start before 55.3.
  const startsUntold =
    isRestart && !draft.tracking.announcesClock && draft.isSameEventAs(draft.tracking.resetAt)
  draft.mark(isRestart ? 'attemptRestarted' : 'liftingResumed')
  const { phase } = draft.state
  if (phase.kind === 'break' && betweenSessions.includes(phase.breakType)) draft.drop('judged')
  // A session was loaded in the down signal: not the same one, since it begins.
  const { resetAt } = draft.tracking
  if (isRestart && resetAt !== undefined && !draft.isSameEventAs(resetAt)) draft.mark('liftingResumed')
  if (draft.state.down || draft.state.shown !== undefined) draft.forgetAttempt()
  // Somebody else may have been called meanwhile.
  if (!isRestart) draft.drop('attempt')
  draft.forgetRunningClock()
  draft.forgetSummons()
  draft.drop('breakClock')
  if (startsUntold) startUntold(draft)
  else draft.enter({ kind: 'athleteCalled' })
}

/** The order or the displayed athlete was refreshed, at any time and for many reasons (docs/owlcms.md 4.4). */
export function liftingOrderUpdated(draft: Draft): void {
  switch (draft.phase) {
    case 'decisionShown':
      // Sooner it is a weight change, or the network held the lights back: phase stays, safety first.
      if (draft.at - draft.tracking.phaseAt >= surelyOverMs) displayNext(draft)
      else draft.mark('athleteDisplayed')
      return
    case 'athleteCalled':
      // It always follows `startLifting`.
      if (draft.isSameEvent && isDisplayedByResuming(draft)) return
      // Somebody else may be called now: a start meant for one must not run the other's clock.
      draft.mark('athleteDisplayed')
      draft.drop('attempt')
      return
    case 'downSignal':
      afterDown(draft)
      return
    case 'idle':
      // After an outage nobody knows what goes on: it may be the next athlete.
      draft.mark('athleteDisplayed')
      return
    case 'break':
    case 'ceremony':
      afterLastLift(draft)
      return
    case 'clockRunning':
      // A weight was changed; the athlete on the platform goes on, unless the clock is stopped for it now.
      draft.track({ orderAt: draft.at })
      // Before 55.3 nobody tells whether it stands.
      if (!draft.tracking.announcesClock) draft.mark('orderUpdated')
      return
    case 'clockStopped':
      if (draft.isSameEvent && !draft.hasDecisions && !isLoading(draft)) {
        callAnother(draft)
        return
      }
      // Mostly the same; but the marshal stops the clock to change the weight of the athlete called, too. Then
      // somebody else's clock would run. Decisions pass: who lifts already can change no weight.
      draft.mark('orderUpdated')
      // What comes after it is no part of what stopped the clock, however soon.
      draft.endEvent()
      return
    default:
      draft.phase satisfies never
  }
}

/** How long after its reset of the lights a session that is loaded shows its order: 35 to 190 ms in the recordings. */
const loadingMs = 500

function isLoading({ at, tracking: { resetAt } }: Draft): boolean {
  return resetAt !== undefined && at - resetAt < loadingMs
}

/** A session that is loaded ends the break after the last lift of the one before, and no other break. */
function afterLastLift(draft: Draft): void {
  const { phase } = draft.state
  const breakType = 'breakType' in phase ? phase.breakType : undefined
  if (breakType !== 'GROUP_DONE' || !isLoading(draft)) return
  draft.mark('athleteDisplayed')
  draft.drop('attempt')
  draft.drop('judged')
  draft.enter({ kind: 'idle' })
}

/** Whether lifting going on, or a restart, displayed the athlete, and no refreshed order since. */
function isDisplayedByResuming({ tracking }: Draft): boolean {
  const { athleteDisplayed = 0, attemptRestarted = 0, liftingResumed = 0 } = tracking.edges
  return Math.max(attemptRestarted, liftingResumed) > athleteDisplayed
}

function afterDown(draft: Draft): void {
  const { decidedAt } = draft.tracking
  if (decidedAt !== undefined && draft.at - decidedAt >= surelyShownMs) {
    displayNext(draft)
    return
  }
  // At most referee 2 and a down signal: one who decides alone shows up like this, and the lights were missed
  // (docs/owlcms.md 4.5). It may be a mere weight change too; then a press under way is made again.
  const others = Object.keys(draft.state.decisions).filter((referee) => referee !== '2')
  if (others.length === 0) draft.mark('athleteDisplayed')
}

function displayNext(draft: Draft): void {
  draft.mark('athleteDisplayed')
  draft.forgetAttempt()
  draft.forgetSummons()
  draft.enter({ kind: 'athleteCalled' })
}
