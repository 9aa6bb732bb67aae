import type { PublishOutcome, UpstreamLink } from '../../src/hub/upstream-link.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import { topicOf } from '../../src/protocol/topic.ts'

export interface Sent {
  readonly publication: Publication
  readonly settled: (outcome: PublishOutcome) => void
}

/** A link that records what it is given and settles when told to. For logic only; real brokers elsewhere. */
export class FakeUpstream implements UpstreamLink {
  ready = true
  room = true
  readonly sent: Sent[] = []
  /** Settles by itself, always so; undefined: when told to. */
  answer: PublishOutcome | undefined

  publish(publication: Publication, settled: (outcome: PublishOutcome) => void): void {
    const { answer } = this
    if (answer === undefined) this.sent.push({ publication, settled })
    else queueMicrotask(() => settled(answer))
  }

  /** `topic payload` of everything sent but the bridge's own config questions. */
  get lines(): string[] {
    return this.sent
      .map(({ publication }) => line(publication))
      .filter((text) => text !== 'owlcms/config owlcms-bridge')
  }

  /** Settles everything not yet settled. */
  settleAll(outcome: PublishOutcome = { kind: 'delivered' }): void {
    for (const { settled } of this.sent.splice(0)) settled(outcome)
  }
}

/** For the keeper of revocations: a bridge without company, at a broker that keeps what it is given. */
export const alone = (upstream: UpstreamLink) => ({
  upstream,
  identity: { name: 'north', id: 'north1' },
  others: () => [],
  replays: () => true,
})

export function line(publication: Publication): string {
  return `${publication.topic} ${new TextDecoder().decode(publication.payload)}`
}

export function publication(
  topic: string,
  payload: string | Uint8Array = '',
  qos: 0 | 1 | 2 = 1,
  retain = false,
): Publication {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload
  return { topic: topicOf(topic), payload: bytes, qos, retain }
}
