import type { ISubscribePacket, ISubscription, IUnsubscribePacket } from 'mqtt-packet'
import type { Hub } from '../../hub/hub.ts'
import type { SubscriptionOptions } from '../../hub/routing/subscription-index.ts'
import type { QoS } from '../../protocol/publication.ts'
import { parseTopicFilter, type TopicFilter } from '../../protocol/topic.ts'
import { defined } from '../../protocol/defined.ts'
import type { Agreed, Client } from './client.ts'
import { reasonCodes } from './packets.ts'
import type { MqttSession } from './session.ts'

/** MQTT 3's only word for a refused subscription [MQTT-3.9.3-2]. */
const failure = 0x80

/** SUBSCRIBE: each filter is granted or refused by itself; one SUBACK answers all [MQTT-3.8.4-5]. */
export function handleSubscribe(connection: Client, agreed: Agreed, packet: ISubscribePacket): void {
  const id = wellFormedId(connection, packet, packet.subscriptions)
  if (id === undefined) return
  const identifier = packet.properties?.subscriptionIdentifier
  const retained: (() => void)[] = []
  const granted = packet.subscriptions.map((wanted) =>
    subscribe(connection, agreed, wanted, identifier, retained),
  )
  connection.wire.send({ cmd: 'suback', messageId: id, granted })
  for (const deliver of retained) deliver()
  if (agreed.session.principal.kind === 'owlcms') connection.context.owlcmsBack()
}

/** UNSUBSCRIBE: always answered, also when there was nothing to end [MQTT-3.10.4-5]. */
export function handleUnsubscribe(connection: Client, agreed: Agreed, packet: IUnsubscribePacket): void {
  const id = wellFormedId(connection, packet, packet.unsubscriptions)
  if (id === undefined) return
  const granted = packet.unsubscriptions.map((text) => {
    const filter = parseTopicFilter(text)
    if (!filter.ok) return reasonCodes.topicFilterInvalid
    const removed = connection.context.hub.unsubscribe(agreed.session, filter.value)
    return removed ? reasonCodes.success : reasonCodes.noSubscriptionExisted
  })
  connection.wire.send({ cmd: 'unsuback', messageId: id, granted: agreed.version === 5 ? granted : [] })
}

/** Its packet identifier; undefined: it broke the protocol, and the client is ended [MQTT-3.8.3-3] [MQTT-3.10.3-2]. */
function wellFormedId(
  connection: Client,
  { cmd, messageId = 0 }: ISubscribePacket | IUnsubscribePacket,
  filters: readonly unknown[],
): number | undefined {
  if (messageId !== 0 && filters.length > 0) return messageId
  const wrong = messageId === 0 ? 'packet identifier 0' : `${cmd.toUpperCase()} without a filter`
  connection.end('protocolError', wrong)
  return undefined
}

function subscribe(
  connection: Client,
  agreed: Agreed,
  wanted: ISubscription,
  identifier: number | undefined,
  retained: (() => void)[],
): number {
  const { hub, limits } = connection.context
  const v5 = agreed.version === 5
  const filter = parseTopicFilter(wanted.topic)
  if (!filter.ok) return v5 ? reasonCodes.topicFilterInvalid : failure
  if (filter.value.startsWith('$share/')) return v5 ? reasonCodes.sharedSubscriptionsNotSupported : failure
  const filters = hub.filtersOf(agreed.session)
  if (filters.length >= limits.maxSubscriptions && !filters.includes(filter.value)) {
    return v5 ? reasonCodes.quotaExceeded : failure
  }
  // The broker sends us nothing above QoS 1, so more would be a promise that isn't kept [MQTT-3.8.4-8].
  const qos = wanted.qos === 0 ? 0 : 1
  const options: SubscriptionOptions = {
    qos,
    ...(v5 ? { noLocal: wanted.nl ?? false, retainAsPublished: wanted.rap ?? false } : {}),
    ...defined({ identifier }),
  }
  const outcome = hub.subscribe(agreed.session, filter.value, options)
  if (wantsRetained(v5 ? wanted.rh : 0, outcome)) {
    retained.push(() => sendRetained(hub, agreed.session, filter.value, options))
  }
  return qos
}

/** MQTT 5 Retain Handling: 0 always, 1 only for a new subscription, 2 never [MQTT-3.8.4-9 to 11]. */
function wantsRetained(handling: number | undefined, outcome: 'new' | 'replaced'): boolean {
  return handling === 2 ? false : handling !== 1 || outcome === 'new'
}

function sendRetained(
  hub: Hub,
  session: MqttSession,
  filter: TopicFilter,
  options: SubscriptionOptions,
): void {
  const identifiers = options.identifier === undefined ? [] : [options.identifier]
  for (const publication of hub.retainedFor(session, filter)) {
    const qos = Math.min(publication.qos, options.qos) as QoS
    if (session.deliver(publication, qos, identifiers) === 'slow') session.slow()
  }
}
