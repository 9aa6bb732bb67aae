import type { Packet } from 'mqtt-packet'
import type { OfferOutcome, Outbox } from '../../hub/outbox.ts'
import type { Principal } from '../../hub/permissions.ts'
import { closeCodes, type CloseReason } from '../../protocol/close-codes.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { Topic } from '../../protocol/topic.ts'
import { errorText } from '../../support/errors.ts'
import type { Transport } from '../transport.ts'
import { decode, decodeConnect, encode, isConnect, type ProtocolVersion } from './codec.ts'
import type { GatewayContext } from './context.ts'
import { formatFor } from './formats.ts'
import { handleConnect, refuseUnreadableConnect } from './handle-connect.ts'
import { handlePublish, handlePubrel } from './handle-publish.ts'
import { handleSubscribe, handleUnsubscribe } from './handle-subscribe.ts'
import {
  acknowledgement,
  publishPacket,
  reasonCodes,
  type OutgoingPublish,
  type ReasonCode,
} from './packets.ts'
import { PacketFramer } from './packet-framer.ts'
import type { MqttSession, SessionConnection } from './session.ts'

/** What CONNECT settled. */
export interface Agreed {
  readonly version: ProtocolVersion
  readonly session: MqttSession
  readonly principal: Principal
  /** Seconds; 0 means none. Silence past one and a half times this ends the connection [MQTT-3.1.2-22]. */
  readonly keepAliveSeconds: number
  readonly maxPacketBytes: number
  readonly receiveMaximum: number
  /** Whether the client wants reason strings (MQTT 5 Request Problem Information). */
  readonly wantsReasons: boolean
  readonly will: Publication | undefined
  sessionExpirySeconds: number
}

/** The MQTT 5 DISCONNECT reason that goes with a close reason. */
const disconnectReasons: Partial<Record<CloseReason, ReasonCode>> = {
  protocolError: reasonCodes.protocolError,
  tooLarge: reasonCodes.packetTooLarge,
  internalError: reasonCodes.unspecified,
  restarting: reasonCodes.serverShuttingDown,
  takenOver: reasonCodes.sessionTakenOver,
  slowConsumer: reasonCodes.quotaExceeded,
  tooFast: reasonCodes.messageRateTooHigh,
  silent: reasonCodes.keepAliveTimeout,
}

/** One socket speaking MQTT: bytes → packets → one session. CONNECT first, then dispatch. */
export class Connection implements SessionConnection {
  readonly context: GatewayContext
  readonly transport: Transport
  readonly topicAliases = new Map<number, Topic>()
  /** Client publications not yet answered upstream. */
  inboundInFlight = 0
  readonly #framer: PacketFramer
  readonly #outbox: Outbox
  readonly #openedAt: number
  #agreed: Agreed | undefined
  #lastHeardAt: number
  #lastSentAt: number
  #ended = false
  #unacknowledged = 0

  constructor(context: GatewayContext, transport: Transport) {
    this.context = context
    this.transport = transport
    this.#framer = new PacketFramer(context.limits.maxPacketBytes)
    this.#outbox = context.hub.createOutbox(transport)
    this.#openedAt = context.clock.now()
    this.#lastHeardAt = this.#openedAt
    this.#lastSentAt = this.#openedAt
  }

  get agreed(): Agreed | undefined {
    return this.#agreed
  }

  get version(): ProtocolVersion {
    return this.#agreed?.version ?? 4
  }

  get format(): ReturnType<typeof formatFor> {
    return formatFor(this.transport.framing, this.version)
  }

  get maxPacketBytes(): number {
    return this.#agreed?.maxPacketBytes ?? Infinity
  }

  get receiveMaximum(): number {
    return this.#agreed?.receiveMaximum ?? Infinity
  }

  /** Whether this connection was ended, by us or by the peer. */
  get ended(): boolean {
    return this.#ended
  }

  /** Bytes from the socket. One catch per connection turns surprises into a log line and a close code. */
  receive(chunk: Uint8Array): void {
    try {
      const packets = this.#framer.push(chunk)
      if (!packets.ok) {
        this.end(packets.error === 'tooLarge' ? 'tooLarge' : 'protocolError', packets.error)
        return
      }
      for (const packet of packets.value) {
        if (this.#ended) return
        this.#lastHeardAt = this.context.clock.now()
        this.#packet(packet)
      }
    } catch (error) {
      this.context.log.error({ err: errorText(error) }, 'surprise in a client connection')
      this.end('internalError')
    }
  }

  /** Called by the gateway's sweep, about once a second. */
  sweep(now: number): void {
    const { limits } = this.context
    if (this.#agreed === undefined) {
      if (now - this.#openedAt >= limits.connectTimeoutMs) this.end('silent', 'no CONNECT in time')
      return
    }
    const { keepAliveSeconds } = this.#agreed
    if (keepAliveSeconds > 0 && now - this.#lastHeardAt > keepAliveSeconds * 1500) {
      this.context.counters.keepAliveTimeouts += 1
      this.end('silent', 'keep alive')
      return
    }
    const { nudge } = this.transport.framing
    if (nudge !== undefined && now - this.#lastSentAt >= limits.idleNudgeMs) {
      this.#lastSentAt = now
      this.#outbox.offer(nudge)
    }
  }

  /** One more MQTT 3 publication that will never be acknowledged, since it did not arrive (R3). */
  leaveUnacknowledged(): void {
    this.#unacknowledged += 1
    if (this.context.hub.ready) this.endIfJammed()
  }

  /**
   * Ends a client whose window is full of publications that will never be acknowledged: only a fresh
   * connection lets it press again. While the link is down it would gain nothing, so it is kept.
   */
  endIfJammed(): void {
    if (this.#ended || this.#unacknowledged < this.context.limits.maxUnacknowledgedPresses) return
    this.context.counters.jammed += 1
    this.end('jammed')
  }

  agree(agreed: Agreed): void {
    this.#agreed = agreed
  }

  send(packet: Packet): OfferOutcome {
    const bytes = encode(packet, this.version)
    const outcome = this.offer(this.transport.framing.frame(bytes))
    if (outcome === 'slow') this.slow()
    return outcome
  }

  /** A frame of the shared format; one larger than the client takes is left out [MQTT-3.1.2-25]. */
  offer(frame: Uint8Array): OfferOutcome {
    if (frame.byteLength > this.maxPacketBytes) return 'queued'
    this.#lastSentAt = this.context.clock.now()
    return this.#outbox.offer(frame)
  }

  sendPublish(publish: OutgoingPublish): OfferOutcome {
    const bytes = encode(publishPacket(publish, this.version), this.version)
    if (bytes.byteLength > this.maxPacketBytes) {
      // As if sent and acknowledged [MQTT-3.1.2-25].
      if (publish.id !== undefined) this.#agreed?.session.acknowledged(publish.id)
      return 'queued'
    }
    return this.offer(this.transport.framing.frame(bytes))
  }

  sendPubrel(id: number): void {
    this.send(acknowledgement('pubrel', id, this.version))
  }

  slow(): void {
    if (this.#ended) return
    this.context.log.warn({ waitingBytes: this.#outbox.waitingBytes }, 'client too slow, ended')
    this.end('slowConsumer')
  }

  /** Ends the connection from our side: DISCONNECT where MQTT 5 has one, then the close code. */
  end(reason: CloseReason, detail?: string): void {
    if (this.#ended) return
    if (reason === 'protocolError') this.context.counters.protocolErrors += 1
    this.context.log.info({ closeCode: closeCodes[reason].code, reason, detail }, 'connection ended by us')
    const reasonCode = disconnectReasons[reason]
    if (this.#agreed?.version === 5 && reasonCode !== undefined) {
      this.#outbox.offer(this.transport.framing.frame(encode({ cmd: 'disconnect', reasonCode }, 5)))
    }
    this.#finish(reason !== 'restarting')
    if (reason === 'slowConsumer') this.transport.destroy()
    else this.transport.close(closeCodes[reason])
  }

  /** The client said DISCONNECT: its will is forgotten unless it asks for it (MQTT 5 reason 0x04). */
  leave(publishWill: boolean): void {
    if (this.#ended) return
    this.#finish(publishWill)
    this.transport.close(closeCodes.normal)
  }

  /** Hands a refusal over and closes, before any session exists. */
  refuse(packet: Packet, version: ProtocolVersion, reason: CloseReason): void {
    this.context.counters.refusedConnects += 1
    this.#outbox.offer(this.transport.framing.frame(encode(packet, version)))
    this.end(reason)
  }

  /** The socket is gone. */
  closed(): void {
    this.#finish(true)
  }

  #finish(publishWill: boolean): void {
    if (this.#ended) return
    this.#ended = true
    this.#outbox.flush()
    this.#outbox.close()
    const agreed = this.#agreed
    if (agreed === undefined) return
    if (publishWill && agreed.will !== undefined) {
      this.context.hub.publish(agreed.session, agreed.will, false, () => undefined)
    }
    agreed.session.detach(this)
    this.context.sessions.release(agreed.session, this, agreed.sessionExpirySeconds)
  }

  #packet(bytes: Uint8Array): void {
    const agreed = this.#agreed
    if (agreed === undefined) {
      this.#first(bytes)
      return
    }
    const packet = decode(bytes, agreed.version)
    if (!packet.ok) {
      this.end('protocolError', packet.error)
      return
    }
    this.#dispatch(packet.value, agreed)
  }

  #first(bytes: Uint8Array): void {
    if (!isConnect(bytes)) {
      this.end('protocolError', 'first packet is not CONNECT') // [MQTT-3.1.0-1]
      return
    }
    const connect = decodeConnect(bytes)
    if (connect.ok) handleConnect(this, connect.value)
    else refuseUnreadableConnect(this, connect.error)
  }

  #dispatch(packet: Packet, agreed: Agreed): void {
    switch (packet.cmd) {
      case 'publish':
        handlePublish(this, agreed, packet)
        return
      case 'pubrel':
        handlePubrel(this, agreed, packet.messageId ?? 0)
        return
      case 'puback':
        agreed.session.acknowledged(packet.messageId ?? 0)
        return
      case 'pubrec':
        this.#pubrec(agreed, packet.messageId ?? 0, packet.reasonCode ?? 0)
        return
      case 'pubcomp':
        agreed.session.completed(packet.messageId ?? 0)
        return
      case 'subscribe':
        handleSubscribe(this, agreed, packet)
        return
      case 'unsubscribe':
        handleUnsubscribe(this, agreed, packet)
        return
      case 'pingreq':
        this.send({ cmd: 'pingresp' })
        return
      case 'disconnect':
        this.#disconnect(agreed, packet.reasonCode ?? 0, packet.properties?.sessionExpiryInterval)
        return
      case 'connect':
      case 'connack':
      case 'suback':
      case 'unsuback':
      case 'pingresp':
      case 'auth':
        this.end('protocolError', packet.cmd)
        return
      default:
        packet satisfies never
    }
  }

  #pubrec(agreed: Agreed, id: number, reasonCode: number): void {
    const failed = reasonCode >= 0x80
    if (agreed.session.recorded(id, failed)) {
      if (!failed) this.sendPubrel(id)
    } else {
      this.send(acknowledgement('pubrel', id, agreed.version, reasonCodes.packetIdentifierNotFound))
    }
  }

  #disconnect(agreed: Agreed, reasonCode: number, expirySeconds: number | undefined): void {
    if (expirySeconds !== undefined) {
      // A session that was to end with the connection can't be made to stay now [MQTT-3.14.2-2].
      if (agreed.sessionExpirySeconds === 0 && expirySeconds > 0) {
        this.end('protocolError', 'session expiry set at DISCONNECT')
        return
      }
      agreed.sessionExpirySeconds = expirySeconds
    }
    this.leave(reasonCode === 0x04)
  }
}
