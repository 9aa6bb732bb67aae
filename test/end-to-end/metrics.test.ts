import mqtt from 'mqtt'
import { expect, it, onTestFinished } from 'vitest'
import { parseExposition } from '../metrics/exposition.ts'
import { connectDevice, startTestBridge } from '../support/running-bridge.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { eventually } from '../support/eventually.ts'
import { later } from '../support/later.ts'

async function bridge(settings: Readonly<Record<string, string>>) {
  const login = { username: 'hall', password: 'planted-password' }
  const broker = later(await startTestBroker({ transport: 'tcp', ...login }))
  const started = later(
    await startTestBridge({
      OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
      OWLCMS_MQTTPORT: String(broker.port),
      OWLCMS_MQTTUSERNAME: login.username,
      OWLCMS_MQTTPASSWORD: login.password,
      ...settings,
    }),
  )
  await eventually(() => expect(started.ready).toBe(true))
  return { started, login, port: broker.port }
}

it('a running bridge tells its numbers at a port of their own, with presses of before the first scrape', async () => {
  const { started, login, port } = await bridge({ BRIDGE_METRICS_PORT: '0' })
  const device = await connectDevice(`ws://127.0.0.1:${started.port}/mqtt`, login)
  later(device)
  // owlcms, as far as one press needs it.
  const owlcms = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, login)
  onTestFinished(() => owlcms.endAsync(true))
  await owlcms.subscribeAsync('owlcms/clock/A')
  owlcms.on('message', () => owlcms.publish('owlcms/fop/start/A', '{} 60000'))
  await device.press('owlcms/clock/A', 'start')
  await eventually(() => expect(started.logLines.join()).toContain('"outcome":"taken"'))
  expect((await fetch(`${started.url}/metrics`)).status).toBe(404)
  const answer = await fetch(`http://127.0.0.1:${started.metricsPort}/metrics`)
  const samples = parseExposition(await answer.text()).flatMap((family) => family.samples)
  const value = (name: string, labels: Record<string, string> = {}) =>
    samples.find((each) => each.name === name && JSON.stringify(each.labels) === JSON.stringify(labels))
      ?.value
  expect({
    connected: value('owlcms_bridge_upstream_connected'),
    sockets: value('owlcms_bridge_connections', { edge: 'mqtt' }),
    taken: value('owlcms_bridge_presses_total', { outcome: 'taken' }),
    echo: value('owlcms_bridge_press_to_echo_seconds_count', { seat: 'timekeeper' }),
    up: value('owlcms_bridge_messages_total', { direction: 'to_broker', topic_class: 'command' }),
  }).toEqual({ connected: 1, sockets: 1, taken: 1, echo: 1, up: 1 })
  expect(started.logLines.filter((line) => line.includes('"press":"1"'))).toHaveLength(1)
})
