import { isCommand, readTopic, type CommandKind } from '../protocol/owlcms/topics.ts'
import type { Topic, TopicFilter } from '../protocol/topic.ts'
import type { Heard } from './finding.ts'
import type { Step, TriedSeat } from './steps.ts'

/** A PUBLISH as the device sent it, before anybody mended it. */
export interface SentByDevice {
  readonly topic: Topic
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/** What came from a device during a trial, and when its line stood. All moments are milliseconds of this run. */
export interface Trace {
  readonly seat: TriedSeat
  readonly steps: readonly { readonly step: Step; readonly at: number; readonly heard: readonly Heard[] }[]
  readonly messages: readonly SentByDevice[]
  readonly filters: ReadonlySet<TopicFilter>
  readonly clientIds: ReadonlySet<string>
  /** The trial cut its line; let it in again; it came back. */
  readonly cutAt: number | undefined
  readonly openedAt: number | undefined
  readonly backAt: number | undefined
}

/** The topic of this name on the platform of the seat. */
export function topicOf({ seat }: Trace, name: string): Topic {
  return `owlcms/${name}/${seat.platform}` as Topic
}

/** What a device's topic stands for, aliases included; undefined when owlcms doesn't read it. */
export function kindOf(topic: Topic): CommandKind | undefined {
  const meaning = readTopic(topic)
  return isCommand(meaning) ? meaning.kind : undefined
}
