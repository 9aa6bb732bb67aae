import type { Hub } from '../../hub/hub.ts'
import type { Principal } from '../../hub/permissions.ts'
import type { Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import type { Authenticate } from '../authenticate.ts'
import type { ClientLimits } from '../limits.ts'
import type { Connection } from './connection.ts'
import type { MqttSession } from './session.ts'

/** What every connection of one gateway shares. */
export interface GatewayContext {
  readonly hub: Hub
  readonly clock: Clock
  readonly log: Logger
  readonly limits: ClientLimits
  readonly random: () => number
  readonly authenticate: Authenticate
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
  /** MQTT 3 clients ended since an outage left their window full of unacknowledged presses. */
  jammed: number
}

/** Which session and connection own a client ID. */
export interface SessionRegistry {
  /** The session of this client ID, to resume or to end. */
  find(
    clientId: string,
  ): { readonly session: MqttSession; readonly connection: Connection | undefined } | undefined
  /** Makes a session and opens it in the hub; an older one of the same client ID is ended first. */
  create(clientId: string, principal: Principal, connection: Connection): MqttSession
  /** The connection now owns the session. */
  attach(session: MqttSession, connection: Connection): void
  /** The connection is gone; the session stays for `expirySeconds` (0: ends now). */
  release(session: MqttSession, connection: Connection, expirySeconds: number): void
}
