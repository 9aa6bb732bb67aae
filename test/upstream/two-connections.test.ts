import { topicOf } from '../../src/protocol/topic.ts'
import { generate, parser, type Packet } from 'mqtt-packet'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FakeClock } from '../support/fake-clock.ts'
import { startMosquitto, type Mosquitto, type MosquittoOptions } from '../support/mosquitto.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { connack, friendly, startScripted, type Answer } from '../support/scripted-broker.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { password, startLink, userName } from './start-link.ts'

const first = 'owlcms-bridge-test-1'
const second = `${first}-sends`
const press = ['owlcms/refbox/decision/A', '1 good'] as const
const will = {
  topic: topicOf('owlcms/bridge/hall/state'),
  payload: Buffer.from('offline'),
  qos: 1,
  retain: true,
} as const

/** Debian's configuration: Nagle's algorithm on, no limits. */
async function stock(options: Partial<MosquittoOptions> = {}): Promise<Mosquitto> {
  const broker = await startMosquitto({ transport: 'tcp', ...options })
  onTestFinished(() => broker.stop())
  return broker
}

/** Who exchanged such a packet with the broker, in its order; from what it logs. */
const whose = ({ log }: Mosquitto, packet: string): string[] =>
  log.flatMap((line) => new RegExp(`${packet} (?:to|from) (\\S+)`).exec(line)?.[1] ?? [])

describeIf(requirement('mosquitto'))('a link to a stock Mosquitto', () => {
  it('sends presses on one connection and hears everything on another, so that no PUBACK delays an echo', async () => {
    const broker = await stock()
    const link = startLink({ transport: 'tcp', port: broker.port }, { will })
    await link.untilStatus('connected')
    expect(await link.publish(...press)).toEqual({ kind: 'delivered' })
    await link.untilHeard(1)
    await broker.untilLog(new RegExp(`PUBACK from ${first} `))
    expect(link.heard).toEqual([{ topic: press[0], payload: press[1], qos: 1, retain: false }])
    expect({
      subscribes: whose(broker, 'Received SUBSCRIBE'),
      presses: whose(broker, 'Received PUBLISH'),
      acknowledged: whose(broker, 'Sending PUBACK'),
      hears: whose(broker, 'Sending PUBLISH'),
    }).toEqual({ subscribes: [first], presses: [second], acknowledged: [second], hears: [first] })
    // Only the first one leaves a will: it is there whatever the broker allows.
    expect(broker.log.filter((line) => line.includes('Will message specified'))).toHaveLength(1)
  })

  it('is a single one where the broker takes no second connection, and says so', async () => {
    const broker = await stock({ listener: ['max_connections 1'] })
    const link = startLink({ transport: 'tcp', port: broker.port })
    const { alone } = await link.untilStatus('connected')
    expect(['closedByBroker', 'reset']).toContain(alone?.code)
    expect(await link.publish(...press)).toEqual({ kind: 'delivered' })
    await link.untilHeard(1)
    expect(link.statuses.map(({ kind }) => kind)).toEqual(['connecting', 'connected'])
    expect(link.log.filter((line) => line.includes('one connection instead of two'))).toHaveLength(1)
  })

  it('knocks once with a wrong password', async () => {
    const broker = await stock({ users: { [userName]: password } })
    const wrong = { username: userName, password: `${password}-but-wrong` }
    const link = startLink(
      { transport: 'tcp', port: broker.port },
      { ...wrong, timings: { firstRetryMs: 60_000, retryFloorMs: 60_000 } },
    )
    await link.untilStatus('waiting')
    await broker.untilLog(/Sending CONNACK/)
    expect(whose(broker, 'Sending CONNACK')).toHaveLength(1)
  })

  it.each([
    ['the one that listens', 0],
    ['the one that sends', 1],
  ])('goes down with %s, cuts the other, and comes back with both', async (_which, at) => {
    const clock = new FakeClock()
    const broker = await stock()
    const proxy = await startTcpProxy(broker.port)
    onTestFinished(() => proxy.stop())
    const link = startLink({ transport: 'tcp', port: proxy.port }, { clock, will })
    await link.untilStatus('connected')
    proxy.clients[at]?.resetAndDestroy()
    const { fault, nextTryAt } = await link.untilStatus('waiting')
    expect(fault.code).toBe('reset')
    expect(link.upstream.ready).toBe(false)
    await broker.untilLog(/Client owlcms-bridge-test-1 closed/)
    await broker.untilLog(/Client owlcms-bridge-test-1-sends closed/)
    clock.advance(nextTryAt - clock.now())
    const back = await link.untilStatus('connected', 2)
    expect(back).toEqual({ kind: 'connected', since: back.since, protocolVersion: 5 })
    const outcome = link.publish(...press)
    await link.untilHeard(2)
    expect(await outcome).toEqual({ kind: 'delivered' })
    // What the broker said in our place, and the press, sent on the second connection of the second link.
    expect(link.heard.map(({ payload }) => payload)).toEqual(['offline', press[1]])
    await broker.untilLog(/Received PUBLISH/)
    expect(whose(broker, 'Received PUBLISH')).toEqual([second])
    expect(link.upstream.counters().reconnects).toEqual({ reset: 1 })
  })
})

describe('a broker that does not want a second connection', () => {
  it.each([
    ['refuses it for its number', 5, [connack(0x97)], 'connectionLimit'],
    ['refuses it for its number in MQTT 3.1.1', 4, [connack(5)], 'notAuthorised'],
    ['is busy', 5, [connack(0x88)], 'serverBusy'],
    ['hangs up', 5, ['hangUp' as const], 'closedByBroker'],
  ])('and %s serves the hall on one', async (_how, version, refusal, code) => {
    let connects = 0
    const { port, packets } = await startScripted(
      friendly((packet, asked) => {
        if (packet.cmd === 'publish') return [{ cmd: 'puback', messageId: packet.messageId ?? 0 }]
        if (packet.cmd !== 'connect') return []
        if (asked !== version) return [connack(1)]
        connects += 1
        return connects === 2 ? refusal : []
      }),
    )
    const link = startLink({ transport: 'tcp', port })
    const { alone } = await link.untilStatus('connected')
    expect(alone?.code).toBe(code)
    expect(await link.publish(...press)).toEqual({ kind: 'delivered' })
    expect(packets.slice(-4)).toEqual([`connect ${version}`, `connect ${version}`, 'subscribe', 'publish'])
    expect(link.statuses).toHaveLength(2)
  })

  it('and never answers it keeps the hall waiting for one step only', async () => {
    const clock = new FakeClock()
    let connects = 0
    const { port, packets } = await startScripted((packet, version, serverName) => {
      if (packet.cmd === 'connect' && (connects += 1) === 2) return []
      return friendly()(packet, version, serverName)
    })
    const link = startLink({ transport: 'tcp', port }, { clock })
    await expect.poll(() => packets).toEqual(['connect 5', 'connect 5'])
    clock.advance(1_500)
    const { alone } = await link.untilStatus('connected')
    expect(alone).toEqual({ code: 'timeout', raw: 'no CONNACK within 1.5 s' })
  })

  it.each([
    ['the first one at once', 'oldest'],
    ['the new one a moment later', 'newest'],
  ] as const)(
    'and throws out %s gets one after two such links, and two again after a good one',
    async (_how, which) => {
      const clock = new FakeClock()
      const broker = await startJealous(which)
      const timings = { deadAfterSilenceMs: 1e9, ackTimeoutMs: 1e9 }
      const link = startLink({ transport: 'tcp', port: broker.port }, { clock, timings, random: () => 0.5 })
      let seen = 0
      const again = async (): Promise<void> => {
        const { nextTryAt } = await link.untilStatus('waiting', seen)
        seen = link.statuses.length
        clock.advance(nextTryAt - clock.now())
      }
      await again()
      await again()
      expect((await link.untilStatus('connected', seen)).alone).toBeDefined()
      expect(await link.publish(...press)).toEqual({ kind: 'delivered' })
      clock.advance(30_000)
      broker.calmDown()
      expect(await link.publish('owlcms/x', 'hang up')).toEqual({ kind: 'lost' })
      await again()
      expect((await link.untilStatus('connected', seen)).alone).toBeUndefined()
    },
  )
})

/** A broker that bears one connection at a time, and throws one out when there is another; which one, says `victim`. */
async function startJealous(victim: 'oldest' | 'newest'): Promise<{ port: number; calmDown(): void }> {
  let jealous = true
  const open: Socket[] = []
  const throwOut = (): void => {
    if (jealous && open.length > 1) (victim === 'oldest' ? open.shift() : open.pop())?.end()
  }
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (open.includes(socket)) open.splice(open.indexOf(socket), 1)
    })
    const parse = parser()
    socket.on('data', (bytes) => parse.parse(bytes))
    parse.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') open.push(socket)
      if (packet.cmd === 'publish' && packet.payload.toString() === 'hang up') socket.destroy()
      const acknowledge: Answer = ({ cmd, messageId }) =>
        cmd === 'publish' ? [{ cmd: 'puback', messageId: messageId ?? 0 }] : []
      for (const step of friendly(acknowledge)(packet, 5, false))
        if (step !== 'hangUp') socket.write(generate(step, { protocolVersion: 5 }))
      // The newest is thrown out once the link stands, the oldest before.
      if (packet.cmd === (victim === 'oldest' ? 'connect' : 'subscribe')) throwOut()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, calmDown: () => (jealous = false) }
}
