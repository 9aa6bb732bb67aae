import { readTopic } from '../protocol/owlcms/topics.ts'
import type { TopicFilter } from '../protocol/topic.ts'
import { lineFindings } from './check-line.ts'
import { messageFindings } from './check-messages.ts'
import type { Heard, TrialReport } from './finding.ts'
import type { Step, TriedSeat } from './steps.ts'
import { kindOf, topicOf, type SentByDevice, type Trace } from './trace.ts'

/**
 * Judges one device by what came from it during a trial. Pure: whoever runs the trial tells it the steps, the messages and
 * the state of the line, each with its moment.
 */
export class DeviceExaminer {
  readonly #trace

  constructor(seat: TriedSeat) {
    this.#trace = {
      seat,
      steps: new Array<{ readonly step: Step; readonly at: number; readonly heard: Heard[] }>(),
      messages: new Array<SentByDevice>(),
      filters: new Set<TopicFilter>(),
      clientIds: new Set<string>(),
      cutAt: undefined as number | undefined,
      openedAt: undefined as number | undefined,
      backAt: undefined as number | undefined,
    } satisfies Trace
  }

  /** The next step began. */
  begins(step: Step, at: number): void {
    this.#trace.steps.push({ step, at, heard: [] })
  }

  /** Something came from the device. Returns whether it is what the step waits for. */
  published(message: SentByDevice, at: number): boolean {
    const now = this.#trace.steps.at(-1)
    // What comes before the first step, such as a request for the config, is the device's own business.
    if (now === undefined || message.topic === 'owlcms/config' || readTopic(message.topic).kind === 'test')
      return false
    this.#trace.messages.push(message)
    const payload = new TextDecoder().decode(message.payload)
    now.heard.push({
      step: now.step.name,
      atMs: at,
      afterMs: Math.round(at - now.at),
      topic: message.topic,
      payload,
      qos: message.qos,
      retain: message.retain,
    })
    return (
      now.step.expected !== undefined &&
      kindOf(message.topic) === kindOf(topicOf(this.#trace, now.step.expected.topic))
    )
  }

  subscribed(filter: TopicFilter): void {
    this.#trace.filters.add(filter)
  }

  connected(clientId: string, at: number): void {
    this.#trace.clientIds.add(clientId)
    if (this.#trace.openedAt !== undefined) this.#trace.backAt ??= at
  }

  /** The trial cut the device's line. */
  cut(at: number): void {
    this.#trace.cutAt = at
  }

  /** From here on the device is let in again. */
  opened(at: number): void {
    this.#trace.openedAt = at
  }

  report(): TrialReport {
    const trace = this.#trace
    const findings = [...messageFindings(trace), ...lineFindings(trace)].filter(
      (finding) => finding !== undefined,
    )
    const outcome = findings.some(({ verdict }) => verdict === 'wrong')
      ? 'wrong'
      : findings.some(({ verdict }) => verdict === 'not seen')
        ? 'incomplete'
        : 'right'
    const { role, number, platform } = trace.seat
    const heard = trace.steps.flatMap((step) => step.heard)
    return {
      seat: `${role}${role === 'referee' || role === 'juryMember' ? `-${number}` : ''} on ${platform}`,
      outcome,
      findings,
      heard,
    }
  }
}
