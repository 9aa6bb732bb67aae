import type { IPublishPacket } from 'mqtt-packet'
import type { PressOutcome } from '../../hub/hub.ts'
import type { Publication } from '../../protocol/publication.ts'
import { err, type Result } from '../../protocol/result.ts'
import { isUnsafe, parseTopic, type Topic, type UnsafeTopic } from '../../protocol/topic.ts'
import { outcomeWords, type Refusal } from '../guests/outcome-words.ts'
import { asBuffer } from './formats.ts'
import type { Agreed, Client } from './client.ts'
import { acknowledgement, reasonCodes } from './packets.ts'

/** PUBLISH from a client: passed on at once or refused; acknowledged only after the broker did (R1, R3). */
export function handlePublish(connection: Client, agreed: Agreed, packet: IPublishPacket): void {
  const topic = topicOf(connection, agreed, packet)
  if (topic === undefined) return
  const id = packet.messageId ?? 0
  if (packet.qos > 0 && id === 0) {
    connection.end('protocolError', 'packet identifier 0') // [MQTT-2.3.1-1]
    return
  }
  const { guard, session } = agreed
  const { hub, counters } = connection.context
  const queued = guard.queue.heard(connection.packetBegunAt)
  const answering: Answering = { connection, agreed, id, queued }
  if (packet.qos === 2 && repeated(answering)) return
  // QoS 2 stays open until PUBREL, so those count too; QoS 0 never does.
  if (
    packet.qos > 0 &&
    guard.inFlight + (session.qos2?.received.size ?? 0) >= connection.context.limits.maxInboundInFlight
  ) {
    connection.end('tooFast', 'receive maximum') // [MQTT-3.3.4-7]
    return
  }
  if (packet.qos > 0) guard.inFlight += 1
  if (packet.qos === 2) session.openQos2().receiving.set(id, (outcome) => answer(answering, 2, outcome))
  const settled = (outcome: PressOutcome): void => {
    if (guard.crossesIntoRefusal(outcome)) logRefusal(connection, outcome)
    if (packet.qos === 0) return
    guard.inFlight -= 1
    if (packet.qos === 1) {
      answer(answering, 1, outcome)
      return
    }
    const { receiving, received } = session.openQos2()
    const tell = receiving.get(id)
    receiving.delete(id)
    // Noted even if the client is gone: a kept session must not pass it on again [MQTT-4.3.3-2].
    if (outcome.kind === 'delivered') received.add(id)
    tell?.(outcome)
  }
  session.hasPublished = true
  // owlcms's words are bounded as messages, not as presses.
  const overRate = session.principal.kind !== 'owlcms' && !connection.guest.mayPress()
  if (overRate) counters.overRate += 1
  if (!topic.ok) {
    settled(hub.refuseTopic(session))
    return
  }
  const publication: Publication = {
    topic: topic.value,
    // Copied: the packet's bytes belong to the socket's next read.
    payload: new Uint8Array(payloadBytes(packet)),
    qos: packet.qos,
    // The hub says on which topics it means something.
    retain: packet.retain,
  }
  hub.publish(session, publication, { redelivered: packet.dup, flushed: queued, overRate }, settled)
}

/** PUBLISH that is one too many: not passed on, and answered so if it waits for an answer. */
export function refusePublish(connection: Client, agreed: Agreed, packet: IPublishPacket): void {
  const { qos, messageId: id = 0 } = packet
  connection.context.counters.overRate += 1
  if (qos > 0 && id > 0)
    answer({ connection, agreed, id, queued: false }, qos === 2 ? 2 : 1, { kind: 'tooFast' })
}

/** Once per crossing, and never with the payload: a vote may be secret. */
function logRefusal(connection: Client, outcome: PressOutcome): void {
  const why = 'why' in outcome ? outcome.why : undefined
  connection.context.log.warn({ outcome: outcome.kind, why }, 'publication not passed on')
}

/** PUBREL: the client has let go of a QoS 2 publication [MQTT-4.3.3-2]. */
export function handlePubrel(connection: Client, agreed: Agreed, id: number): void {
  const { queue } = agreed.guard
  const queued = queue.released(connection.packetBegunAt)
  const known = agreed.session.qos2?.received.delete(id) ?? false
  const reasonCode = known ? reasonCodes.success : reasonCodes.packetIdentifierNotFound
  connection.wire.send(acknowledgement('pubcomp', id, agreed.version, reasonCode))
  if (queued) queue.answered(connection.context.clock.now())
}

/** PUBREC: of nothing that we know, since nothing is delivered at QoS 2 (handle-subscribe.ts). */
export function handlePubrec(connection: Client, { version }: Agreed, id: number): void {
  connection.wire.send(acknowledgement('pubrel', id, version, reasonCodes.packetIdentifierNotFound))
}

/** Whom to answer, on the connection that the publication came by last. */
interface Answering {
  readonly connection: Client
  readonly agreed: Agreed
  readonly id: number
  /** It may come from the client's offline queue, so that MQTT.js says nothing more until it has its answer. */
  readonly queued: boolean
}

/**
 * A QoS 2 publication that was passed on before is answered again, never passed on again. One that a kept session
 * sent on its connection before, and that nobody has answered yet, is answered on this one.
 */
function repeated(answering: Answering): boolean {
  const { qos2 } = answering.agreed.session
  if (qos2 === undefined) return false
  if (qos2.received.has(answering.id)) {
    acknowledge(answering, 2)
    return true
  }
  if (!qos2.receiving.has(answering.id)) return false
  qos2.receiving.set(answering.id, (outcome) => answer(answering, 2, outcome))
  return true
}

function answer(answering: Answering, qos: 1 | 2, outcome: PressOutcome): void {
  const { connection, agreed, queued } = answering
  if (connection.ended) return
  // The light check's presses have arrived where they were meant to.
  if (outcome.kind === 'delivered' || outcome.kind === 'drill') {
    acknowledge(answering, qos)
  } else if (agreed.version === 5) {
    const text = agreed.wantsReasons ? outcomeWords(outcome).text : undefined
    acknowledge(answering, qos, codeOf(outcome), text)
  } else if (queued || !ofTheLink(outcome)) {
    // MQTT 3 has no word for "no", and MQTT.js is deaf and mute after its next reconnect until everything it has
    // stored is answered. It was dropped for good, counted and shown; this only ends the sending again (R3).
    acknowledge(answering, qos)
  } else {
    agreed.guard.unacknowledged += 1
    // Without owlcms a fresh connection would gain nothing.
    const owlcmsAway = outcome.kind === 'offline' && outcome.why === 'noOwlcms'
    if (connection.context.hub.ready && !owlcmsAway) connection.endIfJammed()
  }
}

/** Refused by the state of the link to the broker, so that an acknowledgement would be a lie (R3). */
function ofTheLink({ kind }: PressOutcome): boolean {
  return kind === 'offline' || kind === 'lost'
}

/** PUBACK or PUBREC. */
function acknowledge(
  { connection, agreed, id, queued }: Answering,
  qos: 1 | 2,
  code: number = reasonCodes.success,
  text?: string,
): void {
  // What MQTT 5 refuses is over with it; all else waits for PUBREL [MQTT-4.3.3-2].
  if (qos === 2 && code === reasonCodes.success) agreed.session.openQos2().received.add(id)
  connection.wire.send(acknowledgement(qos === 1 ? 'puback' : 'pubrec', id, agreed.version, code, text))
  if (queued) agreed.guard.queue.answered(connection.context.clock.now())
}

/** The MQTT 5 reason code that goes with a refusal. */
function codeOf(outcome: Refusal): number {
  switch (outcome.kind) {
    case 'tooFast':
      return reasonCodes.quotaExceeded
    case 'denied':
      return outcome.why === 'unsafeTopic' ? reasonCodes.topicNameInvalid : reasonCodes.notAuthorised
    case 'invalid':
      return reasonCodes.payloadFormatInvalid
    case 'refused':
      return outcome.reasonCode
    case 'offline':
    case 'lost':
    case 'deaf':
    case 'tooLate':
    case 'redelivered':
    case 'held':
      return reasonCodes.implementationSpecific
    default:
      return outcome satisfies never
  }
}

/** A fault: to be refused; undefined: the connection was ended. */
function topicOf(
  connection: Client,
  agreed: Agreed,
  packet: IPublishPacket,
): Result<Topic, UnsafeTopic> | undefined {
  const alias = packet.properties?.topicAlias
  if (alias !== undefined && (alias === 0 || alias > connection.context.limits.maxTopicAliases)) {
    connection.end('protocolError', 'topic alias') // [MQTT-3.3.2-9]
    return undefined
  }
  if (packet.topic === '' && alias !== undefined && agreed.version === 5) {
    const known = connection.topicAliases?.get(alias)
    if (known === undefined) connection.end('protocolError', 'unknown topic alias')
    return known
  }
  const parsed = parseTopic(packet.topic)
  const topic = parsed.ok ? parsed : isUnsafe(parsed.error) ? err(parsed.error) : undefined
  if (topic === undefined) {
    connection.end('protocolError', parsed.ok ? undefined : `topic ${parsed.error}`) // [MQTT-3.3.2-2]
    return undefined
  }
  if (alias !== undefined) {
    connection.topicAliases ??= new Map()
    connection.topicAliases.set(alias, topic)
  }
  return topic
}

function payloadBytes(packet: IPublishPacket): Uint8Array {
  return typeof packet.payload === 'string' ? Buffer.from(packet.payload) : asBuffer(packet.payload)
}
