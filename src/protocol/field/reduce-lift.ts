import type { RefereeNumber } from '../owlcms/message.ts'
import type { Verdict } from '../owlcms/topics.ts'
import { areLightsEarly } from './fence.ts'
import type { Draft } from './draft.ts'
import { beginInactive, newOrder } from './reduce-clock.ts'

/** One referee's current verdict; all known ones come again at each change (docs/owlcms.md 4.3). */
export function decision(draft: Draft, referee: RefereeNumber, value: Verdict | 'hidden'): void {
  noticeLifting(draft)
  draft.forgetReset()
  const { decisions, reminded } = draft.state
  if (decisions[referee] !== value) draft.change({ decisions: { ...decisions, [referee]: value } })
  if (reminded === referee) draft.drop('reminded')
  const known = Object.values(draft.state.decisions)
  if (draft.tracking.decidingAt === undefined) draft.track({ decidingAt: draft.at })
  if (known.length === 3 && draft.tracking.decidedAt === undefined) draft.track({ decidedAt: draft.at })
  // Two equal ones always give the down signal, should its own message be lost.
  const isMajority = (['good', 'bad'] as const).some(
    (verdict) => known.filter((one) => one === verdict).length >= 2,
  )
  if (isMajority && draft.isLifting) giveDown(draft)
}

/** owlcms takes decisions only while lifting, so something before this one was missed, or came swapped. */
function noticeLifting(draft: Draft): void {
  const { phase, isBreak } = draft
  if (phase !== 'idle' && phase !== 'athleteCalled' && !isBreak) return
  if (isBreak) draft.mark('liftingResumed')
  const { announcesClock } = draft.tracking
  if (phase === 'athleteCalled' && draft.hasDecisions && announcesClock && !draft.isClockFresh) {
    // Since 64 it begins anew; the reset that says so comes swapped, or the decisions come again. Not so with the
    // stop of a down signal that told a time set before in silence.
    draft.mark('decisionsWiped')
    draft.forgetDecisions()
  }
  // Since 64 also without a clock; before 55.3 nobody tells when it started.
  draft.enter({ kind: announcesClock ? 'clockStopped' : 'clockRunning' })
}

/** The last one missing; there is no `off` on the newer topic (docs/owlcms.md 4.3). */
export function decisionRequest(draft: Draft, referee: number, on: boolean): void {
  const { decisions, reminded } = draft.state
  if (!on) {
    if (reminded === referee) draft.drop('reminded')
    return
  }
  if ((referee !== 1 && referee !== 2 && referee !== 3) || reminded === referee) return
  if (draft.isLifting && decisions[referee] === undefined) draft.change({ reminded: referee })
}

/** May come twice, and as a lamp test outside any lift (docs/owlcms.md 4.4, 1.10). */
export function down(draft: Draft): void {
  if (draft.isLifting) giveDown(draft)
  // Nothing is known yet: if it is no test, a start would wipe decisions.
  else if (draft.phase === 'idle') draft.mark('downGiven')
  // Swapped with the lights, which an announcer's decision shows at once (docs/owlcms.md 4.5).
  else if (draft.phase === 'decisionShown' && !draft.state.down) draft.change({ down: true })
}

function giveDown(draft: Draft): void {
  if (draft.state.down) return
  draft.change({ down: true })
  draft.mark('downGiven')
  draft.forgetRunningClock()
  draft.enter({ kind: 'downSignal' })
}

/** The lights become visible: nothing pressed for this attempt counts from now on. */
export function refereesDecision(draft: Draft, value: Verdict): void {
  if (draft.isBreak) {
    // The result of a lift that a jury's `stop` had cut off; the break goes on (docs/owlcms.md 4.2 note 7).
    draft.mark('decisionShown')
    return
  }
  if (!draft.state.down) {
    draft.change({ down: true })
    draft.mark('downGiven')
  }
  const isEarly = areLightsEarly(draft.tracking, draft.at)
  if (draft.phase !== 'decisionShown' && !isEarly) draft.mark('decisionShown')
  if (draft.state.shown !== value) draft.change({ shown: value })
  draft.drop('reminded')
  draft.forgetRunningClock()
  draft.enter({ kind: 'decisionShown' })
}

/**
 * The lights of the lift before are forgotten, and the jury's votes with them. It comes at the next clock start,
 * so the attempt it begins is mostly known already and no press for it may be refused (docs/owlcms.md 4.2 notes
 * 1 to 3, 4.7); it ends an attempt only when something of one is still there.
 */
export function resetDecisions(draft: Draft): void {
  draft.forgetVotes()
  draft.mark('votesCleared')
  // Swapped with the decision, or with the start, that it made way for.
  if (draft.isSameEvent && draft.phase === 'decisionShown') return
  const isAlone = Object.keys(draft.state.decisions).length < 2
  if (draft.isSameEvent && draft.phase === 'downSignal' && isAlone) return
  outdateCalled(draft)
  if (draft.isSameEvent && draft.phase === 'clockStopped' && !draft.isClockFresh) return
  if (draft.isSameEvent && draft.phase === 'clockRunning') {
    if (draft.hasDecisions) draft.mark('decisionsWiped')
    draft.forgetDecisions()
    return
  }
  const { down: isDown, shown } = draft.state
  const { hasDecisions } = draft
  if (shown !== undefined) draft.mark('athleteDisplayed')
  // Nothing known: it may be a restart, too.
  else if (isDown || draft.phase === 'idle') draft.mark('attemptRestarted')
  // A clock that goes on resets nothing, so this is another athlete, another time or another session.
  else if (draft.phase === 'clockStopped' || draft.phase === 'clockRunning') draft.mark('athleteDisplayed')
  else if (hasDecisions) draft.mark('decisionsWiped')
  afterReset(draft)
}

/**
 * A weight was changed as the clock stopped, and since then nobody's clock was started: a reset means a decision without a
 * clock (since 64), so the one it is for was called then. What was decided before that was for somebody else.
 */
function outdateCalled(draft: Draft): void {
  const { phase, isSameEvent } = draft
  const refreshed = newOrder(draft)
  if (refreshed === undefined) return
  if (phase === 'athleteCalled' || (phase === 'clockStopped' && isSameEvent)) {
    draft.backdate('athleteDisplayed', refreshed)
  }
}

/**
 * Where owlcms is after a reset that belongs to nothing else. A session that is loaded again changes no state: the
 * clock's phase, the down signal and the break stay, without decisions and with a time that nobody tells. Another
 * session, told by a `stop` in the same breath, begins inactive (docs/owlcms.md 4.7).
 */
function afterReset(draft: Draft): void {
  const { phase, tracking } = draft
  const { down: isDown, shown } = draft.state
  const hadAttempt = shown !== undefined || isDown || draft.hasDecisions
  // The stop of a down signal comes with it, and tells nothing of a session.
  const isSwitched = draft.isTogether(tracking.stoppedAt) && !(phase === 'downSignal' && draft.isSameEvent)
  switch (phase) {
    case 'idle':
    case 'ceremony':
    case 'break':
      // Another session may be loaded, in a break that perhaps nobody told of; or a jury's `stop` was taken already,
      // which since 61 ends no countdown and not the break after the last lift (4.6).
      draft.mark('breakChanged')
      if (hadAttempt) draft.forgetAttempt()
      break
    case 'clockRunning':
      draft.forgetAttempt()
      break
    case 'downSignal':
      // `startLifting` follows if the attempt is begun anew.
      if (isMistakenDown(draft)) {
        draft.forgetAttempt()
        draft.enter({ kind: 'athleteCalled' })
      } else {
        draft.forgetAttempt()
        draft.change({ down: true })
      }
      break
    case 'clockStopped':
    case 'athleteCalled':
    case 'decisionShown':
      if (hadAttempt || phase === 'clockStopped') draft.forgetAttempt()
      if (!tracking.announcesClock) {
        startUntold(draft)
        return
      }
      if (phase === 'decisionShown') draft.enter({ kind: 'athleteCalled' })
      break
    default:
      phase satisfies never
  }
  draft.track({ resetAt: draft.at })
  if (isSwitched && draft.isLifting) beginInactive(draft)
}

/**
 * Since 64 a decision without a clock wipes those of before. When it comes before its reset, they may look like a
 * majority together; but a down signal stops the clock, and nobody starts or loads anything so soon after one.
 */
function isMistakenDown(draft: Draft): boolean {
  return draft.tracking.announcesClock && draft.isSameEvent && !draft.isClockFresh
}

/** Before 55.3 the reset is all that tells of a clock's start. */
export function startUntold(draft: Draft): void {
  draft.mark('clockRan')
  draft.forgetReset()
  draft.enter({ kind: 'clockRunning' })
}
