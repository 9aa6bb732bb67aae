import type { Packet } from 'mqtt-packet'
import type { Principal } from '../../hub/people/permissions.ts'
import {
  closeCodes,
  withRetryHint,
  type CloseCode,
  type CloseReason,
} from '../../protocol/contract/close-codes.ts'
import type { Result } from '../../protocol/result.ts'
import type { Topic, UnsafeTopic } from '../../protocol/topic.ts'
import { errorText } from '../../support/errors.ts'
import type { MaybePromise } from '../../support/maybe-promise.ts'
import type { Leaver } from '../guests/drain.ts'
import type { Guest } from '../guests/guest-book.ts'
import { Hold } from '../guests/hold.ts'
import type { Transport, TransportEvents } from '../transport/transport.ts'
import { badText, decode, decodeConnect, isConnect, type ProtocolVersion } from './codec.ts'
import type { Agreed, Client, GatewayContext } from './client.ts'
import { handleConnect, refuseUnreadableConnect } from './handle-connect.ts'
import { handleDisconnect } from './handle-disconnect.ts'
import { handlePublish, handlePubrec, handlePubrel, refusePublish } from './handle-publish.ts'
import { handleSubscribe, handleUnsubscribe } from './handle-subscribe.ts'
import { PacketFramer } from './packet-framer.ts'
import { disconnectReasons, endsForGood } from './endings.ts'
import { delayedWill } from './will.ts'
import { Wire, type WireOwner } from './wire.ts'

/** PUBACK, which is counted only if it answers nothing. */
function isAcknowledgement(packet: Uint8Array): boolean {
  return (packet[0] ?? 0) >> 4 === 4
}

/** One socket speaking MQTT: bytes → packets → one session. CONNECT first, then dispatch. */
export class Connection implements Client, Leaver, WireOwner, TransportEvents {
  readonly context: GatewayContext
  readonly transport: Transport
  readonly guest: Guest
  readonly wire: Wire
  /** MQTT 5 topic aliases of this connection; made with the first one, since hardly any client has any. */
  topicAliases: Map<number, Result<Topic, UnsafeTopic>> | undefined
  readonly #openedAt: number
  /** Told once the socket is gone, whoever ended it. */
  onGone: (() => void) | undefined
  readonly #framer: PacketFramer
  packetBegunAt: number
  #agreed: Agreed | undefined
  #lastHeardAt: number
  #ended = false
  /** While CONNECT waits for its token to be verified. */
  #hold: Hold<Uint8Array> | undefined

  constructor(context: GatewayContext, transport: Transport) {
    this.context = context
    this.transport = transport
    this.guest = context.guests.arrive(transport.remoteAddress, this)
    this.#framer = new PacketFramer(context.limits.maxPacketBytes)
    this.#openedAt = context.clock.now()
    this.#lastHeardAt = this.#openedAt
    this.packetBegunAt = this.#openedAt
    this.wire = new Wire(context.hub, transport, context.clock, this)
  }

  slow(waitingBytes: number): void {
    if (this.#ended) return
    this.context.log.warn({ waitingBytes }, 'client too slow, ended')
    this.end('slowConsumer')
  }

  tooLarge(cmd: Packet['cmd']): void {
    // No DISCONNECT before a CONNACK [MQTT-3.14.0-1].
    this.end('tooLarge', `${cmd} larger than the client takes`, cmd !== 'connack')
  }

  /** When the last packet came. */
  get lastHeardAt(): number {
    return this.#lastHeardAt
  }

  get agreed(): Agreed | undefined {
    return this.#agreed
  }

  /** Whether this connection was ended, by us or by the peer. */
  get ended(): boolean {
    return this.#ended
  }

  violation({ code }: CloseCode): void {
    this.end(code === closeCodes.wrongFrames.code ? 'wrongFrames' : 'tooLarge', 'framing')
  }

  closed(): void {
    this.#finish(true)
    this.onGone?.()
    this.context.gone(this)
  }

  bytes(chunk: Uint8Array): void {
    this.#safely(() => {
      const now = this.context.clock.now()
      if (!this.#framer.incomplete) this.packetBegunAt = now
      const packets = this.#framer.push(chunk)
      if (!packets.ok) {
        this.end(packets.error === 'tooLarge' ? 'tooLarge' : 'protocolError', packets.error)
        return
      }
      if (packets.value.length === 0) this.#noise()
      for (const packet of packets.value) {
        if (this.#ended) return
        this.#lastHeardAt = now
        if (isAcknowledgement(packet) || this.guest.heard(packet.byteLength)) this.#packet(packet)
        else this.#flooded(packet)
        this.packetBegunAt = now
      }
    })
  }

  /** Something came that says nothing, and yet costs a look. */
  #noise(): void {
    if (!this.guest.heard(0)) this.#flooded()
  }

  /** Above its rate in whatever it sends: what it sends from now on isn't even read. */
  #flooded(bytes?: Uint8Array): void {
    this.context.counters.floods += 1
    const agreed = this.#agreed
    if (agreed !== undefined && bytes !== undefined) {
      const packet = decode(bytes, agreed.version)
      // Else it would be sent again after the next CONNECT.
      if (packet.ok && packet.value.cmd === 'publish') refusePublish(this, agreed, packet.value)
    }
    this.end('tooFast', 'flood')
    this.transport.stopReading()
  }

  /**
   * Handles nothing more until `known` is; then `use`, and after it what came meanwhile, in order. What waits is
   * bounded; CONNECT's deadline holds as before.
   */
  holdUntil<T>(known: MaybePromise<T>, use: (value: T) => void): void {
    this.#hold = Hold.until(known, (value) => this.#safely(() => use(value)), {
      maxBytes: this.context.limits.maxWebSocketMessageBytes,
      handle: (packet: Uint8Array) => this.#safely(() => this.#packet(packet)),
    })
  }

  /** Called by the gateway's sweep, about once a second. */
  sweep(now: number): void {
    const { limits } = this.context
    if (this.#agreed === undefined) {
      if (now - this.#openedAt >= limits.connectTimeoutMs) this.end('noStart')
      return
    }
    const { keepAliveSeconds } = this.#agreed
    if (keepAliveSeconds > 0 && now - this.#lastHeardAt > keepAliveSeconds * 1500) {
      this.context.counters.keepAliveTimeouts += 1
      this.end('silent', 'keep alive')
      return
    }
    this.wire.nudge(now, limits.idleNudgeMs)
  }

  /** Who is on this connection, once CONNECT has settled it. */
  get principal(): Principal | undefined {
    return this.#agreed?.session.principal
  }

  agree(agreed: Agreed): void {
    this.#agreed = agreed
  }

  /**
   * Ends a client whose window is full of publications that an outage left without an answer: only a fresh connection
   * lets it press again (Paho Java sends 10 at once). While the link is down it would gain nothing, so it is kept (R3).
   */
  endIfJammed(): void {
    const unacknowledged = this.#agreed?.guard.unacknowledged ?? 0
    if (this.#ended || unacknowledged < this.context.limits.maxUnacknowledgedPresses) return
    this.context.counters.jammed += 1
    this.end('jammed')
  }

  /** Ends the connection from our side: DISCONNECT where MQTT 5 has one, then the close code. */
  end(reason: CloseReason, detail?: string, mayDisconnect = true): void {
    if (this.#ended) return
    if (reason === 'protocolError' || reason === 'badText') this.context.counters.protocolErrors += 1
    this.context.log.info({ closeCode: closeCodes[reason].code, reason, detail }, 'connection ended by us')
    const reasonCode = disconnectReasons[reason]
    const says = mayDisconnect && reason !== 'slowConsumer'
    if (this.#agreed?.version === 5 && reasonCode !== undefined && says) {
      const why = closeCodes[reason].reason
      const reasonString = detail === undefined ? why : `${why}: ${detail}`
      this.wire.send({
        cmd: 'disconnect',
        reasonCode,
        ...(this.#agreed.wantsReasons ? { properties: { reasonString } } : {}),
      })
    }
    if (this.#agreed !== undefined && endsForGood.has(reason)) this.#agreed.sessionExpirySeconds = 0
    this.#finish(reason !== 'restarting' && !endsForGood.has(reason))
    if (reason === 'slowConsumer') this.transport.destroy()
    else this.transport.close(closeCodes[reason])
  }

  /** Whether it waits for the acknowledgement of a publication. */
  get busy(): boolean {
    return !this.#ended && (this.#agreed?.guard.inFlight ?? 0) > 0
  }

  /**
   * The bridge stops: says so where the transport has words for it, and when to come back; no DISCONNECT (endings.ts).
   * The last will stays unsaid, since the client is well.
   */
  leave(reason: CloseCode, retryInMs: number): void {
    if (this.#ended) return
    const close = withRetryHint(reason, retryInMs)
    this.context.log.debug({ closeCode: close.code, retryInMs: Math.round(retryInMs) }, 'client sent away')
    this.#finish(false)
    this.transport.close(close)
  }

  left(publishWill: boolean): void {
    if (this.#ended) return
    this.#finish(publishWill)
    this.transport.close(closeCodes.normal)
  }

  /** There is no place for it, whoever it is, or others need its place more. */
  giveWay(): void {
    this.context.counters.tooManyClients += 1
    this.end('full')
  }

  /** Hands a refusal over and closes, before any session exists. */
  refuse(packet: Packet, version: ProtocolVersion, reason: CloseReason): void {
    this.context.counters.refusedConnects += 1
    this.wire.send(packet, version)
    this.end(reason)
    if (reason === 'tooFast') this.transport.stopReading()
  }

  #finish(publishWill: boolean): void {
    if (this.#ended) return
    this.#ended = true
    this.guest.leave()
    this.context.hub.settle()
    this.wire.finish()
    const agreed = this.#agreed
    if (agreed === undefined) return
    const { session, sessionExpirySeconds } = agreed
    const will = publishWill ? delayedWill(this.context.hub, session, agreed.will) : undefined
    if (will?.delaySeconds === 0) will.publish()
    session.detach(this.wire)
    const later = will === undefined || will.delaySeconds === 0 ? undefined : will
    this.context.sessions.release(session, this, sessionExpirySeconds, later)
  }

  /** One catch per connection turns surprises into a log line and a close code. Once it is ended, nothing is done. */
  #safely(work: () => void): void {
    if (this.#ended) return
    try {
      work()
    } catch (error) {
      this.context.log.error({ err: errorText(error) }, 'surprise in a client connection')
      this.end('internalError')
    }
  }

  #packet(bytes: Uint8Array): void {
    if (this.#hold?.on === true) {
      // Copied, since the memory belongs to the socket's next read.
      if (!this.#hold.add(bytes.slice(), bytes.byteLength)) this.end('tooFast', 'too much before CONNACK')
      return
    }
    const agreed = this.#agreed
    if (agreed === undefined) {
      this.#first(bytes)
      return
    }
    const packet = decode(bytes, agreed.version)
    if (packet.ok) this.#dispatch(packet.value, agreed)
    else this.end(packet.error === badText ? 'badText' : 'protocolError', packet.error)
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
        // Those that answer us are as many as we asked for.
        if (!agreed.session.acknowledged(packet.messageId ?? 0)) this.#noise()
        return
      case 'pubrec':
        handlePubrec(this, agreed, packet.messageId ?? 0)
        return
      case 'pubcomp':
        return
      case 'subscribe':
        agreed.guard.queue.subscribed(this.context.clock.now())
        handleSubscribe(this, agreed, packet)
        return
      case 'unsubscribe':
        agreed.guard.queue.subscribed(this.context.clock.now())
        handleUnsubscribe(this, agreed, packet)
        return
      case 'pingreq':
        this.wire.send({ cmd: 'pingresp' })
        return
      case 'disconnect':
        handleDisconnect(this, agreed, packet)
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
}
