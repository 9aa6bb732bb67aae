import type { OwlcmsConfig, OwlcmsTopic, Platform } from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { Roster } from './roster.ts'

/** Milliseconds in which owlcms answers, however slow the line; after this long without a reply it counts as silent. */
const answerMs = 5_000
/** The same right after a press without an echo, since somebody stands there; longer where owlcms's last reply took long. */
const pressAnswerMs = 1_500
/** After so many milliseconds without a word owlcms is asked; with {@link answerMs} a silent one shows within 12 s. */
const quietMs = 7_000
/** Its config is asked for that often at least, in milliseconds (owlcms answers once per platform, so each costs a little). */
const refreshMs = 30_000
/** Milliseconds between two config requests passed on for devices (rule R2). */
const forwardMs = 2_000
/** Milliseconds; owlcms subscribes only after its start-up lamp test of 1 s (docs/owlcms.md 1.5). */
const deafAfterOnMs = 1_500
/** Milliseconds from `startup off` until its subscriptions surely stand (docs/owlcms.md 5.4). */
const deafAfterOffMs = 500

/**
 * Whether owlcms is there. It sends no heartbeat and no will, so presence is judged from its replies to
 * `owlcms/config` and from anything it says (docs/owlcms.md 5.4). Times are moments of the clock.
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
  /** owlcms answers, but its connection for this platform is dead: not all of its platforms did, and this one took a press for nothing. */
  readonly silent: boolean
}

/** Told of changes. */
export interface WatchListener {
  /** From one kind of presence to another. */
  presence(presence: OwlcmsPresence): void
  /** See {@link PlatformTraffic.silent}. */
  platform(platform: Platform, silent: boolean): void
}

/** Replies remembered, more than any owlcms gives to a few questions. */
const maxReplies = 256

/** What bridges ask with. A bridge that is another one's broker answers it only with what owlcms has said just now. */
export const bridgeQuestion = 'owlcms-bridge'

/** Firmata, Blue Owl, replays (docs/owlcms.md 2.2), bridges. */
const questions: readonly string[] = ['', ' ', 'requesting configuration', bridgeQuestion]

/**
 * What a client asks for owlcms's config with, or a space in its place, which works everywhere. Owlcms ignores it, anybody
 * may ask, and every device hears it: nobody is to spread words of his own that way.
 */
export function knownQuestion(payload: Uint8Array): Uint8Array {
  const known = payload.byteLength <= 32 && questions.includes(decoder.decode(payload))
  return known ? payload : new TextEncoder().encode(' ')
}

const decoder = new TextDecoder()

/** Follows what owlcms says on this connection to the broker, and asks it when it is quiet. */
export class OwlcmsWatch {
  readonly #clock: Clock
  readonly #roster: Roster
  readonly #ask: () => void
  #linked = false
  #presence: OwlcmsPresence
  #lastReply: Publication | undefined
  #lastHeardAt: number | undefined
  #lastForwardAt = -Infinity
  /** When our own question left that no reply has answered yet. */
  #askedAt: number | undefined
  #answerMs: number | undefined
  readonly #heardAt = new Map<Platform, number>()
  readonly #deafUntil = new Map<Platform, number>()
  /** Platforms of a press without an echo, while owlcms may still answer. */
  readonly #suspects = new Map<Platform, CancelTimer>()
  readonly #silent = new Set<Platform>()
  readonly #listeners = new Set<WatchListener>()
  /** When the last replies came, whoever had asked. */
  #repliedAt: number[] = []
  #cancelPoll: CancelTimer | undefined
  #cancelAnswer: CancelTimer | undefined

  /** `ask` publishes a config request; it is called only while the link is up. */
  constructor(clock: Clock, roster: Roster, ask: () => void) {
    this.#clock = clock
    this.#roster = roster
    this.#ask = ask
    this.#presence = { kind: 'unknown', since: clock.now() }
  }

  /** Returns the way to leave. */
  listen(listener: WatchListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
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
    for (const cancel of this.#suspects.values()) cancel()
    this.#suspects.clear()
    this.#toUnknown()
  }

  /**
   * No echo came to a press of this platform that arrived at `pressedAt`: owlcms is asked at once whether it is there at all,
   * unless it has said something of the platform since, and thus only did not want the press.
   */
  notTaken(platform: Platform, pressedAt: number): void {
    if (!this.#linked || this.#suspects.has(platform)) return
    if (!this.#roster.hasRoom(this.#suspects, platform, (_, cancel) => cancel())) return
    if (this.#heardSince(platform, pressedAt)) return
    // A question of somebody else right before the press may have been answered before it: then another one in its turn (R2).
    const turnMs = this.#lastForwardAt + forwardMs - this.#clock.now()
    if (this.#lastForwardAt > pressedAt) this.#judgeLater(platform, pressedAt)
    else if (turnMs <= 0) {
      this.#askNow()
      this.#judgeLater(platform, pressedAt)
    } else {
      const ask = (): void => {
        if (this.#lastForwardAt <= pressedAt) this.#askNow()
        this.#judgeLater(platform, pressedAt)
      }
      this.#suspects.set(platform, this.#clock.setTimer(turnMs, ask))
    }
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

  /**
   * The reply to give at once to a config request (rule R2). Another bridge wants to know whether owlcms is there, and an old
   * reply proves nothing: it gets one only when its question may not be passed on, since owlcms has just been asked.
   */
  replyTo(payload: Uint8Array): Publication | undefined {
    const isFresh = this.#clock.now() - (this.#lastHeardAt ?? -Infinity) < forwardMs
    return isFresh || decoder.decode(payload) !== bridgeQuestion ? this.#lastReply : undefined
  }

  /** Whether a device's config request goes on to owlcms, or one just asked answers it too (rule R2). */
  mayForwardRequest(): boolean {
    const now = this.#clock.now()
    if (now - this.#lastForwardAt < forwardMs) return false
    this.#lastForwardAt = now
    return true
  }

  platforms(): readonly PlatformTraffic[] {
    const names = new Set<Platform>([...this.#listed, ...this.#heardAt.keys()])
    return [...names].map((platform) => ({
      platform,
      lastHeardAt: this.#heardAt.get(platform),
      deafUntil: this.isDeaf(platform) ? this.#deafUntil.get(platform) : undefined,
      silent: this.#silent.has(platform),
    }))
  }

  #toUnknown(): void {
    for (const platform of [...this.#silent]) this.#setSilent(platform, false)
    this.#become({ kind: 'unknown', since: this.#clock.now() })
    this.#roster.forget()
    this.#repliedAt = []
    this.#lastReply = undefined
    this.#lastHeardAt = undefined
    this.#lastForwardAt = -Infinity
    this.#askedAt = undefined
    this.#answerMs = undefined
    this.#heardAt.clear()
    // Not #deafUntil: that our link bounced doesn't make owlcms listen any sooner.
  }

  #askNow(): void {
    this.#cancelAnswer?.()
    if (!this.#linked) return
    const askedAt = this.#clock.now()
    this.#lastForwardAt = askedAt
    this.#askedAt = askedAt
    this.#ask()
    this.#lookLater(quietMs)
    // It is known already; a timer would wake the process for nothing.
    if (this.#presence.kind === 'silent') return
    this.#cancelAnswer = this.#clock.setTimer(answerMs, () => {
      if ((this.#lastHeardAt ?? -Infinity) < askedAt) this.#becomeSilent()
    })
  }

  #lookLater(delayMs: number): void {
    this.#cancelPoll?.()
    this.#cancelPoll = this.#clock.setTimer(delayMs, () => {
      const now = this.#clock.now()
      const quietAt = (this.#lastHeardAt ?? -Infinity) + quietMs
      const dueInMs = Math.min(quietAt, (this.#repliedAt.at(-1) ?? -Infinity) + refreshMs) - now
      if (dueInMs <= 0) this.#askNow()
      else this.#lookLater(dueInMs)
    })
  }

  /** When owlcms has had time to answer the last question. */
  #judgeLater(platform: Platform, pressedAt: number): void {
    const askedAt = this.#lastForwardAt
    const patienceMs = Math.min(answerMs, Math.max(pressAnswerMs, 3 * (this.#answerMs ?? 0)))
    const judge = (): void => {
      this.#suspects.delete(platform)
      if ((this.#lastHeardAt ?? -Infinity) < pressedAt) this.#becomeSilent()
      else if (!this.#heardSince(platform, pressedAt) && this.#repliesMissing(platform, pressedAt)) {
        this.#setSilent(platform, true)
      }
    }
    const dueInMs = Math.max(0, askedAt + patienceMs - this.#clock.now())
    this.#suspects.set(platform, this.#clock.setTimer(dueInMs, judge))
  }

  get #listed(): readonly Platform[] {
    return this.#roster.config?.platforms ?? []
  }

  #heardSince(platform: Platform, moment: number): boolean {
    return (this.#heardAt.get(platform) ?? -Infinity) >= moment
  }

  /** Each platform's connection answers for itself (docs/owlcms.md 1.8); one renamed answers too, so that this may miss a dead one. */
  #repliesMissing(platform: Platform, since: number): boolean {
    return this.#listed.includes(platform) && this.#repliesSince(since) < this.#listed.length
  }

  #repliesSince(moment: number): number {
    return this.#repliedAt.filter((at) => at >= moment).length
  }

  #hearConfig(publication: Publication): void {
    if (!this.#roster.hear(publication)) return
    this.#lastReply = publication
    this.#repliedAt = [...this.#repliedAt.slice(1 - maxReplies), this.#clock.now()]
    if (this.#repliesSince(this.#lastForwardAt) >= this.#listed.length) {
      for (const platform of [...this.#silent]) this.#setSilent(platform, false)
    }
    if (this.#askedAt !== undefined) this.#answerMs = this.#clock.now() - this.#askedAt
    this.#askedAt = undefined
    this.#heard()
  }

  #hearFop(platform: Platform): void {
    if (this.#roster.hasRoom(this.#heardAt, platform)) this.#heardAt.set(platform, this.#clock.now())
    if (this.#silent.has(platform)) this.#setSilent(platform, false)
    this.#heard()
  }

  #heard(): void {
    const now = this.#clock.now()
    this.#lastHeardAt = now
    const since = this.#presence.kind === 'answering' ? this.#presence.since : now
    this.#become({ kind: 'answering', since, config: this.#roster.config })
  }

  #become(presence: OwlcmsPresence): void {
    const changed = presence.kind !== this.#presence.kind
    this.#presence = presence
    if (changed) for (const listener of [...this.#listeners]) listener.presence(presence)
  }

  #becomeSilent(): void {
    if (this.#presence.kind === 'silent') return
    this.#become({ kind: 'silent', since: this.#clock.now(), config: this.#roster.config })
  }

  #setSilent(platform: Platform, silent: boolean): void {
    if (silent === this.#silent.has(platform)) return
    if (silent) this.#silent.add(platform)
    else this.#silent.delete(platform)
    for (const listener of [...this.#listeners]) listener.platform(platform, silent)
  }

  #hearStartup(platform: Platform, state: string): void {
    const deafMs = state === 'on' ? deafAfterOnMs : deafAfterOffMs
    if (this.#roster.hasRoom(this.#deafUntil, platform)) {
      this.#deafUntil.set(platform, this.#clock.now() + deafMs)
    }
    if (state === 'off') {
      // A restarted owlcms may be another version with other platforms: ask as soon as it listens.
      this.#cancelPoll?.()
      this.#cancelPoll = this.#clock.setTimer(deafAfterOffMs, () => this.#askNow())
    }
  }
}
