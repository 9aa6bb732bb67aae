import type { Config } from '../config/config.ts'
import type { Clock } from '../support/clock.ts'
import type { Language } from '../texts/languages.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { CheckDependencies, CheckReport } from './check.ts'
import { defined } from '../protocol/defined.ts'

export interface CheckNowOptions {
  readonly config: Config
  readonly clock: Clock
  readonly random: () => number
  /** The link of the running bridge; the check looks at it and opens a second connection of its own. */
  readonly upstream: Upstream
  /** Of the running bridge, as in its state on `owlcms/bridge/<name>/state`. */
  readonly id: string
  /** As in {@link RunningBridge}. */
  readonly forgets: () => boolean
  readonly flyApp?: string
  readonly lookup?: CheckDependencies['lookup']
  readonly limits?: CheckDependencies['limits']
}

/**
 * "Check now" for the console: the same steps as on the command line, from inside a running bridge, which
 * notices nothing. Whoever asks in the same language while one is under way gets the same report, so that impatience costs nothing.
 * When all is well with the broker, a link that waits for its next try goes at once.
 */
export function createCheckNow(options: CheckNowOptions): (language?: Language) => Promise<CheckReport> {
  const { config, clock, random, upstream, id, forgets, flyApp, lookup, limits } = options
  const underWay = new Map<Language, Promise<CheckReport>>()
  const check = async (language: Language): Promise<CheckReport> => {
    // Loaded when somebody asks: it is no part of a start.
    const { runCheck } = await import('./check.ts')
    const report = await runCheck(
      { kind: 'valid', config, warnings: [] },
      {
        clock,
        random,
        language,
        ...defined({ flyApp, lookup, limits }),
        running: {
          id,
          forgets,
          status: () => upstream.status(),
          takenOver: () => upstream.counters().reconnects.takenOver ?? 0,
        },
      },
    )
    if (report.findings.some(({ step, result }) => step === 'subscribe' && result === 'pass'))
      upstream.tryNow()
    return report
  }
  return (language = 'en') => {
    const running = underWay.get(language) ?? check(language).finally(() => underWay.delete(language))
    underWay.set(language, running)
    return running
  }
}
