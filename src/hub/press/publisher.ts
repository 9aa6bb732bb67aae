import {
  isCommand,
  normaliseCommand,
  readTopic,
  type CommandKind,
  type OwlcmsTopic,
  type Platform,
} from '../../protocol/owlcms/topics.ts'
import { seatKey } from '../../protocol/contract/seat.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { Clock } from '../../support/clock.ts'
import type { Counters } from './counters.ts'
import type { Echoes } from './echoes.ts'
import { networkOf } from '../../support/login-limiter.ts'
import type { HubLimits } from '../../support/limits.ts'
import { knownQuestion, type OwlcmsWatch } from '../field/owlcms-watch.ts'
import type { Roster } from '../field/roster.ts'
import { Pacer } from './pacer.ts'
import type { Share } from './turns.ts'
import { onlyWatches, publishDenial, type PublishDenial } from '../people/permissions.ts'
import type { Presence } from '../people/presence.ts'
import type { PressLedger } from './ledger.ts'
import type { Press, PressTold } from './press.ts'
import type { Circumstances, PressOutcome, PressReceipt, Session } from '../people/session.ts'
import type { UpstreamLink } from '../upstream-link.ts'

type Command = OwlcmsTopic & { readonly kind: CommandKind; readonly platform: Platform }
type Settled = (outcome: PressOutcome) => void

/**
 * Whether the light check takes this press instead of owlcms (hub/press/light-check.ts): asked for presses that may be made and can be
 * read, last of all.
 */
export type KeepBack = (
  session: Session,
  press: Publication,
  topic: Command,
  circumstances: Circumstances,
) => boolean

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
  readonly roster: Roster
  readonly presence: Presence
  readonly echoes: Echoes<Session>
  readonly ledger: PressLedger
  readonly keepBack: KeepBack
  /** Gives one session owlcms's last config reply; false when it isn't subscribed to it. */
  readonly answerConfig: (session: Session, reply: Publication) => void
}

/**
 * The way up: what a client publishes is passed on at once or refused, and never kept (R1). Everything that
 * may refuse a press stands here, in the order in which it is asked.
 */
export class Publisher {
  readonly presses = new Map<Platform, PlatformPresses>()
  readonly #options: PublisherOptions
  readonly #pacer: Pacer

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#pacer = new Pacer(options.clock, options.limits, () => options.upstream.room)
  }

  /** Nothing that waits survives a change of the link. */
  linkLost(): void {
    this.#pacer.dropAll()
    this.#options.ledger.linkLost()
    this.#options.echoes.clear()
  }

  /**
   * `settled` is called exactly once; `delivered` only after the broker's acknowledgement (R3). `receipt` is called
   * once after `delivered`, for presses only.
   */
  publish(
    session: Session,
    publication: Publication,
    circumstances: Circumstances,
    settled: Settled,
    receipt: (receipt: PressReceipt) => void = () => undefined,
  ): void {
    const { counters, presence, clock } = this.#options
    const topic = readTopic(publication.topic)
    // What a watcher sends is no official's press: neither the journal nor any seat may show it.
    const isPress = isCommand(topic) && !onlyWatches(session.principal)
    if (isPress || !isCommand(topic)) presence.pressed(session.key, publication, clock.now())
    if (isPress) {
      this.#press(session, publication, topic, circumstances, { settled, receipt })
      return
    }
    const waits = session.place?.state === 'waiting' && topic.kind !== 'configRequest'
    const denial =
      publishDenial(session.principal, publication.topic, topic, publication.payload) ??
      (waits ? 'seatWaiting' : undefined)
    if (circumstances.overRate === true) settled({ kind: 'tooFast' })
    else if (denial !== undefined) {
      presence.notPassedOn(session.key, false)
      settled(this.#refuse(denial))
    } else if (topic.kind === 'configRequest') {
      this.#configRequest(session, publication, settled)
    } else {
      if (topic.kind === 'unknown') counters.unknownPassedOn += 1
      this.#send(session, { ...publication, retain: false }, settled)
    }
  }

  /** Refuses what has a topic that nobody may see: the line counts it, nothing else is noted of it. */
  refuseTopic(session: Session): PressOutcome {
    this.#options.counters.refused += 1
    this.#options.presence.notPassedOn(session.key, false)
    return { kind: 'denied', why: 'unsafeTopic' }
  }

  #press(
    session: Session,
    publication: Publication,
    topic: Command,
    circumstances: Circumstances,
    told: PressTold,
  ): void {
    const { presence, ledger } = this.#options
    const payload = normaliseCommand(topic.kind, publication.payload)
    // A malformed press is judged by its own bytes: it is refused in any case.
    const bytes = payload.ok ? payload.value : publication.payload
    // QoS 1 whatever the device used: the broker's acknowledgement is the first half of the proof.
    const sent: Publication = { topic: publication.topic, payload: bytes, qos: 1, retain: false }
    const denied = this.#overRate(circumstances) ?? this.#denied(session, topic, sent)
    const faulty = denied ?? this.#tooOld(circumstances) ?? this.#unreadable(payload)
    // Asked last: only a press that could be passed on takes a seat.
    const waits = (faulty === undefined ? session.place?.press() : session.place?.state) === 'waiting'
    // What nobody may press says nothing of the platform.
    const shown = denied === undefined && !waits ? this.#notePress(topic.platform) : undefined
    const press = ledger.begin(session, topic, sent, circumstances, {
      receipt: (receipt) => told.receipt(receipt),
      settled: (outcome) => {
        if (outcome.kind !== 'delivered' && outcome.kind !== 'drill') {
          if (shown !== undefined) shown.dropped += 1
          presence.notPassedOn(session.key, outcome.kind === 'held')
        }
        told.settled(outcome)
      },
    })
    const refusal =
      faulty ??
      (waits ? this.#refuse('seatWaiting') : undefined) ??
      this.#notNow(topic.platform) ??
      this.#tooLate(press) ??
      this.#drill(session, sent, topic, circumstances)
    if (refusal === undefined) this.#inTurn(session, sent, topic, press)
    else press.settle(refusal)
  }

  #inTurn(session: Session, publication: Publication, topic: Command, press: Press): void {
    const { counters } = this.#options
    const offered = this.#pacer.offer(
      topic.platform,
      this.#shareOf(session),
      () => {
        // Waiting for its turn it may have become too late, or the link may have gone.
        const late = this.#notNow(topic.platform) ?? this.#tooLate(press)
        if (late === undefined) {
          press.sent()
          this.#send(session, publication, (outcome) => press.settle(outcome))
        } else press.settle(late)
      },
      (why) => {
        if (why === 'waited') counters.tooFast += 1
        else counters.droppedOffline += 1
        press.settle({ kind: why === 'waited' ? 'tooFast' : 'offline' })
      },
    )
    if (offered === 'full') {
      counters.tooFast += 1
      press.settle({ kind: 'tooFast' })
    }
  }

  /** A seat has a turn of its own, whoever sits there; the devices of one address share one. */
  #shareOf({ principal, key }: Session): Share {
    if (principal.kind === 'seat') return { group: `seat ${seatKey(principal)}`, member: '' }
    const address = this.#options.presence.addressOf(key)
    return { group: address === undefined ? key : networkOf(address), member: key }
  }

  /** The edge counts these itself. */
  #overRate({ overRate }: Circumstances): PressOutcome | undefined {
    return overRate === true ? { kind: 'tooFast' } : undefined
  }

  #denied(session: Session, topic: Command, publication: Publication): PressOutcome | undefined {
    const denial = publishDenial(session.principal, publication.topic, topic, publication.payload)
    return denial === undefined ? undefined : this.#refuse(denial)
  }

  #refuse(why: PublishDenial): PressOutcome {
    this.#options.counters.refused += 1
    return { kind: 'denied', why }
  }

  #tooLate(press: Press): PressOutcome | undefined {
    const why = press.staleness
    if (why === undefined) return undefined
    this.#options.counters.tooLate += 1
    return { kind: 'tooLate', why }
  }

  #drill(...press: Parameters<KeepBack>): PressOutcome | undefined {
    if (!this.#options.keepBack(...press)) return undefined
    this.#options.counters.drilled += 1
    return { kind: 'drill' }
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
    const reply = watch.replyTo(publication.payload)
    if (reply !== undefined) {
      counters.configAnswered += 1
      answerConfig(session, reply)
    }
    if (watch.mayForwardRequest()) {
      const payload = knownQuestion(publication.payload)
      this.#send(session, { ...publication, payload, retain: false }, settled)
    }
    // One that was passed on within the last 2 s answers this one too.
    else settled({ kind: 'delivered' })
  }

  #notePress(platform: Platform): PlatformPresses | undefined {
    let press = this.presses.get(platform)
    if (press === undefined) {
      if (!this.#options.roster.hasRoom(this.presses, platform)) return undefined
      press = { lastPressAt: undefined, dropped: 0 }
      this.presses.set(platform, press)
    }
    press.lastPressAt = this.#options.clock.now()
    return press
  }
}
