import type { DeriveKey } from '../access/signing-keys.ts'
import type { Platforms } from '../hub/field/platforms.ts'
import type { PageFiles } from '../http/shells/page-files.ts'
import type { Journal } from '../journal/journal.ts'
import type { ProcessUsage } from '../metrics/runtime-metrics.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'
import type { Publication } from '../protocol/publication.ts'
import type { Clock } from '../support/clock.ts'
import type { Limits } from '../support/limits.ts'
import type { Logger } from '../support/logger.ts'

/** What the program gives its parts besides the settings. */
export interface BridgeDependencies {
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly log: Logger
  readonly version: string
  readonly pageFiles: PageFiles
  /** What the process costs at the moment. */
  readonly usage: () => ProcessUsage
  /** The app's name on Fly.io, for the doctor. */
  readonly flyApp?: string
  /** An address of the page that changes the settings, good for one visit on this computer; absent where there is none. */
  readonly settingsAddress?: () => string
  /** In place of those in support/limits.ts; for measuring, which asks for more than people do. */
  readonly limits?: Partial<Limits>
  /** How keys are made from secrets; by scrypt unless told otherwise. */
  readonly deriveKey?: DeriveKey
  /** A recording that is played in owlcms's place. */
  readonly playback?: Playback
  /** The platform of which the page `/demo` hands out the referees' seats. Only for the demo, which this computer alone reaches. */
  readonly demoPlatform?: Platform
}

/** A recording in owlcms's place (demo/replay.ts): arrivals get the times of then, and only what was recorded counts. */
export interface Playback {
  /** The time in the recording, in milliseconds since the epoch. */
  now(): number
  /** Whether this is the recording's own next message; nothing else changes what platforms show. */
  admits(publication: Publication): boolean
  /** The client that the recording names for this message. */
  senderOf(publication: Publication): string | undefined
  /** Told once, before anything is heard. */
  begin(parts: { readonly platforms: Platforms; readonly journal: Journal }): void
}
