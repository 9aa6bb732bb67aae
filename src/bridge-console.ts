import type { BridgeDependencies, Parts } from './bridge.ts'
import { overviewOf } from './bridge-overview.ts'
import type { Config } from './config/config.ts'
import { createCheckNow } from './doctor/check-now.ts'
import type { ConsoleView } from './http/api/console-api.ts'
import type { HttpViews } from './http/views.ts'
import type { Platform } from './protocol/owlcms.ts'

/** What the console asks of the bridge, done. */
export function consoleView(
  config: Config,
  { clock, random }: BridgeDependencies,
  parts: Parts,
  views: HttpViews,
): Omit<ConsoleView, 'setLogLevel'> {
  const { lightCheck, upstream, id } = parts
  const checkNow = createCheckNow({ config, clock, random, upstream, id })
  return {
    overview: () => overviewOf({ ...parts, views, now: () => clock.now() }),
    startLightCheck: (platform) => lightCheck.start(platform as Platform),
    stopLightCheck: (platform) => lightCheck.stop(platform as Platform),
    check: async () => (await checkNow()).findings,
  }
}
