import type { BridgeDependencies } from '../dependencies.ts'
import type { Parts } from '../parts.ts'
import { overviewOf } from './overview.ts'
import { helpReport } from './report.ts'
import type { Config } from '../../config/config.ts'
import { createCheckNow } from '../../doctor/check-now.ts'
import type { ConsoleView } from '../../http/api/console-api.ts'
import type { HttpViews } from '../../http/views.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import { defined } from '../../protocol/defined.ts'

/** As many as the console's tail keeps (src/console/organiser/tail.ts). */
const tailMessages = 300

/** What the console asks of the bridge, done. */
export function consoleView(
  config: Config,
  { clock, random, log, flyApp, settingsAddress }: BridgeDependencies,
  parts: Parts,
  views: HttpViews,
): ConsoleView {
  const { lightCheck, upstream, id } = parts
  const checkNow = createCheckNow({
    config,
    clock,
    random,
    upstream,
    id,
    forgets: () => views.link().forgets === true,
    ...defined({ flyApp }),
  })
  return {
    overview: (language) => ({
      ...overviewOf({ ...parts, views, now: () => clock.now() }, language),
      hasSettingsPage: settingsAddress !== undefined,
    }),
    log: () => ({ lines: log.recent(), report: helpReport(config, views) }),
    settingsAddress: () => settingsAddress?.(),
    messages: () =>
      parts.journal.lastMessages(tailMessages).map(({ at, platform, topic, payload }) => ({
        at,
        platform,
        topic,
        ...(payload !== undefined && { payload }),
      })),
    startLightCheck: (platform) => lightCheck.start(platform as Platform),
    stopLightCheck: (platform) => lightCheck.stop(platform as Platform),
    setLogLevel: (level) => log.setLevel(level),
    check: async (language) => (await checkNow(language)).findings,
  }
}
