import { expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createCheckNow } from '../../src/doctor/check-now.ts'
import { systemClock } from '../../src/support/clock.ts'
import { connack, friendly, startScripted } from '../support/scripted-broker.ts'
import { startTestBroker } from '../support/tls-broker.ts'
import { startLink } from '../upstream/start-link.ts'

const login = { username: 'hall', password: 'planted-Secret-8472' }
const limits = { returnMs: 500, owlcmsMs: 300, moreAnswersMs: 100 }

it('says that the bridge has one connection instead of two, and takes one for itself', async () => {
  let connects = 0
  const { port, packets } = await startScripted(
    friendly(({ cmd }) => (cmd === 'connect' && (connects += 1) === 2 ? [connack(0x97)] : [])),
  )
  const { link, checkNow } = setUpAt(port)
  await link.untilStatus('connected')
  const { findings } = await checkNow()
  expect(findings.find(({ step }) => step === 'link')).toMatchObject({
    ...{ result: 'warn', code: 'oneConnection', raw: 'CONNACK reason code 0x97' },
  })
  expect(packets.filter((packet) => packet.startsWith('connect'))).toHaveLength(3)
})

async function setUp(timings = {}) {
  const broker = await startTestBroker({ transport: 'tcp', ...login })
  onTestFinished(() => broker.stop())
  const { link, checkNow } = setUpAt(broker.port, timings)
  await link.untilStatus('connected')
  return { broker, link, checkNow }
}

function setUpAt(port: number, timings = {}) {
  const loaded = loadConfig(
    {
      OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
      OWLCMS_MQTTPORT: String(port),
      OWLCMS_MQTTUSERNAME: login.username,
      OWLCMS_MQTTPASSWORD: login.password,
    },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error('the settings are right')
  const { config } = loaded
  const link = startLink(config.broker.address, { ...login, timings })
  const checkNow = createCheckNow({
    ...{
      config,
      clock: systemClock,
      random: Math.random,
      upstream: link.upstream,
      id: 'own111',
      forgets: () => false,
      limits,
    },
  })
  return { link, checkNow }
}

it.each(['de', 'fr', 'es'] as const)(
  'tells every step in %s, also those that went well',
  async (language) => {
    const { checkNow } = await setUp()
    const [own, english] = await Promise.all([checkNow(language), checkNow('en')])
    expect(own.findings.map(({ step }) => step)).toEqual(english.findings.map(({ step }) => step))
    const same = own.findings.filter(
      ({ title, what, why, nextStep }, at) =>
        (title !== 'owlcms' && title === english.findings[at]?.title) ||
        [what, why, nextStep].some(
          (text) => text !== undefined && Object.values(english.findings[at] ?? {}).includes(text),
        ),
    )
    expect(same).toEqual([])
  },
)

it('checks from inside, on a second connection, and leaves the first one alone', async () => {
  const { broker, link, checkNow } = await setUp()
  const connections = broker.connections
  const report = await checkNow()
  expect(report.findings.map(({ step, result }) => `${step} ${result}`)).toEqual([
    ...['settings pass', 'link pass', 'name pass', 'tcp pass', 'tls pass', 'connect pass', 'subscribe pass'],
    ...['roundTrip pass', 'owlcms fail', 'bridges pass'],
  ])
  expect(broker.connections).toBeGreaterThan(connections)
  expect(link.statuses.map(({ kind }) => kind)).toEqual(['connecting', 'connected'])
})

it('publishes nothing but its own ping and one question, neither of them retained', async () => {
  const { broker, checkNow } = await setUp()
  const before = broker.publications.length
  await checkNow()
  const sent = broker.publications.slice(before)
  expect(sent.map(({ topic, retain }) => [topic.replace(/check-[a-z0-9]{6}/, 'check-…'), retain])).toEqual([
    ['owlcms/bridge/check-…/ping.pong', false],
    ['owlcms/config', false],
  ])
})

it('gives everybody who asks meanwhile the same report', async () => {
  const { checkNow } = await setUp()
  const [first, second] = [checkNow(), checkNow()]
  expect(await first).toBe(await second)
  expect(await checkNow()).not.toBe(await first)
})

it('ends a long wait of the link as soon as it finds the way free', async () => {
  const { broker, link, checkNow } = await setUp({
    firstRetryMs: 1e9,
    quickRetryCapMs: 1e9,
    retryFloorMs: 6e5,
  })
  await broker.kill()
  await link.untilStatus('waiting')
  await broker.restart()
  expect((await checkNow()).findings.find(({ step }) => step === 'link')?.result).toBe('fail')
  await link.untilStatus('connected', 2)
})
