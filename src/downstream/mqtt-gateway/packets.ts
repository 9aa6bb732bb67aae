import type { IPublishPacket, Packet } from 'mqtt-packet'
import type { Publication, QoS } from '../../protocol/publication.ts'
import type { ProtocolVersion } from './codec.ts'
import { asBuffer } from './formats.ts'

/** MQTT 5 reason codes that we send (MQTT 5.0 section 2.4). */
export const reasonCodes = {
  success: 0x00,
  noSubscriptionExisted: 0x11,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecific: 0x83,
  unsupportedVersion: 0x84,
  clientIdNotValid: 0x85,
  badCredentials: 0x86,
  notAuthorised: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  badAuthenticationMethod: 0x8c,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdentifierInUse: 0x91,
  packetIdentifierNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  payloadFormatInvalid: 0x99,
  sharedSubscriptionsNotSupported: 0x9e,
} as const

export type ReasonCode = (typeof reasonCodes)[keyof typeof reasonCodes]

/** MQTT 3 CONNACK return codes (MQTT 3.1.1 section 3.2.2.3). */
export const returnCodes = {
  accepted: 0,
  unacceptableVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badCredentials: 4,
  notAuthorised: 5,
} as const

export type ReturnCode = (typeof returnCodes)[keyof typeof returnCodes]

/** One publication for one client, with what only that client's copy carries. */
export interface OutgoingPublish {
  readonly publication: Publication
  readonly qos: QoS
  readonly identifiers: readonly number[]
  readonly dup: boolean
  readonly id?: number
}

/** As the codec wants it; properties only where the version has them. */
export function publishPacket(publish: OutgoingPublish, version: ProtocolVersion): IPublishPacket {
  const packet: IPublishPacket = {
    cmd: 'publish',
    topic: publish.publication.topic,
    payload: asBuffer(publish.publication.payload),
    qos: publish.qos,
    dup: publish.dup,
    retain: publish.publication.retain,
  }
  if (publish.id !== undefined) packet.messageId = publish.id
  if (version === 5 && publish.identifiers.length > 0) {
    packet.properties = { subscriptionIdentifier: [...publish.identifiers] }
  }
  return packet
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP; reason and text only where the version has them. */
export function acknowledgement(
  cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp',
  messageId: number,
  version: ProtocolVersion,
  reasonCode: number = reasonCodes.success,
  reasonString?: string,
): Packet {
  if (version !== 5) return { cmd, messageId }
  return reasonString === undefined
    ? { cmd, messageId, reasonCode }
    : { cmd, messageId, reasonCode, properties: { reasonString } }
}
