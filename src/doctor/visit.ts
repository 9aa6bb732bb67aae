import type { LookupFunction } from 'node:net'
import type { Config } from '../config/config.ts'
import { refineFault, type LinkFault } from '../protocol/link/link-fault.ts'
import { defined } from '../protocol/defined.ts'
import type { CheckTexts } from '../texts/check-texts.ts'
import type { Clock } from '../support/clock.ts'
import { linkFault, type LinkEvidence } from '../upstream/faults.ts'
import { createScrubber } from '../upstream/scrub.ts'
import type { CheckLimits } from './limits.ts'

/** What every step of one check shares. */
export interface Visit {
  readonly broker: Config['broker']
  readonly clock: Clock
  readonly limits: CheckLimits
  readonly lookup: LookupFunction
  readonly texts: CheckTexts
  /** Takes secrets and addresses out of an outside text (R10). */
  readonly safe: (text: string) => string
  /** The given time, or what is left of the whole check's. */
  within(limitMs: number): number
  faultOf(evidence: LinkEvidence, protocolVersion?: 4 | 5): LinkFault
}

export interface VisitOptions {
  readonly broker: Config['broker']
  readonly clock: Clock
  readonly limits: CheckLimits
  readonly lookup: LookupFunction
  readonly texts: CheckTexts
}

/** Begins a check: from now on its total time runs. */
export function beginVisit({ broker, clock, limits, lookup, texts }: VisitOptions): Visit {
  const { address, username, password } = broker
  const startedAt = clock.now()
  const safe = createScrubber({
    host: address.host,
    ...defined({ username, password }),
  })
  return {
    broker,
    clock,
    limits,
    lookup,
    texts,
    safe,
    within: (limitMs) => Math.max(1, Math.min(limitMs, limits.totalMs - (clock.now() - startedAt))),
    faultOf(evidence, protocolVersion) {
      const rough = linkFault(evidence, safe)
      const version = protocolVersion === undefined ? {} : { protocolVersion }
      const anonymous = username === undefined
      const beforeMqtt = evidence.kind === 'error' && evidence.stage === 'transport'
      return { ...rough, code: refineFault(rough, { address, beforeMqtt, anonymous, ...version }) }
    },
  }
}

/** The value, or `late` when it takes longer than `ms`. Whoever calls ends what was under way. */
export function orLate<T, L>(clock: Clock, ms: number, promise: Promise<T>, late: L): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(ms, () => resolve(late))
    promise.then(
      (value) => {
        cancel()
        resolve(value)
      },
      (error: unknown) => {
        cancel()
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}
