import type { FrameFormat } from '../../hub/fan-out.ts'
import type { Session } from '../../hub/hub.ts'
import type { Frame, OfferOutcome } from '../../hub/outbox.ts'
import type { Principal } from '../../hub/permissions.ts'
import { isMomentary, readTopic } from '../../protocol/owlcms.ts'
import type { Publication, QoS } from '../../protocol/publication.ts'
import type { ProtocolVersion } from './codec.ts'
import type { OutgoingPublish } from './packets.ts'
import { SendWindow } from './send-window.ts'

/** The connection a session is attached to, as the session needs it. */
export interface SessionConnection {
  readonly version: ProtocolVersion
  readonly format: FrameFormat
  /** Largest packet the client takes, in bytes [MQTT-3.1.2-24]. */
  readonly maxPacketBytes: number
  /** Most QoS 1 and 2 publications the client takes at once. */
  readonly receiveMaximum: number
  offer(frame: Frame): OfferOutcome
  sendPublish(publish: OutgoingPublish): OfferOutcome
  sendPubrel(id: number): void
  slow(): void
}

/**
 * What is remembered for one client (MQTT's sense): subscriptions live in the hub's index, delivery state
 * here. It outlives its connection only when the client asked for that, for a bounded time, and then keeps
 * nothing that would be false when told later (R1).
 */
export class MqttSession implements Session {
  readonly clientId: string
  readonly principal: Principal
  /** QoS 2 publications received and passed on, waiting for the client's PUBREL [MQTT-4.3.3-2]. */
  readonly received = new Set<number>()
  /** QoS 2 packet identifiers handed upstream, not yet answered. */
  readonly receiving = new Set<number>()
  readonly #window: SendWindow
  readonly #maxStored: number
  #connection: SessionConnection | undefined

  /** `maxStored`: publications kept while the client is away. */
  constructor(
    clientId: string,
    principal: Principal,
    maxInFlight: number,
    maxWaiting: number,
    maxStored: number,
  ) {
    this.clientId = clientId
    this.principal = principal
    this.#window = new SendWindow(maxInFlight, maxWaiting)
    this.#maxStored = maxStored
  }

  get connected(): boolean {
    return this.#connection !== undefined
  }

  /** Only asked of attached sessions by fan-out; a detached one has no frames to share. */
  get format(): FrameFormat {
    return this.#connection?.format ?? detachedFormat
  }

  readonly outbox = { offer: (frame: Frame): OfferOutcome => this.#connection?.offer(frame) ?? 'queued' }

  /** Attaches a connection and sends again what its predecessor left unacknowledged [MQTT-4.4.0-1]. */
  attach(connection: SessionConnection, maxInFlight: number): void {
    this.#connection = connection
    this.#window.window = Math.min(maxInFlight, connection.receiveMaximum)
  }

  /** Called after CONNACK: redelivers, then sends what waited. */
  resume(): void {
    const connection = this.#connection
    if (connection === undefined) return
    for (const [id, entry] of this.#window.inFlight) {
      if (entry.released) connection.sendPubrel(id)
      else connection.sendPublish({ ...entry, id, dup: true })
    }
    this.#sendWaiting()
  }

  detach(connection: SessionConnection): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    this.#window.forget((publication) => isMomentary(readTopic(publication.topic)))
  }

  deliver(publication: Publication, qos: QoS, identifiers: readonly number[]): OfferOutcome {
    if (qos === 0)
      return this.#connection?.sendPublish({ publication, qos: 0, identifiers, dup: false }) ?? 'queued'
    if (this.#connection === undefined) {
      if (this.#window.waitingCount >= this.#maxStored || isMomentary(readTopic(publication.topic)))
        return 'queued'
    }
    const admitted = this.#window.admit({ publication, qos, identifiers }, this.connected)
    if (admitted === 'wait') return 'queued'
    if (admitted === 'full') return 'slow'
    const { id, entry } = admitted
    return this.#connection?.sendPublish({ ...entry, id, dup: false }) ?? 'queued'
  }

  slow(): void {
    this.#connection?.slow()
  }

  /** PUBACK [MQTT-4.3.2-1]. */
  acknowledged(id: number): void {
    if (this.#window.inFlight.get(id)?.qos === 1 && this.#window.finish(id)) this.#sendWaiting()
  }

  /** PUBREC. False: no such publication, which MQTT 5 answers with reason 0x92. */
  recorded(id: number, failed: boolean): boolean {
    const entry = this.#window.inFlight.get(id)
    if (entry?.qos !== 2) return false
    if (failed) {
      this.#window.finish(id)
      this.#sendWaiting()
    } else {
      entry.released = true
    }
    return true
  }

  /** PUBCOMP. */
  completed(id: number): void {
    if (this.#window.inFlight.get(id)?.released === true && this.#window.finish(id)) this.#sendWaiting()
  }

  #sendWaiting(): void {
    for (;;) {
      if (this.#connection === undefined) return
      const admitted = this.#window.next()
      if (admitted === undefined) return
      const sent = this.#connection.sendPublish({ ...admitted.entry, id: admitted.id, dup: false })
      if (sent === 'slow') {
        this.slow()
        return
      }
    }
  }
}

const emptyFrame = new Uint8Array()
const detachedFormat: FrameFormat = { encode: () => emptyFrame }
