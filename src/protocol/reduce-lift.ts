import type { RefereeNumber } from './owlcms-message.ts'
import type { Verdict } from './owlcms.ts'
import { areLightsEarly } from './fence.ts'
import type { Draft } from './platform-draft.ts'

/** One referee's current verdict; all known ones come again at each change (protocol.md 4.3). */
export function decision(draft: Draft, referee: RefereeNumber, value: Verdict | 'hidden'): void {
  noticeLifting(draft)
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

/** The last one missing; there is no `off` on the newer topic (protocol.md 4.3). */
export function decisionRequest(draft: Draft, referee: number, on: boolean): void {
  const { decisions, reminded } = draft.state
  if (!on) {
    if (reminded === referee) draft.drop('reminded')
    return
  }
  if ((referee !== 1 && referee !== 2 && referee !== 3) || reminded === referee) return
  if (draft.isLifting && decisions[referee] === undefined) draft.change({ reminded: referee })
}

/** May come twice, and as a lamp test outside any lift (protocol.md 4.4, 1.10). */
export function down(draft: Draft): void {
  if (draft.isLifting) giveDown(draft)
  // Nothing is known yet: if it is no test, a start would wipe decisions.
  else if (draft.phase === 'idle') draft.mark('downGiven')
  // Swapped with the lights, which an announcer's decision shows at once (protocol.md 4.5).
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
    // The result of a lift that a jury's `stop` had cut off; the break goes on (protocol.md 4.2 note 7).
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
 * so the attempt it begins is mostly known already and no press for it may be refused (protocol.md 4.2 notes
 * 1 to 3, 4.7); it ends an attempt only when something of one is still there.
 */
export function resetDecisions(draft: Draft): void {
  draft.forgetVotes()
  draft.mark('votesCleared')
  // Swapped with the decision, or with the start, that it made way for.
  if (draft.isSameEvent && draft.phase === 'decisionShown') return
  const isAlone = Object.keys(draft.state.decisions).length < 2
  if (draft.isSameEvent && draft.phase === 'downSignal' && isAlone) return
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
  if (shown !== undefined || isDown || hasDecisions) draft.forgetAttempt()
  enterAfterReset(draft, hasDecisions)
}

/** Breaks that no jury's `stop` ends since owlcms 61, except after the last lift (protocol.md 4.6). */
const countdowns: readonly string[] = ['BEFORE_INTRODUCTION', 'FIRST_SNATCH', 'FIRST_CJ']

function enterAfterReset(draft: Draft, hadDecisions: boolean): void {
  const { phase } = draft.state
  const clockStarts = !draft.tracking.announcesClock
  switch (phase.kind) {
    case 'idle':
    case 'ceremony':
      // Another session may be loaded in a break that nobody told of.
      draft.mark('breakChanged')
      return
    case 'break':
      // In a countdown a jury's `stop` changes nothing but the lights (4.6), so the break may go on; otherwise
      // another session is loaded.
      draft.mark('breakChanged')
      if (!countdowns.includes(phase.breakType)) draft.enter({ kind: 'idle' })
      return
    case 'clockRunning':
      if (!hadDecisions || clockStarts) return
      break
    case 'clockStopped':
      // Another session is loaded, or the time was set and `fop/start` follows.
      if (clockStarts) break
      draft.enter({ kind: 'idle' })
      return
    case 'athleteCalled':
    case 'downSignal':
    case 'decisionShown':
      break
    default:
      phase satisfies never
  }
  if (clockStarts) draft.mark('clockRan')
  draft.enter({ kind: clockStarts ? 'clockRunning' : 'athleteCalled' })
}
