import type { OwlcmsConfig, Platform, Verdict } from './topics.ts'
import type { Topic } from '../topic.ts'

/**
 * Every message of owlcms and its devices as a value (docs/owlcms.md 2); parse-message.ts reads them and
 * format-message.ts writes them. What does not fit the grammar is `unknown` and keeps its bytes, since the
 * protocol grows (R6).
 */

export type RefereeNumber = 1 | 2 | 3
/** Jury members by number; owlcms takes 1 to 5. */
export type JuryMemberNumber = 1 | 2 | 3 | 4 | 5
/** 1 to 3 a referee, 4 the technical controller. */
export type OfficialNumber = 1 | 2 | 3 | 4

/** Who is lifting, as `fop/start` tells since owlcms 55.3. */
export interface Attempt {
  /** `LAST, First`; the order is translatable, so don't take it apart. */
  readonly athleteName?: string
  readonly attemptNumber?: number
  readonly liftType?: string
  readonly session?: string
}

interface About {
  readonly platform: Platform
}

/** owlcms speaking. */
export type FromOwlcms =
  | ({ readonly kind: 'startup'; readonly on: boolean; readonly legacy: boolean } & About)
  | { readonly kind: 'config'; readonly config: OwlcmsConfig }
  /** The athlete's clock really started; `remainingMs` may be anything, also after a pause. */
  | ({ readonly kind: 'clockStarted'; readonly remainingMs: number; readonly attempt: Attempt } & About)
  /** Repeats, and may be negative (docs/owlcms.md 4.4). */
  | ({ readonly kind: 'clockStopped'; readonly remainingMs: number } & About)
  | ({ readonly kind: 'timeRemaining'; readonly seconds: number } & About)
  /**
   * A clock was set, started or stopped, as newer releases tell; without `remainingMs`: it has no end, as that of a break
   * which somebody will end.
   */
  | ({
      readonly kind: ClockKind
      readonly change: ClockChange
      readonly remainingMs?: number
    } & About)
  | ({
      readonly kind: 'decision'
      readonly referee: RefereeNumber
      readonly value: Verdict | 'hidden'
    } & About)
  | ({
      readonly kind: 'decisionRequest'
      readonly referee: number
      readonly on: boolean
      readonly legacy: boolean
    } & About)
  | ({ readonly kind: 'refereesDecision'; readonly value: Verdict } & About)
  | ({
      readonly kind: 'summon'
      readonly official: number
      readonly on: boolean
      readonly legacy: boolean
    } & About)
  | ({
      readonly kind: 'juryMemberDecision'
      readonly member: JuryMemberNumber
      readonly value: Verdict | 'hidden'
    } & About)
  | ({ readonly kind: 'break'; readonly breakType: string } & About)
  | ({ readonly kind: 'ceremony'; readonly ceremony: string; readonly on: boolean } & About)
  | ({ readonly kind: BareKind } & About)

/** Clocks that owlcms tells of as they are, whatever they are for. */
export const clockKinds = ['athleteClock', 'breakClock'] as const
export type ClockKind = (typeof clockKinds)[number]
/** What happened to a clock of owlcms. */
export type ClockChange = 'set' | 'start' | 'stop'
/** The time that `set` tells of a clock without an end. */
export const noEnd = -1

/** Messages whose topic says everything; their payload is ignored. */
export const bareKinds = [
  'down',
  'resetDecisions',
  'juryDeliberation',
  'challenge',
  'startLifting',
  'liftingOrderUpdated',
] as const
export type BareKind = (typeof bareKinds)[number]

export type ClockCommand = 'start' | 'stop' | '60' | '120' | 'toggle'
export type JuryBreakCommand = 'technical' | 'deliberation' | 'challenge' | 'stop'

/** A device speaking. */
export type FromDevice =
  /** Referee 0 is the announcer's path (docs/owlcms.md 4.5). */
  | ({
      readonly kind: 'refereeDecision'
      readonly referee: 0 | RefereeNumber
      readonly value: Verdict
      readonly legacy: boolean
    } & About)
  | ({ readonly kind: 'downEmitted' } & About)
  | ({ readonly kind: 'clock'; readonly command: ClockCommand } & About)
  | ({ readonly kind: 'juryBreak'; readonly command: JuryBreakCommand } & About)
  | ({ readonly kind: 'juryVote'; readonly member: JuryMemberNumber; readonly value: Verdict } & About)
  | ({ readonly kind: 'juryDecision'; readonly value: Verdict } & About)
  /** 0 means all referees. */
  | ({ readonly kind: 'summonRequest'; readonly who: 0 | OfficialNumber } & About)
  | { readonly kind: 'configRequest' }
  | ({ readonly kind: 'test'; readonly sentAt: number } & About)

/** What fits no grammar, byte for byte. */
export interface UnknownMessage {
  readonly kind: 'unknown'
  readonly topic: Topic
  readonly payload: Uint8Array
}

export type OwlcmsMessage = FromOwlcms | FromDevice | UnknownMessage
