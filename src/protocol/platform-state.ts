import type { Attempt, JuryMemberNumber, RefereeNumber } from './owlcms-message.ts'
import type { Platform, Verdict } from './owlcms.ts'

/**
 * What one field of play shows now, folded from its messages (protocol.md section 4). Plain JSON: the stream
 * sends it as it is, after leaving out what the listener may not see. Times are milliseconds since the epoch on
 * the bridge's clock; `undefined` never stands inside, absent things are absent.
 */
export interface PlatformState {
  readonly platform: Platform
  /**
   * The attempt fence: grows exactly when a press made before would hit another attempt or a wiped decision
   * (PROTOCOL.md, "The attempt fence"). A press carries the fence its sender saw.
   */
  readonly fence: number
  readonly phase: Phase
  readonly clock: ClockState
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
  readonly owlcms: {
    /** `starting`: between `startup on` and when it listens again. */
    readonly state: 'unknown' | 'starting' | 'present'
    readonly heardAt?: number
  }
}

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
  | { readonly kind: 'ceremony'; readonly ceremony: string }

/** The athlete's clock as far as owlcms tells (`fop/start`, `fop/stop` since 55.3); never invented. */
export type ClockState =
  | { readonly kind: 'unknown' }
  /** `remainingMs` was left at `at`; it runs on from there. */
  | { readonly kind: 'running'; readonly remainingMs: number; readonly at: number }
  | { readonly kind: 'stopped'; readonly remainingMs: number; readonly at: number }
