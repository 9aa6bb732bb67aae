import { afterEach, describe, expect, it } from 'vitest'
import { connectAsync, type MqttClient } from 'mqtt'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { silentLog as log } from '../support/silent-log.ts'
import { startTestBroker, type TestBroker } from '../support/tls-broker.ts'
import { FixedOrder, jane, janeStarts, zoe } from './transcript.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const credentials = { username: 'demo', password: 'test-pass-word' }

/** A client that keeps all it hears from owlcms, not from devices, as `topic payload`, and waits for more. */
class Observer {
  readonly client: MqttClient
  readonly heard: string[] = []
  readonly #waiting: (() => void)[] = []

  private constructor(client: MqttClient) {
    this.client = client
    client.on('message', (topic, payload) => {
      if (!/^owlcms\/(fop|led|summon|decisionRequest)\//.test(topic)) return
      this.heard.push(`${topic} ${payload.toString()}`.trimEnd())
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  static async connect(port: number, clientId = 'observer'): Promise<Observer> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      ...credentials,
      clientId,
      protocolVersion: 4,
      reconnectPeriod: 0,
    })
    const observer = new Observer(client)
    await client.subscribeAsync('owlcms/#', { qos: 1 })
    return observer
  }

  /** Resolves when so many messages were heard in all; the test's own time limit ends a wait in vain. */
  async hears(count: number): Promise<string[]> {
    while (this.heard.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.heard.slice(0, count)
  }

  async say(topic: string, payload: string): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1 })
  }

  async close(): Promise<void> {
    await this.client.endAsync(true)
  }
}

interface Hall {
  readonly broker: TestBroker
  readonly observer: Observer
  readonly owlcms: SimulatedOwlcms
  readonly clock: FakeClock
}

async function openHall(platforms: string[]): Promise<Hall> {
  const broker = await startTestBroker({ transport: 'tcp', ...credentials })
  cleanups.push(() => broker.stop())
  const observer = await Observer.connect(broker.port)
  cleanups.push(() => observer.close())
  const clock = new FakeClock()
  const address = { transport: 'tcp', host: '127.0.0.1', port: broker.port } as const
  const owlcms = startSimulatedOwlcms({ address, ...credentials, platforms, version: '69.0.0', clock, log })
  cleanups.push(() => owlcms.stop())
  return { broker, observer, owlcms, clock }
}

const lamps = (platform: string, word: string) => [
  `owlcms/fop/startup/${platform} ${word}`,
  `owlcms/led/${platform} ${word}`,
]

/** Takes all platforms through their lamp tests; returns how many messages were heard by then. */
async function finishStart(hall: Hall, platforms: string[]): Promise<number> {
  let count = 0
  for (const platform of platforms) {
    await hall.observer.hears((count += 2))
    hall.clock.advance(1000)
    await hall.observer.hears((count += 2))
    await subscribed(hall, platform)
    hall.clock.advance(1000)
  }
  await hall.observer.hears((count += 1))
  await hall.owlcms.ready
  return count
}

/** Subscriptions are not awaited by owlcms: asks until the platform answers, by a press that it refuses. */
async function subscribed(hall: Hall, platform: string): Promise<void> {
  const fieldOfPlay = hall.owlcms.fieldOfPlay(platform)
  const original = fieldOfPlay.handle.bind(fieldOfPlay)
  const reached = new Promise<void>((resolve) => {
    fieldOfPlay.handle = (input) => {
      resolve()
      return original(input)
    }
  })
  // aedes works a client's packets off in order, so ours may still overtake the subscription once or twice.
  const asker = setInterval(
    () => hall.observer.client.publish(`owlcms/refbox/downEmitted/${platform}`, ''),
    5,
  )
  await reached.finally(() => clearInterval(asker))
  fieldOfPlay.handle = original
}

describe('the simulated owlcms on a real broker', () => {
  it('starts one platform after the other and sends one config at the end, docs/owlcms.md 4.8', async () => {
    const { observer, owlcms, clock } = await openHall(['A', 'B'])
    expect(await observer.hears(2)).toEqual(lamps('A', 'on'))
    clock.advance(1000)
    await observer.hears(4)
    clock.advance(1000)
    await observer.hears(6)
    clock.advance(1000)
    await observer.hears(8)
    clock.advance(1000)
    expect(await owlcms.ready).toBe('started')
    await observer.hears(9)
    expect(observer.heard).toEqual([
      ...lamps('A', 'on'),
      ...lamps('A', 'off'),
      ...lamps('B', 'on'),
      ...lamps('B', 'off'),
      'owlcms/fop/config {"jurySize":3,"platforms":["A","B"],"version":"69.0.0"}',
    ])
  })

  it('is deaf until the lamps are off, then takes presses and answers', async () => {
    const hall = await openHall(['A'])
    await hall.observer.hears(2)
    const fieldOfPlay = hall.owlcms.fieldOfPlay('A')
    fieldOfPlay.loadSession(new FixedOrder([jane, zoe]))
    fieldOfPlay.startLifting()
    await hall.observer.hears(6)
    await hall.observer.say('owlcms/clock/A', 'start')
    hall.clock.advance(1000)
    await hall.observer.hears(8)
    await subscribed(hall, 'A')
    expect(fieldOfPlay.view().state).toBe('CURRENT_ATHLETE_DISPLAYED')
    await hall.observer.say('owlcms/clock/A', 'start')
    await hall.observer.hears(10)
    expect(hall.observer.heard).toEqual([
      ...lamps('A', 'on'),
      'owlcms/fop/resetDecisions/A reset',
      'owlcms/fop/liftingOrderUpdated/A',
      'owlcms/fop/startLifting/A',
      'owlcms/fop/liftingOrderUpdated/A',
      ...lamps('A', 'off'),
      'owlcms/fop/resetDecisions/A reset',
      `owlcms/fop/start/A ${janeStarts} 60000`,
    ])
  })

  it.each([[['A']], [['A', 'B', 'Platform 3']]])(
    'answers a config request once per platform: %j',
    async (platforms) => {
      const hall = await openHall(platforms)
      await finishStart(hall, platforms)
      hall.observer.heard.length = 0
      await hall.observer.say('owlcms/config', ' ')
      await hall.observer.hears(platforms.length)
      // A reply too many would come before what the same connection says next.
      for (const platform of platforms) hall.owlcms.fieldOfPlay(platform).loadSession(new FixedOrder([jane]))
      const heard = await hall.observer.hears(3 * platforms.length)
      const config = `owlcms/fop/config ${JSON.stringify({ jurySize: 3, platforms, version: '69.0.0' })}`
      expect(heard.slice(0, platforms.length)).toEqual(platforms.map(() => config))
      expect(heard.slice(platforms.length).toSorted()).toEqual(
        platforms
          .flatMap((platform) => [
            `owlcms/fop/resetDecisions/${platform} reset`,
            `owlcms/fop/liftingOrderUpdated/${platform}`,
          ])
          .toSorted(),
      )
    },
  )

  it('connects as owlcms does: MQTT 3.1.1, clean, 60 s, no will, an id of its own per platform', async () => {
    const { createServer } = await import('node:net')
    const { parser } = await import('mqtt-packet')
    const connects: unknown[] = []
    let got: () => void = () => undefined
    const two = new Promise<void>((resolve) => (got = resolve))
    const server = createServer((socket) => {
      const packets = parser()
      packets.on('packet', (packet) => {
        if (packet.cmd !== 'connect') return
        const { protocolVersion, clean, keepalive, will, clientId } = packet
        connects.push({ protocolVersion, clean, keepalive, will, clientId })
        got()
      })
      socket.on('data', (bytes) => packets.parse(bytes))
      socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => new Promise((resolve) => server.close(() => resolve())))
    const { port } = server.address() as { port: number }
    const owlcms = startSimulatedOwlcms({
      address: { transport: 'tcp', host: '127.0.0.1', port },
      ...credentials,
      platforms: ['A'],
      clock: new FakeClock(1234),
      log,
    })
    cleanups.push(() => owlcms.stop())
    await two
    expect(connects).toEqual([
      { protocolVersion: 4, clean: true, keepalive: 60, will: undefined, clientId: 'A_owlcms_1234' },
    ])
    await owlcms.stop()
    expect(await owlcms.ready).toBe('stopped')
  })

  it('tries again after a second when the connection is cut, and tests its lamps again', async () => {
    const hall = await openHall(['A'])
    const count = await finishStart(hall, ['A'])
    expect(count).toBe(5)
    hall.observer.heard.length = 0
    // Another client with the same id takes the connection over.
    const thief = await Observer.connect(hall.broker.port, 'A_owlcms_1700000000000')
    await thief.close()
    // What is said while disconnected is lost without a word.
    while (hall.clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    hall.owlcms.fieldOfPlay('A').loadSession(new FixedOrder([jane]))
    hall.clock.advance(1000)
    await hall.observer.hears(2)
    hall.clock.advance(1000)
    await hall.observer.hears(4)
    expect(hall.observer.heard).toEqual([...lamps('A', 'on'), ...lamps('A', 'off')])
  })

  it('stays away while its connection is cut, and tests its lamps again once it is restored', async () => {
    const hall = await openHall(['A'])
    await finishStart(hall, ['A'])
    hall.observer.heard.length = 0
    const desk = hall.owlcms.platform('A')
    desk.disconnect()
    desk.fieldOfPlay.loadSession(new FixedOrder([jane]))
    hall.clock.advance(10_000)
    desk.reconnect()
    await hall.observer.hears(2)
    hall.clock.advance(1000)
    await hall.observer.hears(4)
    await subscribed(hall, 'A')
    expect(hall.observer.heard).toEqual([...lamps('A', 'on'), ...lamps('A', 'off')])
  })

  it('processes each message twice with a second client', async () => {
    const hall = await openHall(['A'])
    await finishStart(hall, ['A'])
    const fieldOfPlay = hall.owlcms.fieldOfPlay('A')
    fieldOfPlay.loadSession(new FixedOrder([jane, zoe]))
    fieldOfPlay.startLifting()
    await hall.observer.hears(9)
    hall.owlcms.platform('A').addTwin()
    await hall.observer.hears(11)
    hall.clock.advance(1000)
    await hall.observer.hears(13)
    await hall.observer.say('owlcms/clock/A', 'start')
    await hall.observer.hears(15)
    hall.observer.heard.length = 0
    // The twin's subscription may still be on its way: asks until two answer to one question.
    let answers = 0
    while (answers < 2) {
      hall.observer.heard.length = 0
      await hall.observer.say('owlcms/config', '')
      await hall.observer.hears(1)
      await new Promise((resolve) => setTimeout(resolve, 50))
      answers = hall.observer.heard.length
    }
    hall.observer.heard.length = 0
    await hall.observer.say('owlcms/refbox/decision/A', '1 good')
    await hall.observer.hears(2)
    expect(hall.observer.heard).toEqual(['owlcms/fop/decision/A 1 good', 'owlcms/fop/decision/A 1 good'])
  })
})
