import type { ISubscribePacket, ISubscription, IUnsubscribePacket } from 'mqtt-packet'
import type { SubscriptionOptions } from '../../hub/subscription-index.ts'
import { parseTopicFilter } from '../../protocol/topic.ts'
import type { Agreed, Connection } from './connection.ts'
import { reasonCodes } from './packets.ts'

/** MQTT 3's only word for a refused subscription [MQTT-3.9.3-2]. */
const failure = 0x80

/** SUBSCRIBE: each filter is granted or refused by itself; one SUBACK answers all [MQTT-3.8.4-5]. */
export function handleSubscribe(connection: Connection, agreed: Agreed, packet: ISubscribePacket): void {
  const id = packet.messageId ?? 0
  if (id === 0) {
    connection.end('protocolError', 'packet identifier 0')
    return
  }
  const identifier = packet.properties?.subscriptionIdentifier
  const granted = packet.subscriptions.map((wanted) => subscribe(connection, agreed, wanted, identifier))
  connection.send({ cmd: 'suback', messageId: id, granted })
}

/** UNSUBSCRIBE: always answered, also when there was nothing to end [MQTT-3.10.4-5]. */
export function handleUnsubscribe(connection: Connection, agreed: Agreed, packet: IUnsubscribePacket): void {
  const id = packet.messageId ?? 0
  if (id === 0) {
    connection.end('protocolError', 'packet identifier 0')
    return
  }
  const granted = packet.unsubscriptions.map((text) => {
    const filter = parseTopicFilter(text)
    if (!filter.ok) return reasonCodes.topicFilterInvalid
    const removed = connection.context.hub.unsubscribe(agreed.session, filter.value)
    return removed ? reasonCodes.success : reasonCodes.noSubscriptionExisted
  })
  connection.send({ cmd: 'unsuback', messageId: id, granted: agreed.version === 5 ? granted : [] })
}

function subscribe(
  connection: Connection,
  agreed: Agreed,
  wanted: ISubscription,
  identifier: number | undefined,
): number {
  const { hub, limits } = connection.context
  const v5 = agreed.version === 5
  const filter = parseTopicFilter(wanted.topic)
  if (!filter.ok) return v5 ? reasonCodes.topicFilterInvalid : failure
  if (filter.value.startsWith('$share/')) return v5 ? reasonCodes.sharedSubscriptionsNotSupported : failure
  const filters = hub.filtersOf(agreed.session)
  if (filters.size >= limits.maxSubscriptions && !filters.has(filter.value)) {
    return v5 ? reasonCodes.quotaExceeded : failure
  }
  const options: SubscriptionOptions = {
    qos: wanted.qos,
    ...(v5 ? { noLocal: wanted.nl ?? false, retainAsPublished: wanted.rap ?? false } : {}),
    ...(identifier === undefined ? {} : { identifier }),
  }
  hub.subscribe(agreed.session, filter.value, options)
  return wanted.qos
}
