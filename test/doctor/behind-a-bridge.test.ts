import mqtt from 'mqtt'
import { expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { runCheck, type CheckReport } from '../../src/doctor/check.ts'
import { systemClock } from '../../src/support/clock.ts'
import { startTestBridge } from '../support/running-bridge.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { eventually } from '../support/eventually.ts'

const login = { username: 'hall', password: 'planted-Secret-8472' }
const limits = { returnMs: 1_500, owlcmsMs: 1_500, moreAnswersMs: 100 }

/** A bridge in the cloud, and the settings of a venue bridge that uses it as its broker. */
async function bridgeInTheCloud(): Promise<Readonly<Record<string, string>>> {
  const broker = await startTestBroker({ transport: 'tcp', ...login })
  onTestFinished(() => broker.stop())
  const settings = { OWLCMS_MQTTUSERNAME: login.username, OWLCMS_MQTTPASSWORD: login.password }
  const owlcms = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    ...login,
    clientId: 'A_owlcms_1',
  })
  onTestFinished(() => owlcms.endAsync(true))
  await owlcms.subscribeAsync('owlcms/config')
  owlcms.on('message', () =>
    owlcms.publish('owlcms/fop/config', '{"platforms":["A"],"version":"64.1.0","jurySize":3}'),
  )
  const bridge = await startTestBridge({
    ...settings,
    OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
    OWLCMS_MQTTPORT: String(broker.port),
    BRIDGE_NAME: 'cloud',
  })
  onTestFinished(async () => {
    await bridge.stop()
  })
  await eventually(() => expect(bridge.ready).toBe(true))
  return { ...settings, OWLCMS_MQTTSERVER: `ws://127.0.0.1:${bridge.port}`, BRIDGE_NAME: 'venue' }
}

const check = (env: Readonly<Record<string, string>>): Promise<CheckReport> =>
  runCheck(loadConfig(env, []), { clock: systemClock, random: Math.random, limits })

it('finds nothing wrong when the broker is another bridge, and twice in a row', async () => {
  const env = await bridgeInTheCloud()
  const reports = [await check(env), await check(env)]
  for (const { findings, outcome } of reports) {
    expect(findings.filter(({ result }) => result !== 'pass')).toEqual([])
    expect(outcome).toBe('ok')
  }
})
