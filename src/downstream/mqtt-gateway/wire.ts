import type { Packet } from 'mqtt-packet'
import type { Hub } from '../../hub/hub.ts'
import type { OfferOutcome, Outbox } from '../../hub/routing/outbox.ts'
import type { FrameFormat } from '../../hub/routing/fan-out.ts'
import type { Clock } from '../../support/clock.ts'
import type { Transport } from '../transport/transport.ts'
import { encode, type ProtocolVersion } from './codec.ts'
import { formatFor, publishBytes } from './formats.ts'
import { publishPacket, type OutgoingPublish } from './packets.ts'

/** What a client takes, settled by its CONNECT. */
export interface WireTerms {
  readonly version: ProtocolVersion
  /** Largest packet the client takes, in bytes [MQTT-3.1.2-24]. */
  readonly maxPacketBytes: number
  /** Most QoS 1 and 2 publications the client takes at once [MQTT-3.3.4-9]. */
  readonly receiveMaximum: number
}

/** Whose wire it is. */
export interface WireOwner {
  /** The client reads too slowly. */
  slow(waitingBytes: number): void
  /** An answer that the client waits for is larger than it takes, and was not sent. */
  tooLarge(cmd: Packet['cmd']): void
}

/** The sending half of a connection: packets in this client's version and framing, through its outbox. */
export class Wire {
  readonly transport: Transport
  readonly outbox: Outbox
  readonly #owner: WireOwner
  #terms: WireTerms = { version: 4, maxPacketBytes: Infinity, receiveMaximum: Infinity }
  #format: FrameFormat
  #maxFrameBytes = Infinity
  #lastSentAt: number

  constructor(hub: Hub, transport: Transport, clock: Clock, owner: WireOwner) {
    this.transport = transport
    this.outbox = hub.createOutbox(transport)
    this.#owner = owner
    this.#format = formatFor(transport.framing, 4)
    this.#lastSentAt = clock.now()
  }

  get version(): ProtocolVersion {
    return this.#terms.version
  }

  get receiveMaximum(): number {
    return this.#terms.receiveMaximum
  }

  get format(): FrameFormat {
    return this.#format
  }

  agree(terms: WireTerms): void {
    this.#terms = terms
    this.#maxFrameBytes = this.transport.framing.frameBytes(terms.maxPacketBytes)
    this.#format = formatFor(this.transport.framing, terms.version)
  }

  /**
   * An answer. One larger than the client takes goes without its reason string and user properties [MQTT-3.2.2-19, 3.2.2-20]; if even
   * that is too large, it is not sent [MQTT-3.1.2-24], and a client that would wait for it is ended.
   */
  send(packet: Packet, version: ProtocolVersion = this.version): void {
    const bytes = this.#fitting(packet, version) ?? this.#fitting(withoutReason(packet), version)
    if (bytes === undefined) {
      if (packet.cmd !== 'disconnect') this.#owner.tooLarge(packet.cmd)
    } else if (this.outbox.offer(this.transport.framing.frame(bytes)) === 'slow') this.slow()
  }

  #fitting(packet: Packet, version: ProtocolVersion): Uint8Array | undefined {
    const bytes = encode(packet, version)
    return bytes.byteLength <= this.#terms.maxPacketBytes ? bytes : undefined
  }

  /** A frame of the shared format; one larger than the client takes is left out [MQTT-3.1.2-25]. */
  offer(frame: Uint8Array): OfferOutcome {
    if (frame.byteLength > this.#maxFrameBytes) return 'queued'
    return this.outbox.offer(frame)
  }

  /** Whether the client limits its packets, so that frames must be offered one by one, to {@link offer}. */
  get singly(): boolean {
    return this.#maxFrameBytes !== Infinity
  }

  /** `tooLarge`: left out, and to be taken as sent and acknowledged [MQTT-3.1.2-25]. */
  sendPublish(publish: OutgoingPublish): OfferOutcome | 'tooLarge' {
    const bytes = this.#publishBytes(publish)
    if (bytes.byteLength > this.#terms.maxPacketBytes) return 'tooLarge'
    return this.outbox.offer(this.transport.framing.frame(bytes))
  }

  #publishBytes(publish: OutgoingPublish): Uint8Array {
    const { publication, qos, id, dup, identifiers } = publish
    if (qos === 1 && id !== undefined && identifiers.length === 0)
      return publishBytes(publication, this.version, { id, dup })
    return encode(publishPacket(publish, this.version), this.version)
  }

  /** Bytes that wait for this client, its socket's own included. */
  get waitingBytes(): number {
    return this.outbox.waitingBytes
  }

  /** See {@link Outbox.whenTaken}. */
  whenTaken(done: (taken: boolean) => void): void {
    this.outbox.whenTaken(done)
  }

  slow(): void {
    this.#owner.slow(this.outbox.waitingBytes)
  }

  /**
   * Sends bytes without a meaning if nothing went out for `idleMs`, as far as the outbox knows: proxies cut
   * silent lines (docs/platforms.md 2.3). Called by the sweep, so it is exact to about a second.
   */
  nudge(now: number, idleMs: number): void {
    const { nudge } = this.transport.framing
    if (nudge === undefined) return
    const wroteAt = this.outbox.takeWritten() ? now : this.#lastSentAt
    this.#lastSentAt = wroteAt
    if (now - wroteAt < idleMs) return
    this.#lastSentAt = now
    this.outbox.offer(nudge)
  }

  /** Writes what waits and takes nothing more. */
  finish(): void {
    this.outbox.flush()
    this.outbox.close()
  }
}

function withoutReason(packet: Packet): Packet {
  if (!('properties' in packet)) return packet
  const properties: object = { ...packet.properties, reasonString: undefined, userProperties: undefined }
  return { ...packet, properties }
}
