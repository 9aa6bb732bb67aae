import { parseOwlcmsConfig, type OwlcmsConfig, type OwlcmsTopic, type Platform } from '../protocol/owlcms.ts'
import type { Publication } from '../protocol/publication.ts'
import type { CancelTimer, Clock } from '../support/clock.ts'

/** Milliseconds; each with its reason. */
export interface WatchTimings {
  /** A reply takes milliseconds; after this long without one owlcms counts as silent. */
  readonly answerMs: number
  /** Between two questions of our own (owlcms answers once per platform, so each costs a little). */
  readonly pollMs: number
  /** Between two config requests passed on for devices (rule R2). */
  readonly forwardMs: number
  /** owlcms subscribes only after its start-up lamp test of 1 s (protocol.md 1.5). */
  readonly deafAfterOnMs: number
  /** From `startup off` until its subscriptions surely stand (protocol.md 5.4). */
  readonly deafAfterOffMs: number
}

export const defaultWatchTimings: WatchTimings = {
  answerMs: 5_000,
  pollMs: 30_000,
  forwardMs: 2_000,
  deafAfterOnMs: 1_500,
  deafAfterOffMs: 500,
}

/**
 * Whether owlcms is there. It sends no heartbeat and no will, so presence is judged from its replies to
 * `owlcms/config` and from anything it says (protocol.md 5.4). Times are moments of the clock.
 */
export type OwlcmsPresence =
  /** No link, or asked only just now. */
  | { readonly kind: 'unknown'; readonly since: number }
  | { readonly kind: 'answering'; readonly since: number; readonly config: OwlcmsConfig | undefined }
  /** Asked and not answered; `config` is what it last said on this connection. */
  | { readonly kind: 'silent'; readonly since: number; readonly config: OwlcmsConfig | undefined }

/** What is known of one field of play from its traffic on this connection. */
export interface PlatformTraffic {
  readonly platform: Platform
  readonly lastHeardAt: number | undefined
  /** Until when owlcms does not listen, after (re)connecting; undefined when it does. */
  readonly deafUntil: number | undefined
}

/** Names come from outside, so their number is bounded (R7); a big competition has 4 platforms. */
const maxPlatforms = 64

const decoder = new TextDecoder()

export class OwlcmsWatch {
  readonly #clock: Clock
  readonly #ask: () => void
  readonly #timings: WatchTimings
  #linked = false
  #presence: OwlcmsPresence
  #config: OwlcmsConfig | undefined
  #lastReply: Publication | undefined
  #lastHeardAt: number | undefined
  #lastForwardAt = -Infinity
  /** When our own question left that no reply has answered yet. */
  #askedAt: number | undefined
  #answerMs: number | undefined
  readonly #heardAt = new Map<Platform, number>()
  readonly #deafUntil = new Map<Platform, number>()
  #cancelPoll: CancelTimer | undefined
  #cancelAnswer: CancelTimer | undefined

  /** Told of each change from one kind of presence to another. */
  onPresence: ((presence: OwlcmsPresence) => void) | undefined

  /** `ask` publishes a config request; it is called only while the link is up. */
  constructor(clock: Clock, ask: () => void, timings: WatchTimings = defaultWatchTimings) {
    this.#clock = clock
    this.#ask = ask
    this.#timings = timings
    this.#presence = { kind: 'unknown', since: clock.now() }
  }

  get presence(): OwlcmsPresence {
    return this.#presence
  }

  /** Milliseconds from our last answered question to owlcms's first reply to it. */
  get roundTripMs(): number | undefined {
    return this.#answerMs
  }

  get lastHeardAt(): number | undefined {
    return this.#lastHeardAt
  }

  /** The last config reply of this connection, to answer devices at once (rule R2). */
  get lastReply(): Publication | undefined {
    return this.#lastReply
  }

  linkUp(): void {
    this.#linked = true
    this.#toUnknown()
    this.#askNow()
  }

  /** What was known belongs to the connection that broke: nothing of it is told again. */
  linkDown(): void {
    this.#linked = false
    this.#cancelPoll?.()
    this.#cancelAnswer?.()
    this.#toUnknown()
  }

  /** Takes note of a publication that came down the link. */
  hear(publication: Publication, topic: OwlcmsTopic): void {
    if (topic.kind === 'config') this.#hearConfig(publication)
    else if (topic.kind === 'fop') {
      this.#hearFop(topic.platform)
      if (topic.message === 'startup')
        this.#hearStartup(topic.platform, decoder.decode(publication.payload).trim())
    }
  }

  /** Whether owlcms does not listen for this platform right now (R11). */
  isDeaf(platform: Platform): boolean {
    const until = this.#deafUntil.get(platform)
    if (until === undefined) return false
    if (this.#clock.now() < until) return true
    this.#deafUntil.delete(platform)
    return false
  }

  /** Whether a device's config request goes on to owlcms, or one just asked answers it too (rule R2). */
  mayForwardRequest(): boolean {
    const now = this.#clock.now()
    if (now - this.#lastForwardAt < this.#timings.forwardMs) return false
    this.#lastForwardAt = now
    return true
  }

  platforms(): readonly PlatformTraffic[] {
    const names = new Set<Platform>([...(this.#config?.platforms ?? []), ...this.#heardAt.keys()])
    return [...names].map((platform) => ({
      platform,
      lastHeardAt: this.#heardAt.get(platform),
      deafUntil: this.isDeaf(platform) ? this.#deafUntil.get(platform) : undefined,
    }))
  }

  #toUnknown(): void {
    this.#become({ kind: 'unknown', since: this.#clock.now() })
    this.#config = undefined
    this.#lastReply = undefined
    this.#lastHeardAt = undefined
    this.#lastForwardAt = -Infinity
    this.#askedAt = undefined
    this.#answerMs = undefined
    this.#heardAt.clear()
    // Not #deafUntil: that our link bounced doesn't make owlcms listen any sooner.
  }

  #askNow(): void {
    this.#cancelPoll?.()
    this.#cancelAnswer?.()
    if (!this.#linked) return
    const askedAt = this.#clock.now()
    this.#lastForwardAt = askedAt
    this.#askedAt = askedAt
    this.#ask()
    this.#cancelAnswer = this.#clock.setTimer(this.#timings.answerMs, () => {
      if ((this.#lastHeardAt ?? -Infinity) >= askedAt || this.#presence.kind === 'silent') return
      this.#become({ kind: 'silent', since: this.#clock.now(), config: this.#config })
    })
    this.#cancelPoll = this.#clock.setTimer(this.#timings.pollMs, () => this.#askNow())
  }

  #hearConfig(publication: Publication): void {
    const config = parseOwlcmsConfig(publication.payload)
    if (config === undefined) return
    this.#config = config
    this.#lastReply = publication
    if (this.#askedAt !== undefined) this.#answerMs = this.#clock.now() - this.#askedAt
    this.#askedAt = undefined
    this.#heard()
  }

  #hearFop(platform: Platform): void {
    if (this.#heardAt.size < maxPlatforms || this.#heardAt.has(platform)) {
      this.#heardAt.set(platform, this.#clock.now())
    }
    this.#heard()
  }

  #heard(): void {
    const now = this.#clock.now()
    this.#lastHeardAt = now
    const since = this.#presence.kind === 'answering' ? this.#presence.since : now
    this.#become({ kind: 'answering', since, config: this.#config })
  }

  #become(presence: OwlcmsPresence): void {
    const changed = presence.kind !== this.#presence.kind
    this.#presence = presence
    if (changed) this.onPresence?.(presence)
  }

  #hearStartup(platform: Platform, state: string): void {
    const { deafAfterOnMs, deafAfterOffMs } = this.#timings
    const deafMs = state === 'on' ? deafAfterOnMs : deafAfterOffMs
    if (this.#deafUntil.size < maxPlatforms || this.#deafUntil.has(platform)) {
      this.#deafUntil.set(platform, this.#clock.now() + deafMs)
    }
    if (state === 'off') {
      // A restarted owlcms may be another version with other platforms: ask as soon as it listens.
      this.#cancelPoll?.()
      this.#cancelPoll = this.#clock.setTimer(deafAfterOffMs, () => this.#askNow())
    }
  }
}
