import type { Parts } from './parts.ts'
import type { PressReport, PressVerdict } from '../protocol/contract/press-report.ts'
import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { TokenBucket } from '../support/token-bucket.ts'

/** One line for each change of state: of owlcms, and of each platform's phase. */
export function logStates({ hub, platforms }: Pick<Parts, 'hub' | 'platforms'>, log: Logger): void {
  const owlcms = log.child({ part: 'owlcms' })
  hub.watch.listen({
    presence: (presence) => {
      const { kind } = presence
      const version = kind === 'unknown' ? undefined : presence.config?.version
      if (kind === 'silent') owlcms.warn({ presence: kind, version }, 'owlcms does not answer')
      else owlcms.info({ presence: kind, version }, 'owlcms')
    },
    platform: (platform, silent) => {
      if (silent) owlcms.warn({ platform }, 'owlcms answers, but not for this platform')
      else owlcms.info({ platform }, 'owlcms answers for this platform again')
    },
  })
  platforms.listen({
    event: ({ platform, before, state }) => {
      if (before.phase.kind !== state.phase.kind) {
        owlcms.info({ platform, phase: state.phase, fence: state.fence }, 'platform')
      }
      if (before.owlcms.state !== state.owlcms.state && state.owlcms.state === 'starting') {
        owlcms.info({ platform }, 'owlcms is starting and does not listen yet')
      }
    },
    reset: (platform) => owlcms.info({ platform }, 'platform not known until owlcms speaks'),
    appeared: (platform) => owlcms.info({ platform }, 'platform appeared'),
    vanished: (platform) => owlcms.warn({ platform }, 'platform not in the list of owlcms: given up'),
  })
}

/** Lines a second in the long run, and at once: several platforms at their busiest, and no flood beyond (R7). */
const linesPerSecond = 20
const lineBurst = 200

/** What went wrong for the official; everything else is as it should be. */
const troubles: ReadonlySet<PressVerdict> = new Set(['notTaken', 'tooLate', 'refused', 'offline', 'lost'])

/**
 * One line for each press that ended, with its id, by which it is found in the journal too. A flood is told by its
 * size: the next line says how many were left out.
 */
export class PressLog {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #lines: TokenBucket
  #leftOut = 0

  constructor(log: Logger, clock: Clock) {
    this.#log = log
    this.#clock = clock
    this.#lines = new TokenBucket(linesPerSecond, lineBurst, clock.now())
  }

  ended(report: PressReport): void {
    if (!this.#lines.take(this.#clock.now())) {
      this.#leftOut += 1
      return
    }
    const { id, outcome, platform, seat, kind, via, client, why, fence, fenceNow, brokerMs, echoMs } = report
    const facts = {
      press: id,
      outcome,
      why,
      platform,
      seat,
      kind,
      via,
      client,
      fence,
      fenceNow,
      brokerMs: rounded(brokerMs),
      echoMs: rounded(echoMs),
      ...(this.#leftOut > 0 && { leftOut: this.#leftOut }),
    }
    this.#leftOut = 0
    if (troubles.has(outcome)) this.#log.warn(facts, 'press')
    else this.#log.info(facts, 'press')
  }
}

const rounded = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : Math.round(ms * 10) / 10
