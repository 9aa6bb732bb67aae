import { beforeEach, describe, expect, it } from 'vitest'
import { deviceAuthenticator, deviceOrToken } from '../../src/downstream/guests/authenticate.ts'
import { GuestBook } from '../../src/downstream/guests/guest-book.ts'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { defaultClientLimits, type ClientLimits } from '../../src/support/limits.ts'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryClient, MemoryStreamClient } from '../support/memory-client.ts'
import { silentLog } from '../support/silent-log.ts'

/** SECURITY.md, "Attacks": whatever one guest opens, sends or guesses costs no official a place or a press (R12). */

const A = 'A' as Platform
const people: Readonly<Record<string, Principal>> = {
  viewer: { kind: 'viewer' },
  referee1: { kind: 'seat', platform: A, role: 'referee', number: 1 },
  referee2: { kind: 'seat', platform: A, role: 'referee', number: 2 },
  organiser: { kind: 'admin' },
}
const tokenOf = (name: string): string => `owl1${name.padEnd(40, '-')}`
const holderOf = (token: string): Principal | undefined => people[token.slice(4).replace(/-+$/, '')]

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub
let gateway: MqttGateway
let stream: JsonStream

function setUp(limits: Partial<ClientLimits> = {}, open = false): void {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  const platforms = new Platforms({ clock, random: () => 0.5 })
  hub = new Hub({ clock, upstream, platforms })
  hub.linkChanged(true)
  upstream.settleAll()
  hub.receive(publication('owlcms/fop/config', '{"jurySize":5,"platforms":["A"],"version":"61.0.0"}'))
  const all = { ...defaultClientLimits, flushWindowMs: 0, ...limits }
  const guests = new GuestBook(clock, all)
  const authenticate = deviceOrToken(deviceAuthenticator(open ? undefined : 'hall', 'secret'), (token) =>
    Promise.resolve(holderOf(token)),
  )
  gateway = new MqttGateway({
    hub,
    clock,
    log: silentLog,
    limits: all,
    random: Math.random,
    authenticate,
    guests,
  })
  stream = new JsonStream({
    ...{ hub, platforms, clock, log: silentLog, version: '1', clientLimits: all, guests },
    authenticateToken: (token) => (token === undefined ? { kind: 'viewer' } : holderOf(token)),
  })
}

beforeEach(() => setUp())

function onStream(who: string, address = '192.0.2.1', client = who): MemoryStreamClient {
  const socket = new MemoryStreamClient(stream, clock, () => undefined, address)
  socket.send({ type: 'start', schema: 1, client, ...(who === 'anybody' ? {} : { token: tokenOf(who) }) })
  return socket
}

let boxes = 0
/** A box with the broker's password, or another one. */
function box(address = '192.0.2.1', password = 'secret', clientId = `box ${(boxes += 1)}`): MemoryClient {
  const client = new MemoryClient(gateway, clock, 4, address)
  client.connect({ clientId, password: Buffer.from(password) })
  return client
}

const everybody = (count: number, make: (at: number) => { readonly closed: unknown }) =>
  Array.from({ length: count }, (_, at) => make(at)).filter(({ closed }) => closed === undefined).length

describe('places', () => {
  it('are kept for officials, of which no viewer gets one: in all, and from one address', () => {
    const elsewhere = (at: number): string => `198.51.${at >> 8}.${at & 255}`
    expect(everybody(1_100, (at) => onStream('anybody', elsewhere(at)))).toBe(800)
    expect(everybody(50, (at) => onStream('viewer', elsewhere(at)))).toBe(0)
    expect([box().closed, onStream('referee1').closed, onStream('organiser').closed]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    setUp()
    expect(everybody(600, () => onStream('anybody'))).toBe(480)
    expect([box().closed, onStream('referee1').closed, onStream('organiser').closed]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('are kept for who shows a code also from boxes that need no password', () => {
    setUp({ maxClientsPerAddress: 20 }, true)
    expect(everybody(30, () => box())).toBe(18)
    expect(everybody(30, () => onStream('anybody'))).toBe(0)
    expect(onStream('referee1').closed).toBeUndefined()
  })

  it('of one seat are few, whatever its devices are called', () => {
    expect(everybody(40, (at) => onStream('referee1', '192.0.2.1', `phone ${at}`))).toBe(20)
    expect(onStream('referee2').closed).toBeUndefined()
  })

  it('of one address are those of its network where it is IPv6', () => {
    setUp({ maxClientsPerAddress: 10 })
    expect(everybody(30, (at) => onStream('anybody', `2001:db8::${at.toString(16)}`))).toBe(8)
    expect(onStream('anybody', '2001:db8:0:1::1').closed).toBeUndefined()
  })

  it('are counted over both edges together', () => {
    setUp({ maxClients: 10 })
    expect(everybody(5, () => box())).toBe(5)
    expect(everybody(10, (at) => onStream('referee1', '192.0.2.1', `phone ${at}`))).toBe(5)
    expect(box().closed).toEqual(closeCodes.full)
  })

  it('are free again as soon as somebody is ended, however long the socket lingers', () => {
    setUp({ maxClients: 1 })
    class Lingering extends MemoryStreamClient {
      override drop(): void {
        // The far side keeps its half open.
      }
    }
    const lingering = new Lingering(stream, clock)
    lingering.send({ type: 'start', schema: 1, token: tokenOf('referee1') })
    expect(box().closed).toEqual(closeCodes.full)
    stream.endWhere(() => true, 'passEnded')
    expect(lingering.closed).toEqual(closeCodes.passEnded)
    expect(box().closed).toBeUndefined()
  })

  it('are taken by nobody whose token is good only after the socket is gone', async () => {
    setUp({ maxClients: 1 })
    const gone = new MemoryClient(gateway, clock, 4)
    gone.connect({ password: Buffer.from(tokenOf('referee1')) })
    gone.drop()
    await Promise.resolve()
    await Promise.resolve()
    expect(box().closed).toBeUndefined()
  })
})

describe('sockets that have not said who they are', () => {
  const silent = (address: string): MemoryClient => new MemoryClient(gateway, clock, 4, address)

  it('keep nobody out, from the same address either, and are few: the oldest gives way', () => {
    const strangers = Array.from({ length: 2_000 }, () => silent('192.0.2.1'))
    expect(strangers.filter(({ closed }) => closed === undefined)).toEqual(strangers.slice(-300))
    expect([box('192.0.2.1').closed, onStream('referee1', '192.0.2.1').closed]).toEqual([
      undefined,
      undefined,
    ])
    const more = Array.from({ length: 2_000 }, (_, at) => silent(`198.51.100.${at & 255}`))
    expect([...strangers, ...more].filter(({ closed }) => closed === undefined)).toHaveLength(600)
    expect(box('192.0.2.9').closed).toBeUndefined()
  })

  it('don’t push out who has spoken and waits for its turn', async () => {
    setUp({ loginFailureBurst: 1, loginFailuresPerSecond: 1 })
    box('192.0.2.1', 'wrong')
    const waiting = box('192.0.2.1')
    for (let at = 0; at < 1_000; at += 1) silent('192.0.2.1')
    clock.advance(1_000)
    await eventually(() => expect(waiting.take()).toMatchObject([{ returnCode: 0 }]))
  })
})

describe('kept sessions', () => {
  it('are filled by no viewer’s link and no seat’s: a box that reboots finds its own', async () => {
    const away = async (who: string, clientId: string): Promise<void> => {
      const client = new MemoryClient(gateway, clock)
      const password = Buffer.from(who === 'box' ? 'secret' : tokenOf(who))
      const answer = client.connect({ clientId, clean: false, password })
      if (answer === undefined)
        await eventually(() => expect(client.take()).toMatchObject([{ returnCode: 0 }]))
      client.drop()
    }
    for (let at = 0; at < 300; at += 1) await away('viewer', `viewer ${at}`)
    for (let at = 0; at < 300; at += 1) await away('referee1', `phone ${at}`)
    await away('box', 'box')
    const back = new MemoryClient(gateway, clock)
    expect(back.connect({ clientId: 'box', clean: false })).toMatchObject({ sessionPresent: true })
    expect(hub.sessionCount).toBe(1 + 8)
  })
})

describe('the rate of presses', () => {
  let presses = 0
  const press = (referee: 1 | 2): object => ({
    ...{ type: 'press', id: `p${(presses += 1)}`, platform: 'A' },
    command: { kind: 'refereeDecision', referee, value: 'good' },
  })
  /** How many of so many presses are refused as too many. */
  function refused(client: MemoryStreamClient, count: number, referee: 1 | 2 = 1): number {
    client.take()
    for (let at = 0; at < count; at += 1) {
      client.send(press(referee))
      clock.advance(10)
      upstream.settleAll()
    }
    return client.take().filter((told) => told.type === 'error' && told.reason === 'tooFast').length
  }

  it('is its seat’s, over all connections and after a new start, and another seat has its own', () => {
    setUp({ messagesPerSecond: 1, messageBurst: 100 })
    const phones = Array.from({ length: 5 }, (_, at) => onStream('referee1', `192.0.2.${at}`, 'phone'))
    expect(phones.map((phone) => refused(phone, 50)).reduce((sum, count) => sum + count)).toBeGreaterThan(140)
    for (const phone of phones) phone.drop()
    expect(refused(onStream('referee1', '192.0.2.9', 'new phone'), 50)).toBeGreaterThan(45)
    expect(refused(onStream('referee2', '192.0.2.9'), 100, 2)).toBe(0)
  })

  it('of a box is its own, and all of one address have one together', () => {
    setUp({ messagesPerSecond: 1, messageBurst: 10 })
    const passed = (client: MemoryClient, count: number): number => {
      const before = gateway.counters.overRate
      for (let at = 0; at < count; at += 1)
        client.send({
          cmd: 'publish',
          topic: 'owlcms/new/A',
          payload: 'x',
          qos: 0,
          dup: false,
          retain: false,
        })
      return count - (gateway.counters.overRate - before)
    }
    expect(passed(box('192.0.2.1', 'secret', 'mad'), 20)).toBe(10)
    expect(passed(box('192.0.2.1', 'secret', 'mad'), 10)).toBe(0)
    expect([1, 2, 3, 4].map(() => passed(box('192.0.2.1'), 10))).toEqual([10, 10, 10, 0])
    expect(passed(box('192.0.2.2'), 10)).toBe(10)
  })
})

describe('a flood', () => {
  const ping = { type: 'ping' }
  const publishing = { cmd: 'publish', payload: 'x', qos: 0, dup: false, retain: false } as const
  /** Milliseconds from now until it gets in again. */
  function away(comes: () => { readonly closed: unknown }): number {
    const began = clock.now()
    while (comes().closed !== undefined) clock.advance(100)
    return clock.now() - began
  }
  const endless = (client: MemoryStreamClient): MemoryStreamClient => {
    for (let at = 0; at < 5_000 && client.closed === undefined; at += 1) client.send(ping)
    return client
  }

  it('of anything ends who sends it, unread from then on, and keeps it away for a growing while', () => {
    const referee = (): MemoryStreamClient => onStream('referee1')
    const first = endless(referee())
    expect([first.closed?.code, first.closed?.reason, first.reading]).toEqual([
      closeCodes.tooFast.code,
      'too many messages, retry in 1.0 s',
      false,
    ])
    const times = [away(referee)]
    for (let again = 0; again < 7; again += 1) {
      endless(referee())
      times.push(away(referee))
    }
    expect(times).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
    clock.advance(600_000)
    endless(referee())
    expect(away(referee)).toBe(1_000)
    expect(stream.counters.streamFloods).toBe(9)
  })

  it('over many connections is one flood, of which the others are ended too', () => {
    const lines = Array.from({ length: 20 }, () => onStream('referee1'))
    for (let at = 0; at < 300; at += 1) for (const line of lines) line.send(ping)
    expect(lines.filter(({ closed }) => closed === undefined)).toEqual([])
    expect(onStream('referee1').closed?.reason).toBe('too many messages, retry in 1.0 s')
    expect(away(() => onStream('referee1'))).toBe(1_000)
  })

  it('of one seat keeps no other away, nor who sits on it elsewhere', () => {
    const elsewhere = onStream('referee1', '192.0.2.9')
    endless(onStream('referee1'))
    expect([onStream('referee2').closed, box().closed, elsewhere.closed]).toEqual(Array(3).fill(undefined))
    expect(onStream('referee1', '192.0.2.9').closed).toBeUndefined()
  })

  it('of a viewer keeps the viewers of its address away, and no official', () => {
    endless(onStream('anybody'))
    expect(onStream('anybody').closed?.code).toBe(closeCodes.tooFast.code)
    expect([onStream('referee1').closed, box().closed, onStream('anybody', '192.0.2.9').closed]).toEqual(
      Array(3).fill(undefined),
    )
    expect(away(() => onStream('anybody'))).toBe(1_000)
  })

  it.each<[what: string, packet: Parameters<MemoryClient['send']>[0]]>([
    ['presses', { ...publishing, topic: 'owlcms/refbox/decision/A' }],
    ['subscriptions', { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'owlcms/x', qos: 0 }] }],
    ['pings', { cmd: 'pingreq' }],
    ['acknowledgements of nothing', { cmd: 'puback', messageId: 9 }],
  ])('of %s on /mqtt is cut after a burst, and its box kept away', (_, packet) => {
    const mad = box('192.0.2.1', 'secret', 'mad')
    let sent = 0
    for (; sent < 5_000 && mad.closed === undefined; sent += 1) mad.send(packet)
    expect([sent, mad.closed, mad.reading]).toEqual([2_001, closeCodes.tooFast, false])
    expect(box('192.0.2.1', 'secret', 'mad').closed).toEqual(closeCodes.tooFast)
    expect(box('192.0.2.1', 'secret', 'well').closed).toBeUndefined()
    expect(gateway.counters.floods).toBe(2)
  })

  it.each([
    [5, 1, { cmd: 'puback', reasonCode: 0x97 }, [{ cmd: 'disconnect', reasonCode: 0x96 }]],
    [5, 2, { cmd: 'pubrec', reasonCode: 0x97 }, [{ cmd: 'disconnect', reasonCode: 0x96 }]],
    // MQTT 3 has no word for it; unanswered it would be sent again.
    [4, 1, { cmd: 'puback' }, []],
  ] as const)(
    'with MQTT %i at QoS %i ends with an answer to what was one too many',
    (version, qos, answer, goodbye) => {
      const mad = new MemoryClient(gateway, clock, version)
      mad.connect({ clientId: 'mad' })
      while (mad.closed === undefined) mad.send({ cmd: 'pingreq' })
      clock.advance(1_000)
      const again = new MemoryClient(gateway, clock, version)
      again.connect({ clientId: 'mad' })
      // Room for a few.
      clock.advance(20)
      let messageId = 0
      while (again.closed === undefined) {
        again.take()
        messageId += 1
        again.send({ ...publishing, topic: 'owlcms/refbox/decision/A', qos, messageId })
      }
      expect(again.take()).toMatchObject([{ ...answer, messageId }, ...goodbye])
    },
  )

  it('of empty or half frames is one, too', () => {
    for (const chunk of [[], [0x30]]) {
      const mad = box()
      for (let at = 0; at < 5_000 && mad.closed === undefined; at += 1) mad.bytes(new Uint8Array(chunk))
      expect(mad.closed).toBeDefined()
    }
  })

  it('is no burst of an official: 200 presses at once, again after four seconds, and acknowledgements of all it hears', () => {
    const phone = onStream('referee1')
    phone.take()
    for (let again = 0; again < 5; again += 1) {
      for (let at = 0; at < 200; at += 1)
        phone.send({
          ...{ type: 'press', id: `${again} ${at}`, platform: 'A' },
          command: { kind: 'refereeDecision', referee: 1, value: 'good' },
        })
      clock.advance(4_000)
    }
    expect(phone.closed).toBeUndefined()
    const listener = box()
    listener.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'owlcms/#', qos: 1 }] })
    for (let at = 0; at < 3_000; at += 1) {
      hub.receive({ ...publication('owlcms/fop/timeRemaining/A', `${at}`), qos: 1 })
      for (const packet of listener.take())
        if (packet.cmd === 'publish') listener.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
    }
    expect(listener.closed).toBeUndefined()
  })
})
