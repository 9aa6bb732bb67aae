import type { Hub } from '../../hub/hub.ts'
import type { Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import type { Authenticate } from '../guests/authenticate.ts'
import type { ClientLimits } from '../../support/limits.ts'
import type { LoginLimiter } from '../../support/login-limiter.ts'
import type { Connection } from './connection.ts'
import type { MqttSession, SessionOwner } from './session.ts'

/** What every connection of one gateway shares. */
export interface GatewayContext {
  readonly hub: Hub
  readonly clock: Clock
  readonly log: Logger
  readonly limits: ClientLimits
  readonly random: () => number
  readonly authenticate: Authenticate
  readonly logins: LoginLimiter
  readonly sessions: SessionRegistry
  readonly counters: GatewayCounters
}

/** Running totals of the gateway since start. */
export interface GatewayCounters {
  connects: number
  refusedConnects: number
  takeovers: number
  protocolErrors: number
  keepAliveTimeouts: number
  /** Publications refused since their client sends too many a second. */
  overRate: number
  /** Clients refused since there were too many, in all or from one address. */
  tooManyClients: number
  /** CONNECTs refused unread since too many wrong passwords came from that address. */
  loginsBlocked: number
  /** MQTT 3 clients ended since an outage left their window full of unacknowledged presses. */
  jammed: number
}

/** What presence is told of a client. */
export interface ClientFacts {
  readonly clientId: string
  readonly duplicate: boolean
}

/** A will that waits for its delay. */
export interface DelayedWill {
  readonly delaySeconds: number
  /** Called at most once. */
  readonly publish: () => void
}

/** Which session and connection own a client ID. */
export interface SessionRegistry {
  /** The session of this key, to resume or to end. */
  find(
    key: string,
  ): { readonly session: MqttSession; readonly connection: Connection | undefined } | undefined
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
  attach(session: MqttSession, connection: Connection, facts: ClientFacts): void
  /**
   * The connection is gone; the session stays for `expirySeconds` (0: ends now). Its will is published after its delay
   * or when the session ends, whichever is first, and never if a connection to the session comes before [MQTT-3.1.3-9].
   */
  release(session: MqttSession, connection: Connection, expirySeconds: number, will?: DelayedWill): void
}
