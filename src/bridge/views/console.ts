import type { BridgeDependencies } from '../dependencies.ts'
import type { Parts } from '../parts.ts'
import { overviewOf } from './overview.ts'
import type { Config } from '../../config/config.ts'
import { createCheckNow } from '../../doctor/check-now.ts'
import type { ConsoleView } from '../../http/api/console-api.ts'
import type { HttpViews } from '../../http/views.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'

/** What the console asks of the bridge, done. */
export function consoleView(
  config: Config,
  { clock, random, log, flyApp }: BridgeDependencies,
  parts: Parts,
  views: HttpViews,
): ConsoleView {
  const { lightCheck, upstream, id } = parts
  const checkNow = createCheckNow({
    ...{ config, clock, random, upstream, id },
    ...(flyApp === undefined ? {} : { flyApp }),
  })
  return {
    overview: (language) => overviewOf({ ...parts, views, now: () => clock.now() }, language),
    startLightCheck: (platform) => lightCheck.start(platform as Platform),
    stopLightCheck: (platform) => lightCheck.stop(platform as Platform),
    setLogLevel: (level) => log.setLevel(level),
    check: async (language) => (await checkNow(language)).findings,
  }
}
