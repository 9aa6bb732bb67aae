import { onTestFinished } from 'vitest'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import type { BrokerAddress } from '../../src/protocol/link/broker-address.ts'
import type { QoS } from '../../src/protocol/publication.ts'
import { systemClock } from '../../src/support/clock.ts'
import { createLogger } from '../../src/support/logger.ts'
import type { LinkStatus } from '../../src/protocol/link/link-status.ts'
import { createUpstream, type Upstream, type UpstreamOptions } from '../../src/upstream/upstream.ts'
import { publication } from '../support/fake-upstream.ts'

/** A publication as the tests read it. */
export interface Heard {
  readonly topic: string
  readonly payload: string
  readonly qos: QoS
  readonly retain: boolean
}

/** A link under test, with everything it said. */
export interface TestLink {
  readonly upstream: Upstream
  readonly statuses: LinkStatus[]
  readonly heard: Heard[]
  /** Log lines at debug level, as JSON text. */
  readonly log: string[]
  /** Resolves with the first status, past or future, from index `from` on that fits. */
  untilStatus<K extends LinkStatus['kind']>(kind: K, from?: number): Promise<Extract<LinkStatus, { kind: K }>>
  untilHeard(count: number): Promise<void>
  publish(topic: string, payload: string, options?: { qos?: QoS; retain?: boolean }): Promise<PublishOutcome>
}

export const userName = 'hall-7-user'
export const password = 'planted-Secret-8472'

/** Retries at once and decides early, so that tests take milliseconds and still use real time. */
const quick = {
  firstRetryMs: 60,
  retryFloorMs: 20,
  retryCapMs: 120,
  longRetryMs: 60_000,
  connectTimeoutMs: 8_000,
} as const

/** Creates the link, starts it unless told otherwise, and stops it when the test ends. */
export function startLink(
  address: Partial<BrokerAddress> & { readonly port: number },
  options: Partial<UpstreamOptions> & { readonly start?: boolean } = {},
): TestLink {
  const log: string[] = []
  const { start = true, timings, ...rest } = options
  const upstream = createUpstream({
    address: { transport: 'tls', host: '127.0.0.1', ...address },
    clientId: 'owlcms-bridge-test-1',
    clock: systemClock,
    random: Math.random,
    log: createLogger('debug', { write: (line: string) => void log.push(line) }),
    timings: { ...quick, ...timings },
    ...rest,
  })
  onTestFinished(() => upstream.stop())
  const statuses: LinkStatus[] = []
  const heard: Heard[] = []
  const lookers = new Set<() => void>()
  const changed = (): void => [...lookers].forEach((look) => look())
  upstream.onStatus((status) => {
    statuses.push(status)
    changed()
  })
  upstream.onPublication({
    receive({ topic, payload, qos, retain }) {
      heard.push({ topic, payload: Buffer.from(payload).toString(), qos, retain })
      changed()
    },
  })
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find()
        if (found === undefined) return
        lookers.delete(look)
        resolve(found)
      }
      lookers.add(look)
      look()
    })
  if (start) upstream.start()
  return {
    ...{ upstream, statuses, heard, log },
    untilStatus: <K extends LinkStatus['kind']>(kind: K, from = 0) =>
      until(() =>
        statuses
          .slice(from)
          .find((status): status is Extract<LinkStatus, { kind: K }> => status.kind === kind),
      ),
    untilHeard: async (count) => {
      await until(() => (heard.length >= count ? true : undefined))
    },
    publish: (name, payload, { qos = 1, retain = false } = {}) =>
      new Promise((resolve) => upstream.publish(publication(name, payload, qos, retain), resolve)),
  }
}
