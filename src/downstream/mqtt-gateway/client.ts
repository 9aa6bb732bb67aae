import type { Hub } from '../../hub/hub.ts'
import type { Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import type { Entrance } from '../guests/authenticate.ts'
import type { Guest, GuestBook } from '../guests/guest-book.ts'
import type { ClientLimits } from '../../support/limits.ts'
import type { MaybePromise } from '../../support/maybe-promise.ts'
import type { MqttSession, SessionOwner } from './session.ts'
import type { Result } from '../../protocol/result.ts'
import type { Topic, UnsafeTopic } from '../../protocol/topic.ts'
import type { CloseReason } from '../../protocol/contract/close-codes.ts'
import type { Packet } from 'mqtt-packet'
import type { Transport } from '../transport/transport.ts'
import type { ProtocolVersion } from './codec.ts'
import type { PublishGuard } from './publish-guard.ts'
import type { DelayedWill, Will } from './will.ts'
import type { Wire } from './wire.ts'

/** What CONNECT settled. */
export interface Agreed {
  readonly version: ProtocolVersion
  readonly session: MqttSession
  /** Seconds; 0 means none. Silence past one and a half times this ends the connection [MQTT-3.1.2-22]. */
  readonly keepAliveSeconds: number
  /** Whether the client wants reason strings (MQTT 5 Request Problem Information). */
  readonly wantsReasons: boolean
  readonly will: Will | undefined
  /** What is suspicious about this client's publications: their rate, and those of an offline queue. */
  readonly guard: PublishGuard
  sessionExpirySeconds: number
}

/** One connected client, as the handlers of its packets know it; the promises are those of connection.ts. */
export interface Client {
  readonly context: GatewayContext
  readonly transport: Transport
  /** Its entry in the guest book. */
  readonly guest: Guest
  readonly wire: Wire
  /** MQTT 5 topic aliases of this connection; made with the first one, since hardly any client has any. */
  topicAliases: Map<number, Result<Topic, UnsafeTopic>> | undefined
  readonly agreed: Agreed | undefined
  /** Whether this connection was ended, by us or by the peer. */
  readonly ended: boolean
  /** When the client was last heard, a moment of the clock. */
  readonly lastHeardAt: number
  /** When the first byte of the packet in hand came: MQTT.js sends one in five pieces, each read in a turn of its own. */
  readonly packetBegunAt: number
  /** Called once when the connection is gone. */
  onGone: (() => void) | undefined
  /** Handles nothing more until `known` is; then `use`, and after it what came meanwhile, in order. */
  holdUntil<T>(known: MaybePromise<T>, use: (value: T) => void): void
  agree(agreed: Agreed): void
  endIfJammed(): void
  /** Ends the connection from our side: DISCONNECT where MQTT 5 has one, then the close code. */
  end(reason: CloseReason, detail?: string): void
  refuse(packet: Packet, version: ProtocolVersion, reason: CloseReason): void
  /** The client said that it goes: its will is forgotten, unless it is to be published all the same. */
  left(publishWill: boolean): void
}

/** What every connection of one gateway shares. */
export interface GatewayContext {
  readonly hub: Hub
  readonly clock: Clock
  readonly log: Logger
  readonly limits: ClientLimits
  readonly random: () => number
  readonly guests: GuestBook
  readonly entrance: Entrance
  readonly sessions: SessionRegistry
  readonly counters: GatewayCounters
  /** The client's socket is gone. */
  gone(client: Client): void
  /** owlcms, which is a client where this bridge is its broker, listens (again). */
  owlcmsBack(): void
}

/** Running totals of the gateway since start. */
export interface GatewayCounters {
  connects: number
  refusedConnects: number
  takeovers: number
  protocolErrors: number
  keepAliveTimeouts: number
  /** Publications refused since their seat, device or address sends too many a second. */
  overRate: number
  /** Clients refused since there were too many, in all, from one address or on one seat, or that spoke too late. */
  tooManyClients: number
  /** Clients ended since they sent without end, and CONNECTs refused after that. */
  floods: number
  /** CONNECTs refused unread since too many wrong passwords were tried. */
  loginsBlocked: number
  /** MQTT 3 clients ended since an outage left their window full of unacknowledged presses. */
  jammed: number
}

/** What presence is told of a client. */
export interface ClientFacts {
  readonly clientId: string
  readonly duplicate: boolean
}

/** Which session and connection own a client ID. */
export interface SessionRegistry {
  /** The session of this key, to resume or to end. */
  find(key: string): { readonly session: MqttSession; readonly connection: Client | undefined } | undefined
  /** Makes a session and opens it in the hub; an older one of the same key is ended first. */
  create(owner: SessionOwner): MqttSession
  /**
   * Whether two live clients have been taking this session's key from each other again and again. Then both may
   * stay: ESP32 boxes draw their ID from a thousand and would kick each other for ever (docs/owlcms.md 1.7).
   */
  fought(key: string): boolean
  /** Ends all connections of this name but the one heard last: only one more sits on a seat, and may be an old line too. */
  keepLastHeard(name: string): void
  /** Ends the connection that has this key: another client came under it [MQTT-3.1.4-3]. */
  takeOver(key: string): void
  /** The connection now owns the session. */
  attach(session: MqttSession, connection: Client, facts: ClientFacts): void
  /**
   * The connection is gone; the session stays for `expirySeconds` (0: ends now). Its will is published after its delay
   * or when the session ends, whichever is first, and never if a connection to the session comes before [MQTT-3.1.3-9].
   */
  release(session: MqttSession, connection: Client, expirySeconds: number, will?: DelayedWill): void
}
