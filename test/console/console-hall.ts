import type { Page } from 'playwright-core'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import type { CodeOverview, Overview, SaidMessage } from '../../src/protocol/contract/console-api.ts'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { until } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { hallLogin, startTestBridge } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { codes, findings, logLines, overview, platformNames } from './fixtures.ts'

export const { password } = hallLogin

/** Three platforms of an owlcms, their broker and the bridge. */
export interface ConsoleHall {
  readonly url: string
  readonly owlcms: SimulatedOwlcms
  /** owlcms's own time stands still unless a test moves it, so that nothing is over before the page has shown it. */
  readonly time: FakeClock
  /** Somebody says this at the broker. */
  say(topic: string, payload: string): Promise<void>
  stop(): Promise<void>
}

export async function startConsoleHall(pageFiles: PageFiles): Promise<ConsoleHall> {
  const broker = await startTestBroker({ transport: 'tcp', ...hallLogin })
  const bridge = await startTestBridge(
    {
      OWLCMS_MQTTSERVER: `mqtt://127.0.0.1:${broker.port}`,
      OWLCMS_MQTTUSERNAME: hallLogin.username,
      OWLCMS_MQTTPASSWORD: hallLogin.password,
    },
    { pageFiles },
  )
  // What owlcms says before is not told again.
  await until(() => bridge.ready)
  const address = { transport: 'tcp', host: '127.0.0.1', port: broker.port } as const
  const time = new FakeClock()
  const owlcms = startSimulatedOwlcms({
    ...{ address, ...hallLogin, platforms: [...platformNames], clock: time, log: silentLog },
    ...{ jurySize: 5, version: '69.0.0' },
  })
  // What stands still keeps no message back, and tells no two votes apart.
  for (const name of platformNames)
    Object.assign(owlcms.platform(name).faults, { swapWithinMs: 0, losesSimultaneousVotes: false })
  await time.advanceUntil(owlcms.ready)
  return {
    ...{ url: bridge.url, owlcms, time },
    say: (topic, payload) => broker.publish(topic, payload),
    async stop() {
      await owlcms.stop()
      await bridge.stop()
      await broker.stop()
    },
  }
}

/** What a page is told instead of what there is: seats, codes, findings and log lines that no hall shows at will. */
export interface Told {
  overview: () => Overview
  codes: readonly CodeOverview[]
  /** What was said before the page came. */
  messages: readonly SaidMessage[]
}

export async function tell(page: Page): Promise<Told> {
  const told: Told = { overview: () => overview(), codes: codes(), messages: [] }
  await change(page, '/overview', () => told.overview())
  await change(page, '/seats/codes', () => ({ codes: told.codes }))
  await change(page, '/messages', () => ({ messages: told.messages }))
  await page.route('**/api/check', (route) => route.fulfill({ json: findings }))
  const log = { lines: logLines, report: 'owlcms-bridge 1.0.0\n' }
  await page.route('**/api/log', (route) => route.fulfill({ json: log }))
  return told
}

/** Changes what the API answers to an organiser, on the way to the page. */
export async function change(page: Page, path: string, how: (answer: unknown) => unknown): Promise<void> {
  await page.route(`**/api${path}`, async (route) => {
    const response = await route.fetch()
    await route.fulfill(response.ok() ? { response, json: how(await response.json()) } : { response })
  })
}
