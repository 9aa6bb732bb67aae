import type { IncomingMessage } from 'node:http'
import type { BridgeDependencies } from '../dependencies.ts'
import { accessView } from '../access.ts'
import { consoleView } from './console.ts'
import type { BridgeMetrics } from './metrics.ts'
import type { Parts } from '../parts.ts'
import { bridgeViews } from './status.ts'
import type { Config } from '../../config/config.ts'
import { clientAddress } from '../../downstream/transport/client-address.ts'
import { addAccessApi } from '../../http/api/access-api.ts'
import { addConsoleApi } from '../../http/api/console-api.ts'
import { adminOnly } from '../../http/api/guards.ts'
import { createApp } from '../../http/app.tsx'
import { addDemoPage } from '../../http/shells/demo-page.tsx'
import { addEventStream } from '../../http/event-stream.ts'
import { addJournal } from '../../http/journal/routes.tsx'
import type { Answer } from '../../http/door/front-door.ts'
import { limitAsks } from '../../http/door/limit-asks.ts'
import { answerOf } from '../../http/door/listen.ts'
import { addMetrics } from '../../http/metrics.ts'
import type { StoppingView } from '../../http/views.ts'
import { errorText } from '../../support/errors.ts'
import { defined } from '../../protocol/defined.ts'

export interface ServeExtras {
  readonly metrics: BridgeMetrics | undefined
  readonly stopping: () => StoppingView | undefined
}

/** Everything that the bridge offers over HTTP, on one port; the listener is the caller's. */
export function publicAnswer(
  config: Config,
  dependencies: BridgeDependencies,
  parts: Parts,
  { metrics, stopping }: ServeExtras,
): Answer {
  const { log, pageFiles, flyApp, demoPlatform } = dependencies
  const views = { ...bridgeViews({ config, dependencies, ...parts }), stopping }
  const app = createApp(views, {
    hosting: config.hosting,
    ...defined({ flyApp }),
    pageFiles,
    onError: (error) => log.error({ err: errorText(error) }, 'surprise in a page'),
  })
  if (metrics === undefined) addMetrics(app, { kind: 'off' }, () => Promise.reject(new Error('switched off')))
  else addMetrics(app, config.metrics.access, () => metrics.expose())
  const addressOf = clientAddress(config.hosting, config.trustedProxies)
  const access = accessView(config, dependencies, parts, addressOf)
  // First: it puts the guards before everything under /api.
  addAccessApi(app, access)
  addConsoleApi(app, access, consoleView(config, dependencies, parts, views))
  addJournal(app, parts.journal, adminOnly(access))
  if (demoPlatform !== undefined) {
    addDemoPage(app, {
      version: views.version,
      platform: demoPlatform,
      password: config.admin.password ?? '',
      issueSeat: async (number) => {
        const place = { platform: demoPlatform, role: 'referee', number } as const
        return (await parts.access.doorkeeper.issue(place, 1)).token
      },
    })
  }
  addEventStream(app, {
    open: ({ incoming, ...wish }, sink) =>
      parts.stream.openFeed(
        { ...wish, address: incoming === undefined ? 'unknown' : addressOf(incoming) },
        sink,
      ),
  })
  const mayAsk = (request: IncomingMessage, cost: number): boolean =>
    parts.guests.mayAsk(addressOf(request), cost)
  return limitAsks(answerOf(app), mayAsk, dependencies.clock)
}
