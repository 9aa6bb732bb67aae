import type { Attempt, JuryMemberNumber, RefereeNumber } from '../owlcms/message.ts'
import type { Platform, Verdict } from '../owlcms/topics.ts'

/**
 * What one field of play shows now, folded from its messages (docs/owlcms.md 4). Plain JSON: the stream
 * sends it as it is, after leaving out what the listener may not see. Times are milliseconds on
 * the bridge's steady clock; `undefined` never stands inside, absent things are absent.
 */
export interface PlatformState {
  readonly platform: Platform
  /**
   * The attempt fence: grows exactly when some press made before would hit another attempt, be wiped, wipe
   * others or do the opposite of what was meant (PROTOCOL.md part 3). A press carries the fence its sender saw; which
   * presses a growth outdates depends on their kind, so ask `whyStale` of fence.ts rather than comparing.
   */
  readonly fence: number
  readonly phase: Phase
  readonly clock: ClockState
  /** The athlete's clock as newer releases tell it at each change. No rule of the fence looks at it. */
  readonly athleteClock?: KnownClock
  /** The clock of the break, as newer releases tell it. */
  readonly breakClock?: BreakClock
  /** Referees' decisions of this attempt as far as owlcms told them; `hidden` since owlcms 69. */
  readonly decisions: Readonly<Partial<Record<RefereeNumber, Verdict | 'hidden'>>>
  /** The down signal was given for this attempt. */
  readonly down: boolean
  /** The majority, once owlcms shows it. */
  readonly shown?: Verdict
  /** The referee who is the last one missing and was reminded. */
  readonly reminded?: RefereeNumber
  /** Officials called to the jury, until lifting resumes; 4 is the technical controller. */
  readonly summoned: readonly number[]
  readonly jury: {
    /** 3, 4 or 5; 3 until owlcms says otherwise. */
    readonly size: number
    readonly votes: Readonly<Partial<Record<JuryMemberNumber, Verdict | 'hidden'>>>
    /** The votes were revealed. */
    readonly revealed: boolean
  }
  /** The athlete on the platform, when known from `fop/start`. */
  readonly attempt?: Attempt
  /** The lift judged last, as the lights showed it: the one that a jury reviews (docs/owlcms.md 4.6). */
  readonly judged?: JudgedLift
  readonly owlcms: {
    /** `starting`: between `startup on` and when it listens again. */
    readonly state: 'unknown' | 'starting' | 'present'
    /** Arrival of the last message that changed anything here; repeats don't move it. */
    readonly heardAt?: number
  }
  /** The reducer's notes, and what `whyStale` looks at. Not for clients: it tells when officials pressed. */
  readonly tracking?: Tracking
}

/** What the lights showed of a lift, and whose it was. */
export interface JudgedLift {
  readonly attempt?: Attempt
  readonly decisions: PlatformState['decisions']
  readonly shown: Verdict
}

/**
 * Messages of one event of owlcms arrive within some milliseconds, in any order (docs/owlcms.md 1.6); no human
 * reads a display and presses in that time.
 */
export const sameEventMs = 250

/** Why the fence grew; PROTOCOL.md part 3 tells which message does what. */
export type FenceEdge =
  /** Another athlete or attempt is displayed, or may be. */
  | 'athleteDisplayed'
  /** The lifting order was refreshed while the clock stood: somebody else may be called, without a word. */
  | 'orderUpdated'
  /** The lights are shown: this attempt is decided. */
  | 'decisionShown'
  /** The attempt was begun anew during the down signal; all pressed so far is wiped. */
  | 'attemptRestarted'
  /** Decisions of this attempt were wiped before any down signal. */
  | 'decisionsWiped'
  | 'downGiven'
  | 'breakBegan'
  /** One break became another. */
  | 'breakChanged'
  | 'liftingResumed'
  | 'votesCleared'
  /** The athlete's clock began to run. */
  | 'clockRan'
  /** The athlete's clock, which ran, stands. */
  | 'clockStood'
  | 'owlcmsRestarted'

export interface Tracking {
  /** When the phase began. */
  readonly phaseAt: number
  /** When the first decision of this attempt became known, and the third. */
  readonly decidingAt?: number
  readonly decidedAt?: number
  /** Whether this owlcms publishes `fop/start` and `fop/stop` (since 55.3); so assumed until it says otherwise. */
  readonly announcesClock: boolean
  /** The time that a device asked for with `60` or `120`, and when. */
  readonly asked?: { readonly remainingMs: number; readonly at: number }
  /** When owlcms last told that the clock stands. */
  readonly stoppedAt?: number
  /** What a standing clock showed before it was told its time of now. */
  readonly timeBefore?: number
  /** When the lights were last reset without a clock start: a session may be loaded. */
  readonly resetAt?: number
  /** When the lifting order was last refreshed while the clock ran. */
  readonly orderAt?: number
  /** How often the fence grew since this state began: a press of before that is from an unknown past. */
  readonly raised: number
  /** The fence that each kind of edge last led to. */
  readonly edges: Readonly<Partial<Record<FenceEdge, number>>>
}

/** Where an attempt stands, as far as owlcms has told (docs/owlcms.md 4.1). */
export type Phase =
  /** Nothing is known, or no session is loaded. */
  | { readonly kind: 'idle' }
  /** An athlete is called, the clock has not been started. */
  | { readonly kind: 'athleteCalled' }
  | { readonly kind: 'clockRunning' }
  | { readonly kind: 'clockStopped' }
  | { readonly kind: 'downSignal' }
  | { readonly kind: 'decisionShown' }
  | { readonly kind: 'break'; readonly breakType: string }
  /** A ceremony within a break; `breakType` as far as known. */
  | { readonly kind: 'ceremony'; readonly ceremony: string; readonly breakType?: string }

/** The athlete's clock as far as owlcms tells; never invented. */
export type ClockState = { readonly kind: 'unknown' } | KnownClock

/** A clock of which a time is known: `remainingMs`, at the moment `at`. */
export type KnownClock =
  /** `remainingMs` was left at `at`; it runs on from there. */
  | { readonly kind: 'running'; readonly remainingMs: number; readonly at: number }
  | { readonly kind: 'stopped'; readonly remainingMs: number; readonly at: number }

/** The same for a break; `noEnd`: somebody will end it. */
export type BreakClock =
  | KnownClock
  /** The break goes on until somebody ends it. */
  | { readonly kind: 'noEnd'; readonly at: number }

/**
 * The athlete's clock to show. `fop/start` and `fop/stop` tell only of starts and stops, and some of their messages
 * come swapped, so what newer releases say of the clock itself counts for the time of one event.
 */
export function shownClock({
  clock,
  athleteClock,
}: {
  readonly clock: ClockState
  readonly athleteClock?: KnownClock | undefined
}): ClockState {
  if (athleteClock === undefined) return clock
  return clock.kind === 'unknown' || clock.at - athleteClock.at < sameEventMs ? athleteClock : clock
}
