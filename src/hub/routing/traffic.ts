import { isCommand, type OwlcmsTopic } from '../../protocol/owlcms/topics.ts'

/** What a topic is about, in few words that never hold a name from outside. */
export const topicClasses = [
  'command',
  'fop',
  'config',
  'configRequest',
  'legacy',
  'test',
  'bridge',
  'unknown',
] as const
export type TopicClass = (typeof topicClasses)[number]

/** `toClients`: offered to clients of the MQTT edge, one for each. */
export const trafficDirections = ['fromBroker', 'toBroker', 'toClients'] as const
export type TrafficDirection = (typeof trafficDirections)[number]

/** One of few words whatever the topic, so that a metric's labels stay few (R7). */
export function topicClassOf(topic: OwlcmsTopic): TopicClass {
  if (isCommand(topic)) return 'command'
  const { kind } = topic
  switch (kind) {
    case 'fop':
    case 'config':
    case 'configRequest':
    case 'test':
    case 'bridge':
    case 'unknown':
      return kind
    case 'legacyLed':
    case 'legacyDecisionRequest':
    case 'legacySummon':
      return 'legacy'
    default:
      return kind satisfies never
  }
}

/** Running totals of publications since start, by direction and class. */
export class Traffic {
  readonly #totals: Readonly<Record<TrafficDirection, Record<TopicClass, number>>> = {
    fromBroker: noTraffic(),
    toBroker: noTraffic(),
    toClients: noTraffic(),
  }

  count(direction: TrafficDirection, topicClass: TopicClass, publications = 1): void {
    this.#totals[direction][topicClass] += publications
  }

  total(direction: TrafficDirection, topicClass: TopicClass): number {
    return this.#totals[direction][topicClass]
  }
}

function noTraffic(): Record<TopicClass, number> {
  return {
    command: 0,
    fop: 0,
    config: 0,
    configRequest: 0,
    legacy: 0,
    test: 0,
    bridge: 0,
    unknown: 0,
  }
}
