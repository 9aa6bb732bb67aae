import type { SettingWarning, SetupFault } from '../texts/setup-texts.ts'
import type { LinkStatus } from '../protocol/link/link-status.ts'

/** The link to the broker, without where it leads. Its times are moments of {@link HttpViews.now}. */
export type LinkView = LinkStatus & {
  /** How often a link that stood was lost. */
  readonly losses: number
  /** The broker doesn't give back what it keeps, and nothing else outlives a restart of this bridge. */
  readonly forgets?: boolean
}

/**
 * owlcms as heard through the broker. `unknown`: asked, and still within the time it may take.
 * `silent`: asked in vain. `unreachable`: nobody can tell while the broker link is down.
 */
export interface OwlcmsView {
  readonly kind: 'unknown' | 'answering' | 'silent' | 'unreachable'
  readonly since: number
  readonly version?: string
  readonly jurySize?: number
  readonly platforms: readonly string[]
  readonly lastHeardAt?: number
  /** Two of them are connected to this bridge, which is their broker. */
  readonly twice?: boolean
}

/**
 * One field of play. `starting`: owlcms is deaf for about 1.5 s (R11). `quiet`: known to owlcms, but
 * nothing heard of it yet. `offline`: a press cannot get through now.
 */
export interface PlatformView {
  readonly name: string
  readonly state: 'ready' | 'starting' | 'quiet' | 'offline'
  readonly lastHeardAt?: number
  readonly lastPressAt?: number
  /** Presses of this platform that the bridge dropped or refused since it started. */
  readonly droppedPresses: number
}

/** Another bridge on the same broker. `sameName`: a second machine of this very app. */
export interface OtherBridgeView {
  readonly name: string
  readonly version: string
  /** Seconds since the epoch. */
  readonly since: number
  readonly sameName: boolean
  /** Our words about seats don't come back from the broker, so hers don't come either. */
  readonly unheard: boolean
}

/** The journal's file: the folder and its path are nobody's business here. */
export type JournalFileView =
  | { readonly kind: 'writing'; readonly linesLost: number }
  | { readonly kind: 'failed'; readonly code: string; readonly nextStep: string; readonly linesLost: number }

/** The bridge was told to stop and waits for a break; moments of {@link HttpViews.now}, `until` at the latest. */
export interface StoppingView {
  readonly since: number
  readonly until: number
}

/** The machine's clock was set by `setByMs` (back: negative), or it slept for `sleptMs`; noticed at the moment `at`. */
export interface ClockChangeView {
  readonly at: number
  readonly setByMs: number
  readonly sleptMs: number
}

/** What the HTTP side may read; bridge/ supplies it. Each call answers at once, with plain values. */
export interface HttpViews {
  readonly name: string
  readonly version: string
  readonly startedAt: number
  /** The moment, in milliseconds that never jump: all times here are such moments, unless said. */
  now(): number
  /** Milliseconds since the epoch at a moment; absent: now. */
  wallTime(moment?: number): number
  link(): LinkView
  owlcms(): OwlcmsView
  platforms(): readonly PlatformView[]
  otherBridges(): readonly OtherBridgeView[]
  /** Undefined while the journal is kept in memory only. */
  journalFile?(): JournalFileView | undefined
  /** The last time that the machine's clock jumped; undefined while it never did. */
  clockChange?(): ClockChangeView | undefined
  /** Undefined while nobody asked it to stop. */
  stopping?(): StoppingView | undefined
  /** Name in camelCase → count since the start. Nothing here may name a client, a host or a person. */
  counters(): Readonly<Record<string, number>>
}

/** Something that works but may not be meant; the same shape as config.ts's ConfigWarning. */
export interface SetupWarning {
  readonly setting: string
  readonly saying: SettingWarning
}

/** What the setup page is made from; config.ts's `faulty` outcome fits. No field holds a value. */
export interface SetupFacts {
  readonly faults: readonly SetupFault[]
  readonly warnings: readonly SetupWarning[]
  readonly version: string
}
