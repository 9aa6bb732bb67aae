import type { FrameFormat, Recipient } from '../../hub/routing/fan-out.ts'
import type { PressOutcome, Session } from '../../hub/hub.ts'
import type { OfferOutcome, Outbox } from '../../hub/routing/outbox.ts'
import type { Principal } from '../../hub/people/permissions.ts'
import type { SeatPlace } from '../../hub/people/seat-desk.ts'
import type { Seated } from '../guests/sit-down.ts'
import { isMomentary, readTopic } from '../../protocol/owlcms/topics.ts'
import type { Publication, QoS } from '../../protocol/publication.ts'
import type { OutgoingPublish } from './packets.ts'
import { SendWindow, type Admitted } from './send-window.ts'
import type { Wire } from './wire.ts'

/** Whose a session is. */
export interface SessionOwner {
  /** Unique among the sessions of the moment. */
  readonly key: string
  readonly name?: string
  readonly principal: Principal
}

/** Publications that a client sends at QoS 2, by packet identifier. */
interface Qos2 {
  /** Handed upstream, not yet answered, and how to answer them. */
  readonly receiving: Map<number, (outcome: PressOutcome) => void>
  /** Passed on, waiting for the client's PUBREL [MQTT-4.3.3-2]. */
  readonly received: Set<number>
}

/**
 * What is remembered for one client (MQTT's sense): subscriptions live in the hub's index, delivery state
 * here. It outlives its connection only when the client asked for that, for a bounded time, and then keeps
 * nothing that would be false when told later (R1).
 */
export class MqttSession implements Session, Seated {
  readonly key: string
  readonly via = 'mqtt'
  /** Whose it is; a client that comes back to its session may show another token of the same seat. */
  principal: Principal
  /** What its client calls itself; {@link key}, but for a second one beside a first of that name. */
  readonly name: string
  place: SeatPlace | undefined
  /** Whether its client ever sent anything. */
  hasPublished = false
  /** What the client publishes at QoS 2, as hardly any does; see {@link openQos2}. */
  qos2: Qos2 | undefined
  readonly #maxWaiting: number
  readonly #maxStored: number
  /** Made with the first publication at QoS 1. */
  #window: SendWindow | undefined
  #maxInFlight: number
  #wire: Wire | undefined

  /** `maxStored`: publications kept while the client is away. */
  constructor(
    { key, name = key, principal }: SessionOwner,
    maxInFlight: number,
    maxWaiting: number,
    maxStored: number,
  ) {
    this.key = key
    this.name = name
    this.principal = principal
    this.#maxInFlight = maxInFlight
    this.#maxWaiting = maxWaiting
    this.#maxStored = maxStored
  }

  openQos2(): Qos2 {
    return (this.qos2 ??= { receiving: new Map(), received: new Set() })
  }

  get connected(): boolean {
    return this.#wire !== undefined
  }

  /** Only asked of attached sessions by fan-out; a detached one has no frames to share. */
  get format(): FrameFormat {
    return this.#wire?.format ?? detachedFormat
  }

  /** The connection's, behind its limit where it has one; what is offered to a session without one is forgotten. */
  get outbox(): Recipient['outbox'] {
    const wire = this.#wire
    if (wire === undefined) return detachedOutbox
    return wire.singly ? wire : wire.outbox
  }

  /** Seats and owlcms never only listen, nor does a device that has ever sent anything. */
  get listening(): Outbox | undefined {
    const { principal } = this
    const mayOnlyListen =
      principal.kind === 'viewer' || (principal.kind === 'device' && principal.bridge === undefined)
    return mayOnlyListen && !this.hasPublished ? this.#wire?.outbox : undefined
  }

  get singly(): boolean {
    return this.#wire?.singly ?? false
  }

  /** Attaches a connection; what its predecessor left unacknowledged goes with {@link resume}. */
  attach(wire: Wire, maxInFlight: number): void {
    this.#wire = wire
    this.#maxInFlight = Math.min(maxInFlight, wire.receiveMaximum)
    this.#window?.restart(this.#maxInFlight)
  }

  /** Called after CONNACK: redelivers, and sends what waited, as far as the client takes it at once. */
  resume(): void {
    this.#sendWaiting()
  }

  detach(wire: Wire): void {
    if (this.#wire !== wire) return
    this.#wire = undefined
    this.#window?.forget((publication) => isMomentary(readTopic(publication.topic)))
  }

  deliver(publication: Publication, qos: QoS, identifiers: readonly number[]): OfferOutcome {
    if (qos === 0) return this.#send({ publication, qos: 0, identifiers, dup: false })
    this.#window ??= new SendWindow(this.#maxInFlight, this.#maxWaiting)
    if (this.#wire === undefined) {
      if (this.#window.waitingCount >= this.#maxStored || isMomentary(readTopic(publication.topic)))
        return 'queued'
    }
    const admitted = this.#window.admit({ publication, qos, identifiers }, this.connected)
    if (admitted === 'wait') return 'queued'
    if (admitted === 'full') return 'slow'
    return this.#send(outgoing(admitted))
  }

  slow(): void {
    this.#wire?.slow()
  }

  taken(done: (taken: boolean) => void): void {
    if (this.#wire === undefined) done(false)
    else this.#wire.whenTaken(done)
  }

  cut(): void {
    this.#wire?.transport.destroy()
  }

  /** PUBACK [MQTT-4.3.2-1]; false: of nothing that waits for it. */
  acknowledged(id: number): boolean {
    const known = this.#window?.finish(id) ?? false
    if (known) this.#sendWaiting()
    return known
  }

  #send(publish: OutgoingPublish): OfferOutcome {
    const sent = this.#wire?.sendPublish(publish)
    if (sent === 'slow') return 'slow'
    // Left out, as if sent and acknowledged [MQTT-3.1.2-25].
    if (sent === 'tooLarge' && publish.id !== undefined) this.#window?.finish(publish.id)
    return 'queued'
  }

  #sendWaiting(): void {
    for (;;) {
      if (this.#wire === undefined) return
      const admitted = this.#window?.next()
      if (admitted === undefined) return
      if (this.#send(outgoing(admitted)) === 'slow') {
        this.slow()
        return
      }
    }
  }
}

function outgoing({ entry, id, dup }: Admitted): OutgoingPublish {
  return { ...entry, id, dup }
}

const emptyFrame = new Uint8Array()
const detachedOutbox: Recipient['outbox'] = { offer: () => 'queued' }
const detachedFormat: FrameFormat = { encode: () => emptyFrame }
