import {
  readTopic,
  type OwlcmsConfig,
  type OwlcmsTopic,
  type Platform,
} from '../../protocol/owlcms/topics.ts'
import { parseMessage } from '../../protocol/owlcms/parse.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import { initialPlatformState, reducePlatform } from '../../protocol/field/reduce.ts'
import type { Publication } from '../../protocol/publication.ts'
import { parseTopic } from '../../protocol/topic.ts'
import type { Clock } from '../../support/clock.ts'
import {
  defaultHistoryLimits,
  type HistoryLimits,
  type PlatformEvent,
  type PlatformListener,
} from './event.ts'
import { Roster } from './roster.ts'
import { Track } from './track.ts'

export interface PlatformsOptions {
  readonly clock: Clock
  /** From 0 up to, not including, 1; makes the epoch. */
  readonly random: () => number
  readonly limits?: Partial<HistoryLimits>
  /** Which publications take part; all unless given. A recording that is played leaves the others out. */
  readonly admits?: (publication: Publication) => boolean
}

/**
 * What each field of play shows, and what led to it: a state, a sequence of events and a bounded history per
 * platform, all from what came down from the broker (R2). Sequence numbers are good within one epoch, which
 * ends with this process.
 */
export class Platforms {
  /** Names this sequence of numbers; another one after each start. */
  readonly epoch: string
  /** Which of them owlcms lists. */
  readonly roster = new Roster()
  readonly #clock: Clock
  readonly #limits: HistoryLimits
  /** Of a platform that appears now: above those of any that went, since it may be the same one. */
  #firstFence: number
  #firstSeq = 0
  readonly #admits: (publication: Publication) => boolean
  readonly #tracks = new Map<Platform, Track>()
  readonly #listeners = new Set<PlatformListener>()
  /** The last one that has a place in the sequences, as text. */
  #recordedConfig: string | undefined

  constructor({ clock, random, limits, admits = () => true }: PlatformsOptions) {
    this.#admits = admits
    this.#clock = clock
    this.#limits = { ...defaultHistoryLimits, ...limits }
    this.epoch = Array.from({ length: 2 }, () => Math.floor(random() * 36 ** 8).toString(36)).join('-')
    // Fences grow by some per attempt and thus never overtake the clock: one seen before a restart is older. Much finer than
    // milliseconds, so that bridges started together give out others, too, and none takes another's for its own.
    this.#firstFence = Math.floor((clock.now() + random()) * 2048)
  }

  /** What owlcms last said of itself on this connection. */
  get config(): OwlcmsConfig | undefined {
    return this.roster.config
  }

  get names(): readonly Platform[] {
    return [...this.#tracks.keys()]
  }

  /** The platform of this name, exactly as written, if there is one. */
  find(name: string): Platform | undefined {
    return this.#tracks.has(name as Platform) ? (name as Platform) : undefined
  }

  /** What it shows now, and the number of the last event that led there; undefined for an unknown platform. */
  now(platform: Platform): { readonly seq: number; readonly state: PlatformState } | undefined {
    const track = this.#tracks.get(platform)
    return track === undefined ? undefined : { seq: track.seq, state: track.state }
  }

  /** Exactly the events after number `since`, or `gap` when not all of them are kept. */
  resume(platform: Platform, since: number): readonly PlatformEvent[] | 'gap' {
    return this.#tracks.get(platform)?.since(since) ?? 'gap'
  }

  /** Returns the function that ends it. */
  listen(listener: PlatformListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A publication came down from the broker; called once for each, in the broker's order. */
  receive(publication: Publication): void {
    if (!this.#admits(publication)) return
    const meaning = readTopic(publication.topic)
    if (meaning.kind === 'config') this.#configured(publication, meaning)
    if (!('platform' in meaning)) return
    // Devices may say any name; owlcms only those it has.
    const known = this.#tracks.has(meaning.platform) || (isOwlcms(meaning) && this.#add(meaning.platform))
    if (known) this.#record(meaning.platform, publication, meaning)
  }

  /**
   * The link came up or went down. Nobody can tell what was missed meanwhile, so each platform starts afresh
   * when it is back, and a press made before it is too old (R4).
   */
  linkChanged(up: boolean): void {
    if (!up) this.#forgetConfig()
    this.#tell((listener) => listener.configured?.())
    if (up) {
      for (const [platform, track] of this.#tracks) {
        const { fence, jury } = track.state
        track.restart({ ...initialPlatformState(platform, jury.size), fence: fence + 1 })
        this.#tell((listener) => listener.reset?.(platform))
      }
    }
  }

  /** A recording takes owlcms's place: from here on the platform shows this, whatever came before. */
  restore(state: PlatformState): void {
    if (!this.#tracks.has(state.platform) && !this.#add(state.platform)) return
    // What owlcms said of itself then was news to a platform that began afresh.
    this.#forgetConfig()
    this.#tracks.get(state.platform)?.restart(state)
    this.#tell((listener) => listener.reset?.(state.platform))
  }

  #configured(publication: Publication, meaning: OwlcmsTopic): void {
    if (!this.roster.hear(publication)) return
    const { config } = this.roster
    for (const platform of config?.platforms ?? []) {
      if (!this.#tracks.has(platform)) this.#add(platform)
    }
    // owlcms repeats its reply for each platform and each question: only news has a place in the sequence.
    const text = JSON.stringify(config)
    if (text === this.#recordedConfig) return
    this.#recordedConfig = text
    for (const platform of this.#tracks.keys()) this.#record(platform, publication, meaning)
    this.#tell((listener) => listener.configured?.())
  }

  #add(platform: Platform): boolean {
    // A name that makes no topic can't be heard or pressed on; owlcms itself fails with it (docs/owlcms.md 1.3).
    if (
      !parseTopic(`owlcms/clock/${platform}`).ok ||
      !this.roster.hasRoom(this.#tracks, platform, this.#gone)
    )
      return false
    const state = { ...initialPlatformState(platform, this.config?.jurySize), fence: this.#firstFence }
    this.#tracks.set(platform, new Track(state, this.#firstSeq, this.#limits))
    this.#tell((listener) => listener.appeared?.(platform))
    return true
  }

  #forgetConfig(): void {
    this.roster.forget()
    this.#recordedConfig = undefined
  }

  readonly #gone = (platform: Platform, { seq, state }: Track): void => {
    this.#firstSeq = Math.max(this.#firstSeq, seq + 1)
    this.#firstFence = Math.max(this.#firstFence, state.fence + 1)
    this.#tell((listener) => listener.vanished?.(platform))
  }

  #record(platform: Platform, publication: Publication, meaning: OwlcmsTopic): void {
    const track = this.#tracks.get(platform)
    if (track === undefined) return
    const at = this.#clock.now()
    const message = parseMessage(publication.topic, publication.payload, meaning)
    const before = track.state
    const state = reducePlatform(before, message, at)
    const seq = track.seq + 1
    const event: PlatformEvent = { platform, seq, at, publication, meaning, message, before, state }
    track.add(event)
    this.#tell((listener) => listener.event?.(event))
  }

  #tell(tell: (listener: PlatformListener) => void): void {
    for (const listener of this.#listeners) tell(listener)
  }
}

function isOwlcms(meaning: OwlcmsTopic): boolean {
  return meaning.kind === 'fop' || meaning.kind.startsWith('legacy')
}
