import type { IConnackPacket, IConnectPacket } from 'mqtt-packet'
import type { Principal } from '../../hub/people/permissions.ts'
import { whoIs, type Known } from '../guests/authenticate.ts'
import type { AdmissionRefusal } from '../guests/guest-book.ts'
import { kindFromClientId } from '../../hub/people/presence.ts'
import { bridgeMark } from '../../protocol/contract/bridge-mark.ts'
import type { CloseReason } from '../../protocol/contract/close-codes.ts'
import { badText, type ProtocolVersion } from './codec.ts'
import type { Agreed, Client } from './client.ts'
import { reasonCodes, returnCodes, type ReasonCode, type ReturnCode } from './packets.ts'
import { PublishGuard } from './publish-guard.ts'
import { ownerOf, sessionKey } from './session-key.ts'
import type { MqttSession } from './session.ts'
import { readWill, type Will } from './will.ts'

interface Refusal {
  readonly v3: ReturnCode
  readonly v5: ReasonCode
  readonly reason: CloseReason
  readonly text: string
}

const refusals = {
  unauthorised: {
    v3: returnCodes.badCredentials,
    v5: reasonCodes.badCredentials,
    reason: 'unauthorised',
    text: 'user name or password refused: use the same ones as for the broker',
  },
  clientId: {
    v3: returnCodes.identifierRejected,
    v5: reasonCodes.clientIdNotValid,
    reason: 'protocolError',
    text: 'an empty client id needs a clean session',
  },
  busy: {
    v3: returnCodes.serverUnavailable,
    v5: reasonCodes.serverBusy,
    reason: 'full',
    text: 'too many wrong passwords are being tried: try again in some seconds',
  },
  full: {
    v3: returnCodes.serverUnavailable,
    v5: reasonCodes.serverBusy,
    reason: 'full',
    text: 'too many clients, in all, from this address or on this seat',
  },
  tooFast: {
    v3: returnCodes.serverUnavailable,
    v5: reasonCodes.serverBusy,
    reason: 'tooFast',
    text: 'sent without end a moment ago: come back in a minute',
  },
  authentication: {
    v3: returnCodes.notAuthorised,
    v5: reasonCodes.badAuthenticationMethod,
    reason: 'unauthorised',
    text: 'only user name and password are understood',
  },
  /** MQTT 5 sections 3.1.2.11.3 and 3.1.2.11.4. */
  zero: {
    v3: returnCodes.serverUnavailable,
    v5: reasonCodes.protocolError,
    reason: 'protocolError',
    text: 'Maximum Packet Size and Receive Maximum may not be 0',
  },
  will: {
    v3: returnCodes.serverUnavailable,
    v5: reasonCodes.topicNameInvalid,
    reason: 'protocolError',
    text: 'the will has no valid topic',
  },
} as const satisfies Record<string, Refusal>

const refusalCounters = { busy: 'loginsBlocked', full: 'tooManyClients', tooFast: 'floods' } as const

/** CONNECT: who is it. A seat's token takes a moment to verify. Answers CONNACK in every case. */
export function handleConnect(connection: Client, packet: IConnectPacket): void {
  const { context } = connection
  const version = packet.protocolVersion ?? 4
  if (packet.properties?.maximumPacketSize === 0 || packet.properties?.receiveMaximum === 0) {
    refuse(connection, version, refusals.zero)
    return
  }
  // Before anything is answered: a refusal must fit, too [MQTT-3.1.2-24].
  connection.wire.agree({
    version,
    maxPacketBytes:
      packet.properties?.maximumPacketSize ?? (isSmallBox(packet.clientId) ? smallBoxPacketBytes : Infinity),
    receiveMaximum: packet.properties?.receiveMaximum ?? Infinity,
  })
  if (packet.properties?.authenticationMethod !== undefined) {
    refuse(connection, version, refusals.authentication)
    return
  }
  const will = readWill(packet)
  if (will === 'bad') {
    refuse(connection, version, refusals.will)
    return
  }
  const clean = packet.clean ?? true
  // MQTT 3: an empty id only with a clean session [MQTT-3.1.3-8]; MQTT 5 gets one assigned.
  if (packet.clientId === '' && version !== 5 && !clean) {
    refuse(connection, version, refusals.clientId)
    return
  }
  const client = packet.clientId === '' ? assignedClientId(context.random) : packet.clientId
  const { username, password, clientId } = packet
  const shown = { username, password, clientId }
  const login = whoIs(context.entrance, shown, context.guests.logins, connection.guest.address)
  const admission = connection.guest.admit(login, (known) => ({
    principal: asBridge(known, client),
    anonymous: known.anonymous,
    client,
  }))
  connection.holdUntil(admission, (admitted) => {
    if (admitted.kind === 'in')
      begin(connection, packet, admitted.principal, { clientId: client, clean, will })
    else refuseAdmission(connection, version, admitted.reason)
  })
}

function refuseAdmission(connection: Client, version: ProtocolVersion, reason: AdmissionRefusal): void {
  const { counters, log } = connection.context
  if (reason === 'unauthorised')
    log.warn({ address: connection.guest.address }, 'client refused: user name or password')
  else counters[refusalCounters[reason]] += 1
  refuse(connection, version, refusals[reason])
}

/** The client ID of a bridge's connection (bridge/parts.ts): its name, and what tells its processes apart. */
const bridgeId = /^owlcms-bridge-([a-z0-9-]{1,40})-[a-z0-9]{6}(?:-sends)?$/

/** Who showed the broker's password and calls itself a bridge speaks for one; without a password anybody could. */
function asBridge({ principal, anonymous }: Known, clientId: string): Principal {
  const bridge = bridgeId.exec(clientId)?.[1]
  return principal.kind === 'device' && !anonymous && bridge !== undefined
    ? { ...principal, bridge }
    : principal
}

/** CONNECT of somebody who is in: which session, what holds for this connection. */
function begin(
  connection: Client,
  packet: IConnectPacket,
  principal: Principal,
  { clientId, clean, will }: { clientId: string; clean: boolean; will: Will | undefined },
): void {
  const { context } = connection
  const version = packet.protocolVersion ?? 4
  context.hub.settle()
  const { session, present, duplicate } = takeSession(connection, principal, clientId, clean)
  const agreed = agree(connection, packet, { version, session, will })
  connection.agree(agreed)
  context.sessions.attach(session, connection, { clientId, duplicate })
  session.attach(connection.wire, context.limits.maxOutboundInFlight)
  context.counters.connects += 1
  context.log.info({ version, transport: connection.transport.framing.name }, 'client connected')
  connection.wire.send(connack(connection, packet, agreed, present, clientId))
  session.resume()
}

/** A CONNECT that can't be read: an unknown version gets the answer MQTT has for it, the rest is cut. */
export function refuseUnreadableConnect(connection: Client, fault: string): void {
  if (fault !== 'Invalid protocol version') {
    connection.end(fault === badText ? 'badText' : 'protocolError', fault)
    return
  }
  // [MQTT-3.1.2-2]: the 3.1.1 form, which every client understands.
  const packet: IConnackPacket = {
    cmd: 'connack',
    sessionPresent: false,
    returnCode: returnCodes.unacceptableVersion,
  }
  connection.refuse(packet, 4, 'protocolError')
}

function refuse(connection: Client, version: ProtocolVersion, refusal: Refusal): void {
  const packet: IConnackPacket =
    version === 5
      ? {
          cmd: 'connack',
          sessionPresent: false,
          reasonCode: refusal.v5,
          properties: { reasonString: refusal.text },
        }
      : { cmd: 'connack', sessionPresent: false, returnCode: refusal.v3 }
  connection.refuse(packet, version, refusal.reason)
}

function takeSession(
  connection: Client,
  principal: Principal,
  clientId: string,
  clean: boolean,
): { readonly session: MqttSession; readonly present: boolean; readonly duplicate: boolean } {
  const { sessions, counters, random } = connection.context
  const key = sessionKey(principal, clientId)
  const before = sessions.find(key)
  if (before?.connection !== undefined) {
    if (clean && sessions.fought(key)) {
      if (principal.kind === 'seat') sessions.keepLastHeard(key)
      const second = `${key} (${assignedClientId(random)})`
      return {
        session: sessions.create({ key: second, name: key, principal }),
        present: false,
        duplicate: true,
      }
    }
    counters.takeovers += 1
    sessions.takeOver(key)
  }
  const kept = clean ? undefined : sessions.find(key)?.session
  // A client ID is no proof: a session belongs to whoever made it, and what was subscribed stays within its rights.
  if (kept === undefined || ownerOf(kept.principal) !== ownerOf(principal)) {
    return { session: sessions.create({ key, principal }), present: false, duplicate: false }
  }
  kept.principal = principal
  return { session: kept, present: true, duplicate: false }
}

function agree(
  connection: Client,
  packet: IConnectPacket,
  known: Pick<Agreed, 'version' | 'session' | 'will'>,
): Agreed {
  const { limits, clock } = connection.context
  const wanted = packet.keepalive ?? 0
  const { properties } = packet
  // Only MQTT 5 can be told another keep alive [MQTT-3.2.2-21]; MQTT 3 keeps its own.
  const shorten = known.version === 5 && (wanted === 0 || wanted > limits.maxKeepAliveSeconds)
  const clean = packet.clean ?? true
  const expiry = known.version === 5 ? (properties?.sessionExpiryInterval ?? 0) : clean ? 0 : Infinity
  return {
    ...known,
    keepAliveSeconds: shorten ? limits.maxKeepAliveSeconds : wanted,
    guard: new PublishGuard(limits, clock.now()),
    wantsReasons: properties?.requestProblemInformation ?? true,
    sessionExpirySeconds: Math.min(expiry, limits.maxSessionExpirySeconds),
  }
}

function connack(
  connection: Client,
  packet: IConnectPacket,
  agreed: Agreed,
  sessionPresent: boolean,
  clientId: string,
): IConnackPacket {
  if (agreed.version !== 5) {
    // MQTT 3.1 has no session present flag: its byte is reserved (section 3.2).
    const present = agreed.version === 4 && sessionPresent
    return { cmd: 'connack', sessionPresent: present, returnCode: returnCodes.accepted }
  }
  const { limits } = connection.context
  return {
    cmd: 'connack',
    sessionPresent,
    reasonCode: reasonCodes.success,
    properties: {
      receiveMaximum: limits.maxInboundInFlight,
      maximumPacketSize: limits.maxPacketBytes,
      topicAliasMaximum: limits.maxTopicAliases,
      retainAvailable: true,
      sharedSubscriptionAvailable: false,
      userProperties: { ...bridgeMark },
      ...(packet.clientId === '' ? { assignedClientIdentifier: clientId } : {}),
      ...(agreed.keepAliveSeconds === (packet.keepalive ?? 0)
        ? {}
        : { serverKeepAlive: agreed.keepAliveSeconds }),
      ...(agreed.sessionExpirySeconds === (packet.properties?.sessionExpiryInterval ?? 0)
        ? {}
        : { sessionExpiryInterval: agreed.sessionExpirySeconds }),
    },
  }
}

/** PubSubClient drops longer packets without a word (docs/owlcms.md 5.5); boxes with it are told by their client ID. */
const smallBoxPacketBytes = 256

function isSmallBox(clientId: string): boolean {
  return kindFromClientId(clientId) === 'ESP32 or M5Stack box'
}

function assignedClientId(random: () => number): string {
  return `auto-${Math.floor(random() * 2 ** 48)
    .toString(36)
    .padStart(10, '0')}`
}
