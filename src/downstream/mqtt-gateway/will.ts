import type { IConnectPacket } from 'mqtt-packet'
import type { Hub } from '../../hub/hub.ts'
import type { Publication } from '../../protocol/publication.ts'
import { parseTopic } from '../../protocol/topic.ts'
import type { MqttSession } from './session.ts'

/** What is published for a client that vanishes, `delaySeconds` after that or when its session ends [MQTT-3.1.3-9]. */
export interface Will {
  readonly publication: Publication
  readonly delaySeconds: number
}

/** A will that waits for its delay. */
export interface DelayedWill {
  readonly delaySeconds: number
  /** Called at most once. */
  readonly publish: () => void
}

/** The will in a CONNECT, if it has one; `bad`: its topic is none. */
export function readWill({ will }: IConnectPacket): Will | undefined | 'bad' {
  if (will === undefined) return undefined
  const topic = parseTopic(will.topic)
  if (!topic.ok) return 'bad'
  return {
    publication: {
      topic: topic.value,
      payload: Buffer.from(will.payload),
      qos: will.qos ?? 0,
      retain: will.retain ?? false,
    },
    delaySeconds: will.properties?.willDelayInterval ?? 0,
  }
}

/** The client has vanished. Its will was written at CONNECT and is sent who knows when: a command in it would be an old press (R4). */
export function delayedWill(hub: Hub, session: MqttSession, will: Will | undefined): DelayedWill | undefined {
  if (will === undefined) return undefined
  const { publication, delaySeconds } = will
  const circumstances = { redelivered: false, flushed: true }
  return {
    delaySeconds,
    publish: () => hub.publish(session, publication, circumstances, () => undefined),
  }
}
