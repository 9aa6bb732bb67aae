import type { OwlcmsMessage } from '../../protocol/owlcms/message.ts'
import type { OwlcmsTopic, Platform } from '../../protocol/owlcms/topics.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import type { Publication } from '../../protocol/publication.ts'

/** One message of a platform, in its place, with what the platform showed before and after it. */
export interface PlatformEvent {
  readonly platform: Platform
  readonly seq: number
  /** When it arrived, a moment of the clock. */
  readonly at: number
  readonly publication: Publication
  readonly meaning: OwlcmsTopic
  readonly message: OwlcmsMessage
  readonly before: PlatformState
  readonly state: PlatformState
}

/** Told at once, in order, before anything else happens. */
export interface PlatformListener {
  event?(event: PlatformEvent): void
  /** Messages were missed: what a listener knows of this platform counts no longer. */
  reset?(platform: Platform): void
  appeared?(platform: Platform): void
  /** One that owlcms does not list gave way to one that it lists. */
  vanished?(platform: Platform): void
  /** The link, what owlcms says of itself, or the list of platforms changed. */
  configured?(): void
}

/** What bounds the history of each platform (R7). */
export interface HistoryLimits {
  /** Events; a lift has about 25, so this is more than an hour of lifting. */
  readonly historyEvents: number
  /** Bytes of their topics and payloads. */
  readonly historyBytes: number
}

export const defaultHistoryLimits: HistoryLimits = { historyEvents: 2_000, historyBytes: 512 * 1024 }
