import type { Packet } from 'mqtt-packet'
import { topicOf } from '../../src/protocol/topic.ts'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { LinkFaultCode } from '../../src/protocol/link/link-fault.ts'
import { systemClock, type Clock } from '../../src/support/clock.ts'
import { eventually, until } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { connack, friendly, startScripted, type Answer } from '../support/scripted-broker.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { startTestBroker, type TestBroker, type TestBrokerOptions } from '../support/tls-broker.ts'
import { password, startLink, userName } from './start-link.ts'

let certificates: TestCertificates
beforeAll(async () => {
  certificates = await makeCertificates()
})

async function start(options: Partial<TestBrokerOptions> = {}): Promise<TestBroker> {
  const broker = await startTestBroker({ transport: 'tls', certificate: certificates.valid, ...options })
  onTestFinished(() => broker.stop())
  return broker
}

/** A broker of MQTT 3.1.1 over TLS that acknowledges no publication. */
const scripted = (more: (packet: Packet) => ReturnType<Answer>): ReturnType<typeof startScripted> =>
  startScripted(
    friendly((packet, version) => (packet.cmd === 'connect' && version === 5 ? [connack(1)] : more(packet))),
    certificates.valid,
  )

const press = ['owlcms/refbox/decision/A', '1 good'] as const

describe('a link to a broker that speaks MQTT 3.1.1 only', () => {
  it.each(['tls', 'tcp', 'ws', 'wss'] as const)(
    'falls back at once and passes on both ways over %s',
    async (transport) => {
      const broker = await start({ transport, username: userName, password })
      const link = startLink(
        { port: broker.port, transport },
        { ca: certificates.ca, username: userName, password },
      )
      const connected = await link.untilStatus('connected')
      expect(connected).toEqual({ kind: 'connected', since: connected.since, protocolVersion: 4 })
      expect(await link.publish(...press)).toEqual({ kind: 'delivered' })
      await link.untilHeard(1)
      await broker.publish('owlcms/fop/decision/A', '1 good', { qos: 1 })
      await link.untilHeard(2)
      expect(link.heard).toEqual([
        { topic: press[0], payload: '1 good', qos: 1, retain: false },
        { topic: 'owlcms/fop/decision/A', payload: '1 good', qos: 1, retain: false },
      ])
      expect(broker.publications).toEqual([
        { topic: press[0], payload: '1 good', qos: 1, retain: false, dup: false },
      ])
      expect(link.statuses.map(({ kind }) => kind)).toEqual(['connecting', 'connected'])
      expect(broker.subscriptions).toEqual(['owlcms-bridge-test-1 owlcms/#'])
    },
  )

  it('keeps the version that worked', async () => {
    const broker = await start()
    const link = startLink(broker, { ca: certificates.ca })
    await link.untilStatus('connected')
    broker.reset()
    await link.untilStatus('waiting')
    await link.untilStatus('connected', 2)
    // One connection with version 5 and two with 4, then two more.
    expect(broker.connections).toBe(5)
  })

  it('gives the user what the broker says about a wrong password', async () => {
    const broker = await start({ username: userName, password: 'another' })
    const link = startLink(broker, { ca: certificates.ca, username: userName, password })
    const { fault } = await link.untilStatus('waiting')
    expect(fault).toEqual({ code: 'badCredentials', raw: 'CONNACK reason code 4', reasonCode: 4 })
  })

  it('sends the name of the host to the broker, and none for an IP address', async () => {
    const serverNames: string[] = []
    const broker = await start({
      certificate: {
        ...certificates.valid,
        SNICallback: (name, done) => {
          serverNames.push(name)
          done(null)
        },
      },
    })
    await startLink({ port: broker.port, host: 'localhost' }, { ca: certificates.ca }).untilStatus(
      'connected',
    )
    // One connection with version 5 and two with 4.
    expect(serverNames).toEqual(['localhost', 'localhost', 'localhost'])
    await startLink(broker, { ca: certificates.ca, clientId: 'owlcms-bridge-test-2' }).untilStatus(
      'connected',
    )
    expect(serverNames).toHaveLength(3)
  })
})

describe('a link whose subscription is refused', () => {
  it('never becomes ready, says so, and waits long', async () => {
    const broker = await scripted(({ cmd, messageId }) =>
      cmd === 'subscribe' ? [{ cmd: 'suback', messageId: messageId ?? 0, granted: [0x80] }] : [],
    )
    const link = startLink(broker, { ca: certificates.ca })
    const waiting = await link.untilStatus('waiting')
    expect(waiting).toEqual({
      kind: 'waiting',
      since: waiting.since,
      attempt: 1,
      nextTryAt: waiting.nextTryAt,
      fault: { code: 'subscriptionRefused', raw: 'SUBACK reason code 0x80', reasonCode: 0x80 },
    })
    expect(waiting.nextTryAt - waiting.since).toBeGreaterThan(50_000)
    expect(link.upstream.ready).toBe(false)
    expect(link.statuses.map(({ kind }) => kind)).toEqual(['connecting', 'waiting'])
  })
})

describe('certificates', () => {
  it.each([
    ['unknownCa', 'certificateUnknownCa'],
    ['selfSigned', 'certificateSelfSigned'],
    ['expired', 'certificateExpired'],
    ['notYetValid', 'certificateNotYetValid'],
    ['wrongHost', 'certificateWrongHost'],
  ] as const)('refuses one that is %s, over TLS and over WebSocket', async (which, code: LinkFaultCode) => {
    for (const transport of ['tls', 'wss'] as const) {
      const broker = await start({ transport, certificate: certificates[which] })
      const link = startLink({ port: broker.port, transport }, { ca: certificates.ca })
      const { fault } = await link.untilStatus('waiting')
      expect(fault.code).toBe(code)
      expect(fault.raw).not.toContain('127.0.0.1')
      expect(broker.connections).toBe(0)
      await link.upstream.stop()
    }
  })

  it('trusts nothing but the well-known authorities without a CA of its own', async () => {
    const broker = await start()
    const { fault } = await startLink(broker).untilStatus('waiting')
    expect(fault.code).toBe('certificateUnknownCa')
  })

  it('refuses a CA that is no certificate when the link is made', () => {
    expect(() =>
      startLink({ port: 8883 }, { ca: '-----BEGIN CERTIFICATE-----\nnonsense\n', start: false }),
    ).toThrow()
  })
})

describe('what else may be at the other end', () => {
  it('tells a port where nobody listens', async () => {
    const broker = await start()
    await broker.kill()
    const { fault } = await startLink(broker).untilStatus('waiting')
    expect(fault).toEqual({ code: 'refused', raw: `connect ECONNREFUSED [broker]:${String(broker.port)}` })
  })

  it('tells a port without TLS', async () => {
    const broker = await start({ transport: 'tcp' })
    const { fault } = await startLink(broker).untilStatus('waiting')
    expect(['tlsCut', 'reset']).toContain(fault.code)
  })

  it('tells a web server from a broker', async () => {
    const broker = await start({ transport: 'ws' })
    const plain = startLink({ port: broker.port, transport: 'tcp' })
    expect((await plain.untilStatus('waiting')).fault.code).toBe('webServer')
    const elsewhere = startLink({ port: broker.port, transport: 'ws', path: '/other' })
    expect((await elsewhere.untilStatus('waiting')).fault).toEqual({
      code: 'notMqtt',
      raw: 'Unexpected server response: 400',
    })
  })
})

describe('a broker that goes away and comes back', () => {
  it('settles presses made meanwhile as offline, never delivers them, and subscribes again', async () => {
    const broker = await start()
    const link = startLink(broker, { ca: certificates.ca })
    await link.untilStatus('connected')
    await broker.kill()
    const { fault } = await link.untilStatus('waiting')
    expect(['reset', 'closedByBroker']).toContain(fault.code)
    expect(link.upstream.ready).toBe(false)
    expect(await link.publish(...press)).toEqual({ kind: 'offline' })
    const before = link.statuses.length
    await broker.restart()
    await link.untilStatus('connected', before)
    expect(await link.publish('owlcms/refbox/decision/A', '2 bad')).toEqual({ kind: 'delivered' })
    await broker.publish('owlcms/fop/up/A', '')
    await link.untilHeard(2)
    expect(broker.publications.map(({ payload }) => payload)).toEqual(['2 bad'])
    expect(link.heard.map(({ topic }) => topic)).toEqual(['owlcms/refbox/decision/A', 'owlcms/fop/up/A'])
    expect(broker.subscriptions).toHaveLength(2)
  })

  it('shows the last fault while it connects again, and counts it', async () => {
    const broker = await start()
    const link = startLink(broker, { ca: certificates.ca })
    await link.untilStatus('connected')
    broker.reset()
    const { fault, since: downSince } = await link.untilStatus('waiting')
    const connecting = await link.untilStatus('connecting', 2)
    expect(connecting).toEqual({
      ...{ kind: 'connecting', since: connecting.since, attempt: 2, lastFault: fault, downSince },
    })
    expect(link.upstream.counters()).toMatchObject({ losses: 1, reconnects: { [fault.code]: 1 } })
  })

  it('settles presses under way as lost, once, and never sends them again', async () => {
    const publications: unknown[] = []
    const { port } = await scripted((packet) => {
      if (packet.cmd !== 'publish') return []
      publications.push([packet.topic, packet.dup])
      return publications.length === 2 ? ['hangUp'] : []
    })
    const link = startLink({ port }, { ca: certificates.ca })
    await link.untilStatus('connected')
    const outcomes = [link.publish(...press), link.publish('owlcms/clock/A', 'start')]
    expect(await Promise.all(outcomes)).toEqual([{ kind: 'lost' }, { kind: 'lost' }])
    await link.untilStatus('connected', 2)
    // Something that comes after whatever MQTT.js could have re-sent on the new connection.
    void link.publish('owlcms/clock/B', 'stop')
    await until(() => publications.length >= 3)
    expect(publications).toEqual([
      ['owlcms/refbox/decision/A', false],
      ['owlcms/clock/A', false],
      ['owlcms/clock/B', false],
    ])
  })

  it('tries again at once when told to, and only then', async () => {
    const broker = await start()
    const port = broker.port
    await broker.kill()
    const timings = { firstRetryMs: 60_000, retryFloorMs: 60_000, retryCapMs: 60_000 }
    const link = startLink({ port }, { ca: certificates.ca, timings })
    await link.untilStatus('waiting')
    await broker.restart()
    link.upstream.tryNow()
    link.upstream.tryNow()
    await link.untilStatus('connected')
    expect(link.statuses.map(({ kind }) => kind)).toEqual([
      'connecting',
      'waiting',
      'connecting',
      'connected',
    ])
  })
})

describe('a half-open connection', () => {
  it.each(['tls', 'wss'] as const)(
    'is noticed and reset, so that nothing sent into it arrives later (%s)',
    async (transport) => {
      const clock = new FakeClock()
      const broker = await start({ transport })
      const proxy = await startTcpProxy(broker.port)
      onTestFinished(() => proxy.stop())
      const link = startLink({ port: proxy.port, transport }, { ca: certificates.ca, clock })
      await link.untilStatus('connected')
      proxy.freeze()
      const outcome = link.publish(...press)
      clock.advance(10_000)
      expect(await outcome).toEqual({ kind: 'lost' })
      const { fault, nextTryAt } = await link.untilStatus('waiting')
      expect(fault.code).toBe('halfOpen')
      proxy.thaw()
      clock.advance(nextTryAt - clock.now())
      await link.untilStatus('connected', 3)
      // The one that asked for version 5 may have ended before them.
      await eventually(() => expect(proxy.ends.slice(-2)).toEqual(['reset', 'reset']))
      expect(broker.publications).toEqual([])
    },
  )

  it('is not seen in a quiet link whose broker answers pings, and the round trip is measured', async () => {
    const broker = await start()
    let aheadMs = 0
    const looks = new Set<() => void>()
    const clock: Clock = {
      ...systemClock,
      // Time goes on by the rounds only: on a busy machine an answer would else be taken for the next one, which takes longer.
      now: () => aheadMs,
      repeat(_, look) {
        looks.add(look)
        return () => looks.delete(look)
      },
    }
    const patient = { pingAfterSilenceMs: 1_000, deadAfterSilenceMs: 30_000 }
    const link = startLink(broker, { ca: certificates.ca, timings: patient, clock })
    const { since } = await link.untilStatus('connected')
    // Each answer takes longer than the one before, so that each is known when it has come; four times as long as the link may be dead.
    for (let round = 1; round <= 60; round += 1) {
      aheadMs += 1_500
      for (const look of looks) look()
      aheadMs += round * 100
      const answered = { kind: 'connected', roundTripMs: expect.any(Number) as number }
      await eventually(() => {
        const now = link.upstream.status()
        expect(now).toMatchObject(answered)
        expect(now.kind === 'connected' && now.roundTripMs).toBeGreaterThanOrEqual(round * 100)
      })
    }
    const status = link.upstream.status()
    expect(status).toEqual({
      kind: 'connected',
      since,
      protocolVersion: 4,
      roundTripMs: expect.any(Number) as number,
    })
    expect(link.statuses).toEqual([
      expect.objectContaining({ kind: 'connecting' }),
      { kind: 'connected', since, protocolVersion: 4 },
    ])
  })
})

describe('retained publications', () => {
  it('drops what the broker has stored, except the state of bridges, and warns once for each kind', async () => {
    const broker = await start()
    for (const platform of ['A', 'B'])
      await broker.publish(`owlcms/fop/decision/${platform}`, 'x', { retain: true })
    await broker.publish('owlcms/bridge/hall/state', '{}', { retain: true })
    const link = startLink(broker, { ca: certificates.ca })
    await link.untilStatus('connected')
    await broker.publish('owlcms/fop/up/A', 'now')
    await link.untilHeard(2)
    // aedes replays what it has stored beside the live traffic, in no fixed order.
    await expect
      .poll(() => link.upstream.counters())
      .toEqual({
        ...{ received: 2, published: 0, ignoredRetained: 2, ignoredInvalid: 0, losses: 0, reconnects: {} },
      })
    expect(link.heard.sort((a, b) => a.topic.localeCompare(b.topic))).toEqual([
      { topic: 'owlcms/bridge/hall/state', payload: '{}', qos: 0, retain: true },
      { topic: 'owlcms/fop/up/A', payload: 'now', qos: 0, retain: false },
    ])
    expect(link.log.filter((line) => line.includes('has stored'))).toHaveLength(1)
  })

  it('never asks the broker to store anything but the state of bridges', async () => {
    const broker = await start()
    const link = startLink(broker, { ca: certificates.ca })
    await link.untilStatus('connected')
    await link.publish(...press, { retain: true })
    await link.publish('owlcms/bridge/hall/state', '{}', { retain: true })
    await broker.until(({ publications }) => publications.length === 2)
    expect(broker.publications.map(({ retain }) => retain)).toEqual([false, true])
  })
})

describe('publish', () => {
  it('never settles before it returns, online or not', async () => {
    const broker = await start()
    const link = startLink(broker, { ca: certificates.ca, start: false })
    const settledWhen = (qos: 0 | 1): Promise<string> =>
      new Promise((resolve) => {
        let when = 'before'
        const publication = { topic: topicOf('owlcms/x'), payload: Buffer.from(''), qos, retain: false }
        link.upstream.publish(publication, ({ kind }) => resolve(`${kind} ${when}`))
        when = 'after'
      })
    expect([await settledWhen(0), await settledWhen(1)]).toEqual(['offline after', 'offline after'])
    link.upstream.start()
    await link.untilStatus('connected')
    expect([await settledWhen(0), await settledWhen(1)]).toEqual(['delivered after', 'delivered after'])
  })
})

describe('stop', () => {
  it('waits for what is under way, says goodbye, and is quiet afterwards', async () => {
    const broker = await start()
    const link = startLink(broker, { ca: certificates.ca })
    await link.untilStatus('connected')
    const outcome = link.publish(...press)
    const stopped = link.upstream.stop()
    expect(link.upstream.ready).toBe(false)
    expect(await link.publish('owlcms/clock/A', 'start')).toEqual({ kind: 'offline' })
    expect(await outcome).toEqual({ kind: 'delivered' })
    await stopped
    expect(link.statuses.map(({ kind }) => kind)).toEqual(['connecting', 'connected', 'stopped'])
    expect(broker.publications).toHaveLength(1)
  })

  it('does not wait for ever when the broker has fallen silent', async () => {
    const broker = await scripted(() => [])
    const link = startLink(broker, { ca: certificates.ca })
    await link.untilStatus('connected')
    const outcome = link.publish(...press)
    await link.upstream.stop()
    expect(await outcome).toEqual({ kind: 'lost' })
  })

  it('works while it waits for the next try, and before it ever started', async () => {
    const waiting = startLink({ port: 1 })
    await waiting.untilStatus('waiting')
    await waiting.upstream.stop()
    expect(waiting.upstream.status().kind).toBe('stopped')
    await startLink({ port: 1 }, { start: false }).upstream.stop()
  })
})
