import { EventEmitter, once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import type { BrokerAddress } from '../../src/protocol/link/broker-address.ts'
import type { QoS } from '../../src/protocol/publication.ts'
import { systemClock } from '../../src/support/clock.ts'
import type { LinkStatus } from '../../src/protocol/link/link-status.ts'
import { createUpstream, type UpstreamOptions } from '../../src/upstream/upstream.ts'
import { publication } from '../support/fake-upstream.ts'
import { recordingLog } from '../support/silent-log.ts'

/** A publication as the tests read it. */
interface Heard {
  readonly topic: string
  readonly payload: string
  readonly qos: QoS
  readonly retain: boolean
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

/** Creates the link, starts it unless told otherwise, and stops it when the test ends; it notes everything it says. */
export function startLink(
  address: Partial<BrokerAddress> & { readonly port: number },
  options: Partial<UpstreamOptions> & { readonly start?: boolean } = {},
) {
  const { log, lines } = recordingLog()
  const { start = true, timings, ...rest } = options
  const upstream = createUpstream({
    address: { transport: 'tls', host: '127.0.0.1', ...address },
    clientId: 'owlcms-bridge-test-1',
    clock: systemClock,
    random: Math.random,
    log,
    timings: { ...quick, ...timings },
    ...rest,
  })
  onTestFinished(() => upstream.stop())
  const statuses: LinkStatus[] = []
  const heard: Heard[] = []
  const changes = new EventEmitter().setMaxListeners(0)
  upstream.onStatus((status) => {
    statuses.push(status)
    changes.emit('news')
  })
  upstream.onPublication({
    receive({ topic, payload, qos, retain }) {
      heard.push({ topic, payload: Buffer.from(payload).toString(), qos, retain })
      changes.emit('news')
    },
  })
  if (start) upstream.start()
  return {
    ...{ upstream, statuses, heard, log: lines },
    /** Resolves with the first status, past or future, from index `from` on that fits. */
    async untilStatus<K extends LinkStatus['kind']>(kind: K, from = 0) {
      const fits = (status: LinkStatus): status is Extract<LinkStatus, { kind: K }> => status.kind === kind
      for (;;) {
        const found = statuses.slice(from).find(fits)
        if (found !== undefined) return found
        await once(changes, 'news')
      }
    },
    async untilHeard(count: number) {
      while (heard.length < count) await once(changes, 'news')
    },
    publish: (
      name: string,
      payload: string,
      { qos = 1, retain = false }: { qos?: QoS; retain?: boolean } = {},
    ) =>
      new Promise<PublishOutcome>((resolve) =>
        upstream.publish(publication(name, payload, qos, retain), resolve),
      ),
  }
}
