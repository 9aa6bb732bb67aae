import {
  isCommand,
  isKeptByBroker,
  normaliseCommand,
  readTopic,
  type CommandKind,
  type OwlcmsTopic,
  type Platform,
} from '../../protocol/owlcms/topics.ts'
import { seatKey } from '../../protocol/contract/seat.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { Clock } from '../../support/clock.ts'
import type { Echoes } from './echoes.ts'
import { networkOf } from '../../support/network-of.ts'
import type { HubLimits } from '../../support/limits.ts'
import { knownQuestion, type OwlcmsWatch } from '../field/owlcms-watch.ts'
import { Pacer } from './pacer.ts'
import type { Share } from './turns.ts'
import { onlyWatches, publishDenial } from '../people/permissions.ts'
import type { Presence } from '../people/presence.ts'
import type { PressLedger } from './ledger.ts'
import type { Press, PressTold } from './press.ts'
import type { Circumstances, Presser, PressOutcome, PressReceipt } from '../people/session.ts'
import type { UpstreamLink } from '../upstream-link.ts'
import { topicClassOf, type Traffic } from '../routing/traffic.ts'
import type { Account } from './account.ts'

type Command = OwlcmsTopic & { readonly kind: CommandKind; readonly platform: Platform }
type Settled = (outcome: PressOutcome) => void

/**
 * Whether the light check takes this press instead of owlcms (hub/press/light-check.ts): asked for presses that may be made and can be
 * read, last of all.
 */
export type KeepBack = (
  presser: Presser,
  press: Publication,
  topic: Command,
  circumstances: Circumstances,
) => boolean

export interface PublisherOptions {
  readonly clock: Clock
  readonly upstream: UpstreamLink
  readonly traffic: Traffic
  readonly limits: HubLimits
  readonly watch: OwlcmsWatch
  readonly presence: Presence
  readonly echoes: Echoes<Presser>
  readonly ledger: PressLedger
  readonly account: Account
  /** Gives one client owlcms's last config reply, if it is subscribed to it. */
  readonly answerConfig: (presser: Presser, reply: Publication) => void
}

const seatWaiting: PressOutcome = { kind: 'denied', why: 'seatWaiting' }
/** Whatever its age: no time is short enough for a press that its own sender has corrected since. */
const overtaken: PressOutcome = { kind: 'tooLate', why: { kind: 'age', maxAgeMs: 0 } }

/**
 * The way up: what a client publishes is passed on at once or refused, and never kept (R1). Everything that
 * may refuse a press stands here, in the order in which it is asked.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #pacer: Pacer
  #keepsBack: KeepBack = () => false

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#pacer = new Pacer(options.clock, options.limits, () => options.upstream.room)
  }

  /** Asks this one for each press from now on. */
  keepBack(keeps: KeepBack): void {
    this.#keepsBack = keeps
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
    presser: Presser,
    publication: Publication,
    circumstances: Circumstances,
    settled: Settled,
    receipt: (receipt: PressReceipt) => void = () => undefined,
  ): void {
    const topic = readTopic(publication.topic)
    if (presser.principal.kind === 'owlcms') {
      this.#ofOwlcms(presser, publication, topic, settled)
      return
    }
    // What a watcher sends is no official's press: neither the journal nor any seat may show it.
    if (isCommand(topic) && !onlyWatches(presser.principal)) {
      this.#press(presser, publication, topic, circumstances, { settled, receipt })
      return
    }
    const ended: Settled = (outcome) => {
      this.#options.account.otherEnded(presser, outcome)
      settled(outcome)
    }
    const waits = presser.place?.state === 'waiting' && topic.kind !== 'configRequest'
    const refusal =
      this.#overRate(circumstances) ??
      this.#denied(presser, topic, publication) ??
      (waits ? seatWaiting : undefined)
    if (refusal !== undefined) ended(refusal)
    else if (topic.kind === 'configRequest') this.#configRequest(presser, publication, topic, ended)
    else {
      const retain = publication.retain && isKeptByBroker(topic, publication.topic)
      this.#send(presser, { ...publication, retain }, topic, ended)
    }
  }

  /** What owlcms says goes round at once; a press among it is one of its own simulation's (docs/owlcms.md 1.1). */
  #ofOwlcms(presser: Presser, publication: Publication, topic: OwlcmsTopic, settled: Settled): void {
    const denied = this.#denied(presser, topic, publication)
    if (denied === undefined) this.#passOn({ ...publication, retain: false }, topic, settled)
    else settled(denied)
  }

  #press(
    presser: Presser,
    publication: Publication,
    topic: Command,
    circumstances: Circumstances,
    told: PressTold,
  ): void {
    const payload = normaliseCommand(topic.kind, publication.payload)
    // A malformed press is judged by its own bytes: it is refused in any case.
    const bytes = payload.ok ? payload.value : publication.payload
    // QoS 1 whatever the device used: the broker's acknowledgement is the first half of the proof.
    const sent: Publication = { topic: publication.topic, payload: bytes, qos: 1, retain: false }
    const press = this.#options.ledger.begin(presser, topic, sent, circumstances, told)
    const faulty =
      this.#denied(presser, topic, sent) ??
      this.#overRate(circumstances) ??
      this.#tooOld(circumstances) ??
      this.#unreadable(payload)
    const refusal =
      faulty ??
      // Asked last: only a press that could be passed on takes a seat.
      this.#seatless(presser, circumstances) ??
      this.#notNow(topic.platform) ??
      this.#tooLate(press) ??
      this.#drill(presser, sent, topic, circumstances)
    if (refusal === undefined) this.#inTurn(presser, sent, topic, press)
    else press.settle(refusal)
  }

  /** Why who presses may not, for the seat that it is there for. */
  #seatless({ place }: Presser, { madeAt }: Circumstances): PressOutcome | undefined {
    const now = this.#options.clock.now()
    const state = place?.press(Math.min(madeAt ?? now, now))
    return state === 'waiting' ? seatWaiting : state === 'overtaken' ? overtaken : undefined
  }

  #inTurn(presser: Presser, publication: Publication, topic: Command, press: Press): void {
    const offered = this.#pacer.offer(
      topic.platform,
      () => this.#shareOf(presser),
      (waited) => {
        // Waiting for its turn it may have become too late, or the link may have gone.
        const late = waited ? (this.#notNow(topic.platform) ?? this.#tooLate(press)) : undefined
        if (late === undefined) {
          press.sent()
          this.#send(presser, publication, topic, (outcome) => press.settle(outcome))
        } else press.settle(late)
      },
      (why) => press.settle({ kind: why === 'waited' ? 'tooFast' : 'offline' }),
    )
    if (offered === 'full') press.settle({ kind: 'tooFast' })
  }

  /** A seat has a turn of its own, whoever sits there; the devices of one address share one. */
  #shareOf({ principal, key }: Presser): Share {
    if (principal.kind === 'seat') return { group: `seat ${seatKey(principal)}`, member: '' }
    const address = this.#options.presence.addressOf(key)
    return { group: address === undefined ? key : networkOf(address), member: key }
  }

  #overRate({ overRate }: Circumstances): PressOutcome | undefined {
    return overRate === true ? { kind: 'tooFast' } : undefined
  }

  #denied(presser: Presser, topic: OwlcmsTopic, publication: Publication): PressOutcome | undefined {
    const why = publishDenial(presser.principal, publication.topic, topic, publication.payload)
    return why === undefined ? undefined : { kind: 'denied', why }
  }

  #tooLate({ staleness }: Press): PressOutcome | undefined {
    return staleness === undefined ? undefined : { kind: 'tooLate', why: staleness }
  }

  #drill(...press: Parameters<KeepBack>): PressOutcome | undefined {
    return this.#keepsBack(...press) ? { kind: 'drill' } : undefined
  }

  #tooOld({ redelivered, flushed }: Circumstances): PressOutcome | undefined {
    if (redelivered) return { kind: 'redelivered' }
    return flushed ? { kind: 'held' } : undefined
  }

  #unreadable(payload: ReturnType<typeof normaliseCommand>): PressOutcome | undefined {
    return payload.ok ? undefined : { kind: 'invalid', why: payload.error }
  }

  #notNow(platform: Platform): PressOutcome | undefined {
    const { upstream, watch } = this.#options
    if (!upstream.ready) return { kind: 'offline' }
    return watch.isDeaf(platform) ? { kind: 'deaf' } : undefined
  }

  #send(presser: Presser, publication: Publication, topic: OwlcmsTopic, settled: Settled): void {
    const { upstream, echoes, clock } = this.#options
    if (upstream.ready) echoes.sent(publication, presser, clock.now())
    this.#passOn(publication, topic, settled)
  }

  /** Counts what leaves on the link, and what the broker acknowledged. */
  #passOn(publication: Publication, topic: OwlcmsTopic, settled: Settled): void {
    const { upstream, traffic, account } = this.#options
    const { counters } = account
    if (upstream.ready) {
      traffic.count('toBroker', topicClassOf(topic))
      if (topic.kind === 'unknown') counters.unknownPassedOn += 1
    }
    upstream.publish(publication, (outcome) => {
      if (outcome.kind === 'delivered') counters.passedOn += 1
      settled(outcome)
    })
  }

  /** The one exception of R2: answered at once from owlcms's last reply of this connection. */
  #configRequest(presser: Presser, publication: Publication, topic: OwlcmsTopic, settled: Settled): void {
    const { upstream, watch, answerConfig } = this.#options
    if (!upstream.ready) {
      settled({ kind: 'offline' })
      return
    }
    const reply = watch.replyTo(publication.payload)
    if (reply !== undefined) answerConfig(presser, reply)
    if (watch.mayForwardRequest()) {
      const payload = knownQuestion(publication.payload)
      this.#send(presser, { ...publication, payload, retain: false }, topic, settled)
    }
    // One that was passed on within the last 2 s answers this one too.
    else settled({ kind: 'delivered' })
  }
}
