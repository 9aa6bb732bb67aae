import type { FromDevice } from '../owlcms/message.ts'
import type { FenceEdge, Phase, PlatformState, Tracking } from './state.ts'
import { trackingOf } from './tracking.ts'

/**
 * When a press is too late: rules and time limits of docs/owlcms.md 5.1, one row per kind of press. The derivation,
 * with a reason for each edge, is PROTOCOL.md part 3.
 */

/** Presses that share one rule. */
export type PressKind =
  | 'refereeDecision'
  /** Referee 0: decides for all three at once. */
  | 'announcerDecision'
  | 'downEmitted'
  | 'clockStart'
  | 'clockStop'
  | 'clockToggle'
  /** `60` and `120`. */
  | 'clockSet'
  | 'technicalBreak'
  | 'deliberation'
  | 'challenge'
  | 'breakStop'
  | 'juryVote'
  | 'juryDecision'
  | 'summonReferee'
  | 'summonController'

/** How fresh a press of one kind has to be. */
export interface CommandRule {
  /** Milliseconds from press to owlcms after which it must not be passed on. */
  readonly maxAgeMs: number
  /** A press is too late when any of these happened after its sender looked. */
  readonly outdatedBy: readonly FenceEdge[]
  /** Phases in which it is never passed on. */
  readonly notIn: readonly Phase['kind'][]
}

/** What separates one attempt from another, for referees and timekeeper. */
export const anotherAttempt: readonly FenceEdge[] = [
  'owlcmsRestarted',
  'athleteDisplayed',
  'decisionShown',
  'attemptRestarted',
  'breakBegan',
  'liftingResumed',
]

/** What changes the lift that a review would be about, or ends the break it was made in. */
const anotherReview: readonly FenceEdge[] = [
  'owlcmsRestarted',
  'downGiven',
  'attemptRestarted',
  'liftingResumed',
]

/** Time limits and edges per kind of press: docs/owlcms.md 5.1, reasons in PROTOCOL.md part 3. */
export const commandRules: Readonly<Record<PressKind, CommandRule>> = {
  refereeDecision: rule(2000, [...anotherAttempt, 'decisionsWiped'], ['decisionShown']),
  announcerDecision: rule(1000, [...anotherAttempt, 'decisionsWiped'], ['decisionShown']),
  downEmitted: rule(500, [...anotherAttempt, 'decisionsWiped', 'downGiven']),
  clockStart: rule(500, [...anotherAttempt, 'orderUpdated', 'downGiven']),
  clockStop: rule(1000, anotherAttempt),
  clockToggle: rule(500, [...anotherAttempt, 'orderUpdated', 'downGiven', 'clockRan', 'clockStood']),
  clockSet: rule(1000, [...anotherAttempt, 'orderUpdated', 'clockRan']),
  technicalBreak: rule(5000, ['owlcmsRestarted', 'liftingResumed']),
  deliberation: rule(5000, anotherReview),
  challenge: rule(5000, anotherReview),
  breakStop: rule(
    2000,
    ['owlcmsRestarted', 'breakBegan', 'breakChanged', 'liftingResumed', 'downGiven'],
    ['downSignal', 'decisionShown'],
  ),
  juryVote: rule(5000, ['owlcmsRestarted', 'votesCleared']),
  juryDecision: rule(5000, ['owlcmsRestarted', 'downGiven', 'liftingResumed']),
  summonReferee: rule(3000, anotherReview),
  summonController: rule(3000, ['owlcmsRestarted']),
}

function rule(
  maxAgeMs: number,
  outdatedBy: readonly FenceEdge[],
  notIn: readonly Phase['kind'][] = [],
): CommandRule {
  return { maxAgeMs, outdatedBy, notIn }
}

/**
 * The fence with which began what presses are about. What was said of a press of before is over: it is about another lift,
 * another run of the clock, other votes, another break.
 */
export interface Since {
  readonly lift: number
  /** The athlete's clock was started. */
  readonly started: number
  readonly stopped: number
  readonly votes: number
  /** A break began, became another one, or is over. */
  readonly pause: number
}

const beginnings: Readonly<Record<keyof Since, readonly FenceEdge[]>> = {
  lift: [...anotherAttempt.filter((edge) => edge !== 'decisionShown'), 'decisionsWiped'],
  started: ['clockRan'],
  stopped: ['clockStood'],
  votes: ['owlcmsRestarted', 'votesCleared'],
  pause: ['owlcmsRestarted', 'breakBegan', 'breakChanged', 'liftingResumed'],
}

/** Since when each of them is on; where nobody knows, since the state began. */
export function sinceOf(state: PlatformState): Since {
  const { raised, edges } = trackingOf(state)
  const latest = (among: readonly FenceEdge[]): number =>
    among.reduce((fence, edge) => Math.max(fence, edges[edge] ?? 0), state.fence - raised)
  const { lift, started, stopped, votes, pause } = beginnings
  return {
    lift: latest(lift),
    started: latest(started),
    stopped: latest(stopped),
    votes: latest(votes),
    pause: latest(pause),
  }
}

/** Which rule a device's message falls under; undefined for one that is no press (config request, latency test). */
export function pressKind(message: FromDevice): PressKind | undefined {
  switch (message.kind) {
    case 'refereeDecision':
      return message.referee === 0 ? 'announcerDecision' : 'refereeDecision'
    case 'clock':
      return clockKinds[message.command]
    case 'juryBreak':
      return breakKinds[message.command]
    case 'summonRequest':
      return message.who === 4 ? 'summonController' : 'summonReferee'
    case 'downEmitted':
    case 'juryVote':
    case 'juryDecision':
      return message.kind
    case 'configRequest':
    case 'test':
      return undefined
    default:
      return message satisfies never
  }
}

const clockKinds = {
  start: 'clockStart',
  stop: 'clockStop',
  toggle: 'clockToggle',
  '60': 'clockSet',
  '120': 'clockSet',
} as const

const breakKinds = {
  technical: 'technicalBreak',
  deliberation: 'deliberation',
  challenge: 'challenge',
  stop: 'breakStop',
} as const

/** Why a press is too late. `unknownPast`: its fence is from before this state began, or from elsewhere. */
export type Staleness =
  | { readonly kind: 'edge'; readonly edge: FenceEdge }
  | { readonly kind: 'unknownPast' }
  | { readonly kind: 'phase'; readonly phase: Phase['kind'] }
  | { readonly kind: 'age'; readonly maxAgeMs: number }

/**
 * Whether and why a press must not be passed on now. `pressFence` is the fence its sender saw, undefined if it
 * saw none (plain MQTT: rule R4 passes it on); `ageMs` the time since it was made, if known. Undefined: in time.
 */
export function whyStale(
  kind: PressKind,
  pressFence: number | undefined,
  state: PlatformState,
  ageMs?: number,
): Staleness | undefined {
  const { maxAgeMs, outdatedBy, notIn } = commandRules[kind]
  if (pressFence !== undefined) {
    const { raised, edges } = trackingOf(state)
    if (pressFence < state.fence - raised || pressFence > state.fence) return { kind: 'unknownPast' }
    const edge = outdatedBy.find((one) => (edges[one] ?? pressFence) > pressFence)
    if (edge !== undefined) return { kind: 'edge', edge }
  }
  const phase = state.phase.kind
  if (notIn.includes(phase) && !(kind === 'refereeDecision' && isShownEarly(state))) {
    return { kind: 'phase', phase }
  }
  return ageMs !== undefined && ageMs > maxAgeMs ? { kind: 'age', maxAgeMs } : undefined
}

/**
 * Whether the lights are shown sooner than the usual 3000 ms after the third decision: then owlcms's option
 * "show decisions immediately" is on, and referees may still change sides (docs/owlcms.md 4.2 note 4).
 */
function isShownEarly(state: PlatformState): boolean {
  const tracking = trackingOf(state)
  return state.phase.kind === 'decisionShown' && areLightsEarly(tracking, tracking.phaseAt)
}

/**
 * Whether lights shown at `at` come sooner than the usual 3000 ms after the third decision (docs/owlcms.md 4.1). Three
 * decisions that became known in one moment tell nothing: after an outage they come again with any change.
 */
export function areLightsEarly({ decidingAt, decidedAt }: Tracking, at: number): boolean {
  if (decidingAt === undefined || decidedAt === undefined) return false
  return decidedAt - decidingAt >= oneEventMs && at - decidedAt < earlyMs
}

/** Clearly less than the reversal delay of 3000 ms. */
const earlyMs = 2500

/** Messages of one event come within it (docs/owlcms.md 1.6); no three people press so close together. */
const oneEventMs = 250
