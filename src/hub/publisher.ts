import {
  isCommand,
  normaliseCommand,
  readTopic,
  type CommandKind,
  type OwlcmsTopic,
  type Platform,
} from '../protocol/owlcms.ts'
import type { Publication } from '../protocol/publication.ts'
import type { Clock } from '../support/clock.ts'
import type { Counters } from './counters.ts'
import type { Echoes } from './echoes.ts'
import type { HubLimits } from '../support/limits.ts'
import type { OwlcmsWatch } from './owlcms-watch.ts'
import { Pacer } from './pacer.ts'
import { publishDenial } from './permissions.ts'
import type { Presence } from './presence.ts'
import type { Circumstances, PressOutcome, Session } from './session.ts'
import type { UpstreamLink } from './upstream-link.ts'

type Command = OwlcmsTopic & { readonly kind: CommandKind; readonly platform: Platform }
type Settled = (outcome: PressOutcome) => void

/** Presses of one platform that did not get through, for the status page. */
export interface PlatformPresses {
  lastPressAt: number | undefined
  dropped: number
}

export interface PublisherOptions {
  readonly clock: Clock
  readonly upstream: UpstreamLink
  readonly limits: HubLimits
  readonly counters: Counters
  readonly watch: OwlcmsWatch
  readonly presence: Presence
  readonly echoes: Echoes<Session>
  /** Gives one session owlcms's last config reply; false when it isn't subscribed to it. */
  readonly answerConfig: (session: Session, reply: Publication) => void
}

/** As many platforms as any competition has, and a bound for invented names (R7). */
const maxPlatforms = 64

/**
 * The way up: what a client publishes is passed on at once or refused, and never kept (R1). Everything that
 * may refuse a press stands here, in the order in which it is asked.
 */
export class Publisher {
  readonly presses = new Map<string, PlatformPresses>()
  readonly #options: PublisherOptions
  readonly #pacer: Pacer

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#pacer = new Pacer(options.clock, options.limits, () => options.upstream.room)
  }

  /** Nothing that waits survives a change of the link. */
  linkLost(): void {
    this.#pacer.dropAll()
    this.#options.echoes.clear()
  }

  /** `settled` is called exactly once; `delivered` only after the broker's acknowledgement (R3). */
  publish(session: Session, publication: Publication, circumstances: Circumstances, settled: Settled): void {
    const { counters, presence, clock } = this.#options
    const topic = readTopic(publication.topic)
    const command = isCommand(topic) ? topic : undefined
    const payload = command === undefined ? undefined : normaliseCommand(command.kind, publication.payload)
    // A malformed press is judged by its own bytes: it is refused in any case.
    const bytes = payload?.ok === true ? payload.value : publication.payload
    presence.pressed(session.key, publication, clock.now())
    const denial =
      publishDenial(session.principal, publication.topic, topic, bytes) ??
      (session.waiting === true && topic.kind !== 'configRequest' ? 'seatWaiting' : undefined)
    if (denial !== undefined) {
      counters.refused += 1
      presence.notPassedOn(session.key, false)
      settled({ kind: 'denied', why: denial })
    } else if (command !== undefined && payload !== undefined) {
      const press = this.#notePress(command.platform)
      this.#command(session, publication, command, payload, circumstances, (outcome) => {
        if (outcome.kind !== 'delivered') {
          if (press !== undefined) press.dropped += 1
          presence.notPassedOn(session.key, outcome.kind === 'held')
        }
        settled(outcome)
      })
    } else if (topic.kind === 'configRequest') {
      this.#configRequest(session, publication, settled)
    } else {
      if (topic.kind === 'unknown') counters.unknownPassedOn += 1
      this.#send(session, { ...publication, retain: false }, settled)
    }
  }

  #command(
    session: Session,
    publication: Publication,
    topic: Command,
    payload: ReturnType<typeof normaliseCommand>,
    circumstances: Circumstances,
    settled: Settled,
  ): void {
    const refusal = this.#tooOld(circumstances) ?? this.#unreadable(payload) ?? this.#notNow(topic.platform)
    if (refusal !== undefined || !payload.ok) {
      settled(refusal ?? { kind: 'tooFast' })
      return
    }
    // QoS 1 whatever the device used: the broker's acknowledgement is the first half of the proof.
    const press: Publication = { topic: publication.topic, payload: payload.value, qos: 1, retain: false }
    const offered = this.#pacer.offer(
      topic.platform,
      () => {
        const late = this.#notNow(topic.platform)
        if (late === undefined) this.#send(session, press, settled)
        else settled(late)
      },
      (why) => {
        if (why === 'waited') this.#options.counters.tooFast += 1
        else this.#options.counters.droppedOffline += 1
        settled({ kind: why === 'waited' ? 'tooFast' : 'offline' })
      },
    )
    if (offered === 'full') {
      this.#options.counters.tooFast += 1
      settled({ kind: 'tooFast' })
    }
  }

  #tooOld({ redelivered, flushed }: Circumstances): PressOutcome | undefined {
    const { counters } = this.#options
    if (redelivered) {
      counters.droppedRedelivered += 1
      return { kind: 'redelivered' }
    }
    if (flushed) {
      counters.heldBack += 1
      return { kind: 'held' }
    }
    return undefined
  }

  #unreadable(payload: ReturnType<typeof normaliseCommand>): PressOutcome | undefined {
    if (payload.ok) return undefined
    this.#options.counters.refused += 1
    return { kind: 'invalid', why: payload.error }
  }

  #notNow(platform: Platform): PressOutcome | undefined {
    const { counters, upstream, watch } = this.#options
    if (!upstream.ready) {
      counters.droppedOffline += 1
      return { kind: 'offline' }
    }
    if (watch.isDeaf(platform)) {
      counters.droppedDeaf += 1
      return { kind: 'deaf' }
    }
    return undefined
  }

  #send(session: Session, publication: Publication, settled: Settled): void {
    const { counters, upstream, echoes, clock } = this.#options
    if (upstream.ready) echoes.sent(publication, session, clock.now())
    upstream.publish(publication, (outcome) => {
      if (outcome.kind === 'delivered') counters.passedOn += 1
      else if (outcome.kind === 'offline') counters.droppedOffline += 1
      else if (outcome.kind === 'lost') counters.lost += 1
      else counters.refused += 1
      settled(outcome)
    })
  }

  /** The one exception of R2: answered at once from owlcms's last reply of this connection. */
  #configRequest(session: Session, publication: Publication, settled: Settled): void {
    const { counters, upstream, watch, answerConfig } = this.#options
    if (!upstream.ready) {
      counters.droppedOffline += 1
      settled({ kind: 'offline' })
      return
    }
    if (watch.lastReply !== undefined) {
      counters.configAnswered += 1
      answerConfig(session, watch.lastReply)
    }
    if (watch.mayForwardRequest()) this.#send(session, { ...publication, retain: false }, settled)
    // One that was passed on within the last 2 s answers this one too.
    else settled({ kind: 'delivered' })
  }

  #notePress(platform: string): PlatformPresses | undefined {
    let press = this.presses.get(platform)
    if (press === undefined) {
      if (this.presses.size >= maxPlatforms) return undefined
      press = { lastPressAt: undefined, dropped: 0 }
      this.presses.set(platform, press)
    }
    press.lastPressAt = this.#options.clock.now()
    return press
  }
}
