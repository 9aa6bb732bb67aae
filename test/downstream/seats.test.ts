import type { Packet } from 'mqtt-packet'
import { beforeEach, describe, expect, it } from 'vitest'
import { deviceAuthenticator, deviceOrToken } from '../../src/downstream/guests/authenticate.ts'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { deviceId } from '../../src/hub/people/device-id.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { seatGraceMs } from '../../src/hub/people/seat-desk.ts'
import { closeCodes, type CloseCode } from '../../src/protocol/contract/close-codes.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import type { ServerMessage } from '../../src/protocol/contract/stream-message.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryClient, MemoryStreamClient } from '../support/memory-client.ts'
import { recordingLog } from '../support/silent-log.ts'

const A = 'A' as Platform
const topic = 'owlcms/refbox/decision/A'

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub
let gateway: MqttGateway
let stream: JsonStream
let log: ReturnType<typeof recordingLog>
/** Tokens whose verification is under way, oldest first. */
let verifying: ((principal: Principal | undefined) => void)[]
let verified: number

const token = (name: string): string => `owl1${name}`.padEnd(50, '-')
const principals: Readonly<Record<string, Principal>> = {
  [token('referee1token')]: { kind: 'seat', platform: A, role: 'referee', number: 1 },
  [token('referee2token')]: { kind: 'seat', platform: A, role: 'referee', number: 2 },
  [token('viewertoken')]: { kind: 'viewer', platforms: [A] },
}

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  const platforms = new Platforms({ clock, random: () => 0.5 })
  hub = new Hub({ clock, upstream, platforms })
  log = recordingLog()
  verifying = []
  verified = 0
  const clientLimits = { ...defaultClientLimits, flushWindowMs: 0 }
  gateway = new MqttGateway({
    hub,
    clock,
    log: log.log,
    limits: clientLimits,
    random: () => 0.5,
    authenticate: deviceOrToken(deviceAuthenticator('hall', 'secret'), verify),
  })
  stream = new JsonStream({
    ...{ hub, platforms, clock, log: log.log, clientLimits, version: '1' },
    authenticateToken: (given) => (given === undefined ? { kind: 'viewer' } : verify(given)),
  })
  hub.linkChanged(true)
  upstream.settleAll()
  hub.receive(publication('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"61"}'))
})

function verify(given: string): Promise<Principal | undefined> {
  verified += 1
  return new Promise((resolve) => {
    verifying.push((principal) => resolve(principal))
    if (!slowly) resolve(principals[given])
  })
}
let slowly = false
beforeEach(() => {
  slowly = false
})

/** Lets promises that are settled go on. */
async function turn(): Promise<void> {
  for (let index = 0; index < 10; index += 1) await Promise.resolve()
  clock.finishTurn()
}

async function box(name: string, clientId: string, version: 4 | 5 = 5, options = {}): Promise<MemoryClient> {
  const client = new MemoryClient(gateway, clock, version)
  client.connect({ clientId, username: 'any', password: Buffer.from(token(name)), ...options })
  await turn()
  expect(client.take()[0]).toMatchObject({
    cmd: 'connack',
    ...(version === 5 ? { reasonCode: 0 } : { returnCode: 0 }),
  })
  return client
}

async function phone(name: string, client: string): Promise<MemoryStreamClient> {
  const connected = new MemoryStreamClient(stream, clock)
  connected.send({ type: 'start', schema: 1, token: token(name), client })
  await turn()
  return connected
}

function seatNews(client: MemoryStreamClient): string[] {
  return client.take().flatMap((message: ServerMessage) => (message.type === 'seat' ? [message.state] : []))
}

function pressOnBox(client: MemoryClient, payload = '2 good', id = 7): Packet[] {
  client.send({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId: id })
  settle()
  return client.take()
}

/** What was passed on, each in its turn; then the broker has it. */
let passedOn: string[] = []
beforeEach(() => {
  passedOn = []
})
function settle(): void {
  clock.advance(5)
  passedOn.push(...upstream.lines)
  upstream.settleAll()
}

let pressed = 0
function pressOnPhone(client: MemoryStreamClient): string[] {
  client.take()
  pressed += 1
  const command = { kind: 'refereeDecision', referee: 2, value: 'good' }
  client.send({ type: 'press', id: `p${pressed}`, platform: 'A', command })
  settle()
  return client.take().flatMap((message) => {
    if (message.type === 'error') return [message.reason]
    return message.type === 'ack' ? ['ack'] : []
  })
}

describe('a token as MQTT password', () => {
  it.each([4, 5] as const)('opens the seat, whatever the user name is (MQTT %s)', async (version) => {
    const client = await box('referee2token', 'box', version)
    client.send({ cmd: 'publish', topic, payload: '2 good', qos: 1, dup: false, retain: false, messageId: 7 })
    expect(upstream.lines).toEqual([`${topic} 2 good`])
    upstream.settleAll()
    expect(client.take()).toMatchObject([{ cmd: 'puback', messageId: 7 }])
    expect(hub.presence.clients(clock.now())).toMatchObject([
      { clientId: 'box', principal: { role: 'referee' } },
    ])
  })

  it('presses for nobody else, and hears what its seat hears', async () => {
    const client = await box('referee2token', 'box')
    client.send({ cmd: 'publish', topic, payload: '1 good', qos: 1, dup: false, retain: false, messageId: 7 })
    expect([upstream.lines, client.take()]).toMatchObject([[], [{ cmd: 'puback', reasonCode: 0x87 }]])
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'owlcms/#', qos: 0, nl: false, rap: false, rh: 0 }],
    })
    client.take()
    for (const payload of ['1 good', '2 bad']) hub.receive(publication('owlcms/fop/decision/A', payload))
    hub.receive(publication('owlcms/jurybox/juryMember/decision/A', '1 good'))
    expect(client.take().map((packet) => 'payload' in packet && packet.payload.toString())).toEqual(['2 bad'])
  })

  it('that is not good is answered like a wrong password', async () => {
    for (const [version, answer] of [
      [4, { cmd: 'connack', returnCode: 4 }],
      [5, { cmd: 'connack', reasonCode: 0x86 }],
    ] as const) {
      const client = new MemoryClient(gateway, clock, version)
      client.connect({ password: Buffer.from(token('strangertoken')) })
      await turn()
      expect([client.take()[0], client.closed]).toMatchObject([answer, closeCodes.unauthorised])
    }
    expect(log.lines.join('')).not.toContain('strangertoken')
  })

  it.each([
    'secret',
    'wrong',
    '',
    'a.b.c',
    `owl1${'x'.repeat(3_000)}`,
    'owl1-but-too-short',
    'owl1 and many words that no token has, as in a password',
  ])('costs nothing where a password is none: %j', (password) => {
    const connack = new MemoryClient(gateway, clock, 5).connect({ password: Buffer.from(password) })
    // Answered at once, the right one and the wrong ones alike.
    expect([connack, verified]).toMatchObject([{ reasonCode: password === 'secret' ? 0 : 0x86 }, 0])
  })
})

describe('while a token is being verified', () => {
  beforeEach(() => {
    slowly = true
  })
  const connect = (): MemoryClient => {
    const client = new MemoryClient(gateway, clock, 5)
    client.connect({ clientId: 'box', password: Buffer.from(token('referee2token')) })
    return client
  }
  const settle = async (principal = principals[token('referee2token')]): Promise<void> => {
    verifying.shift()?.(principal)
    await turn()
  }

  it('what the client sends waits, and is handled in order after CONNACK', async () => {
    const client = connect()
    client.send({ cmd: 'pingreq' })
    client.send({ cmd: 'publish', topic, payload: '2 bad', qos: 1, dup: false, retain: false, messageId: 9 })
    expect([client.take(), upstream.lines]).toEqual([[], []])
    await settle()
    expect(upstream.lines).toEqual([`${topic} 2 bad`])
    upstream.settleAll()
    expect(client.take().map(({ cmd }) => cmd)).toEqual(['connack', 'pingresp', 'puback'])
  })

  it('split and joined packets are put together as ever', async () => {
    const client = new MemoryClient(gateway, clock, 4)
    client.connect({ clientId: 'box', password: Buffer.from(token('referee2token')) })
    client.bytes(Buffer.from([0xc0]))
    client.bytes(Buffer.from([0x00, 0xc0, 0x00, 0xc0]))
    await settle()
    client.bytes(Buffer.from([0x00]))
    expect(client.take().map(({ cmd }) => cmd)).toEqual(['connack', 'pingresp', 'pingresp', 'pingresp'])
  })

  it('a flood is cut off', async () => {
    const client = connect()
    for (let index = 0; index < 20 && client.closed === undefined; index += 1) {
      const payload = 'x'.repeat(7_000)
      client.send({ cmd: 'publish', topic: 'owlcms/test/A', payload, qos: 0, dup: false, retain: false })
    }
    expect(client.closed).toEqual(closeCodes.tooFast)
    await settle()
    expect([client.take(), hub.sessionCount, gateway.connectionCount]).toEqual([[], 0, 0])
  })

  it('a flood of the smallest packets is cut off long before its bytes add up, since each takes memory', () => {
    const client = connect()
    client.bytes(Buffer.alloc(2 * 1_000, Buffer.from([0xc0, 0x00])))
    expect(client.closed).toEqual(closeCodes.tooFast)
  })

  it.each([
    ['that goes', (client: MemoryClient) => client.drop(), undefined],
    ['that waits too long', () => clock.advance(6_000), closeCodes.noStart],
  ])('a client %s leaves nothing behind', async (_, go, closed) => {
    const client = connect()
    go(client)
    await settle()
    expect([client.closed, client.received, hub.sessionCount, gateway.connectionCount]).toEqual([
      closed,
      [],
      0,
      0,
    ])
    expect(hub.seats.view()).toEqual([])
  })

  it('a stream’s messages wait too, in order and a few at most', async () => {
    const client = new MemoryStreamClient(stream, clock)
    client.take()
    client.send({ type: 'start', schema: 1, token: token('referee2token') })
    client.send({ type: 'ping' })
    expect(client.take()).toEqual([])
    await settle()
    const types = client.take().map(({ type }) => type)
    expect([types[0], types.at(-1)]).toEqual(['started', 'pong'])

    const flood = new MemoryStreamClient(stream, clock)
    flood.send({ type: 'start', schema: 1, token: token('referee2token') })
    for (let index = 0; index < 30; index += 1) flood.send({ type: 'ping' })
    expect(flood.closed).toEqual(closeCodes.tooFast)
    await settle()
    expect(hub.seats.view()[0]?.devices).toHaveLength(1)
  })

  it('a stream’s messages that wait count once against its rate', async () => {
    const client = new MemoryStreamClient(stream, clock)
    client.send({ type: 'start', schema: 1, token: token('viewertoken') })
    const ping = (times: number): void => {
      for (let index = 0; index < times; index += 1) client.send({ type: 'ping' })
    }
    ping(15)
    await settle(principals[token('viewertoken')])
    ping(defaultClientLimits.messageBurst - 16)
    expect(client.closed).toBeUndefined()
    ping(1)
    expect(client.closed?.code).toBe(closeCodes.tooFast.code)
  })
})

describe('client IDs', () => {
  it('of a seat take nothing over from a device with the same one, nor inherit its session', async () => {
    const device = new MemoryClient(gateway, clock, 4)
    device.connect({ clientId: 'box', clean: false })
    device.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'owlcms/#', qos: 1, nl: false, rap: false, rh: 0 }],
    })
    device.take()
    const seated = await box('referee2token', 'box', 4, { clean: false })
    expect([device.closed, seated.closed]).toEqual([undefined, undefined])
    device.drop()
    seated.drop()
    const again = new MemoryClient(gateway, clock, 4)
    again.connect({ clientId: 'box', clean: false, password: Buffer.from(token('referee1token')) })
    await turn()
    expect(again.take()).toMatchObject([{ cmd: 'connack', sessionPresent: false }])
    hub.receive(publication('owlcms/jurybox/juryMember/decision/A', '1 good'))
    expect(again.take()).toEqual([])
  })

  it('of the same seat find their session again', async () => {
    const first = await box('referee2token', 'box', 4, { clean: false })
    first.drop()
    const again = new MemoryClient(gateway, clock, 4)
    again.connect({ clientId: 'box', clean: false, password: Buffer.from(token('referee2token')) })
    await turn()
    expect(again.take()).toMatchObject([{ cmd: 'connack', sessionPresent: true }])
  })
})

describe('two devices on one seat', () => {
  it('by the stream: the second waits, hears everything, and its presses are refused', async () => {
    const [first, second] = [await phone('referee2token', 'one'), await phone('referee2token', 'two')]
    expect([seatNews(first), seatNews(second)]).toEqual([['held'], ['waiting']])
    expect([pressOnPhone(second), pressOnPhone(first)]).toEqual([['seatWaiting'], ['ack']])
    expect(hub.counters.refused).toBe(1)
  })

  it('by MQTT 5: the second is told with 0x87 and in words; by MQTT 3 it only has nothing to send again', async () => {
    const first = await box('referee2token', 'one')
    pressOnBox(first)
    const [second, third] = [await box('referee2token', 'two'), await box('referee2token', 'three', 4)]
    const reasonString = expect.stringMatching(/another device holds this seat/) as string
    expect(pressOnBox(second)).toMatchObject([
      { cmd: 'puback', reasonCode: 0x87, properties: { reasonString } },
    ])
    expect(pressOnBox(third)).toMatchObject([{ cmd: 'puback' }])
    expect([passedOn, hub.counters.refused]).toEqual([[`${topic} 2 good`], 2])
    expect(pressOnBox(first)).toMatchObject([{ cmd: 'puback', reasonCode: 0 }])
  })

  it('mixed: a box holds, a phone waits; the organiser decides for the phone', async () => {
    const held = await box('referee2token', 'box')
    pressOnBox(held)
    const waiting = await phone('referee2token', 'phone')
    expect([seatNews(waiting), pressOnPhone(waiting)]).toEqual([['waiting'], ['seatWaiting']])
    const [seat] = hub.seats.view()
    expect([seat?.seat, seat?.devices.map(({ state }) => state)]).toEqual(['referee-2', ['held', 'waiting']])
    expect(hub.seats.decide('A', 'referee-2', seat!.devices[1]!.id)).toBe(true)
    expect(held.closed).toEqual(closeCodes.seatTaken)
    expect(held.take().at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x98 })
    expect(seatNews(waiting)).toEqual(['held'])
    expect(pressOnPhone(waiting)).toEqual(['ack'])
  })

  it('three keypads of one browser, which share its name, sit on three seats', async () => {
    const windows = [await phone('referee1token', 'browser'), await phone('referee2token', 'browser')]
    expect(windows.map(seatNews)).toEqual([['held'], ['held']])
    const shown = hub.presence.clients(clock.now())
    expect(shown.map(({ clientId, flapping }) => [clientId, flapping])).toEqual([
      ['browser', false],
      ['browser', false],
    ])
  })

  it('mixed: a phone holds, a box waits; the phone is preferred', async () => {
    const held = await phone('referee2token', 'phone')
    const waiting = await box('referee2token', 'box', 4)
    pressOnBox(waiting)
    expect(hub.seats.decide('A', 'referee-2', deviceId('stream phone (referee 2 of A)'))).toBe(true)
    expect([held.closed, waiting.closed]).toEqual([undefined, closeCodes.seatTaken])
    expect(pressOnPhone(held)).toEqual(['ack'])
  })

  it('when the holder has been gone for ten seconds, the one that waits is told and may press', async () => {
    const first = await phone('referee2token', 'one')
    const second = await phone('referee2token', 'two')
    second.take()
    first.drop()
    clock.advance(seatGraceMs - 6)
    expect([seatNews(second), pressOnPhone(second)]).toEqual([[], ['seatWaiting']])
    clock.advance(1)
    expect([seatNews(second), pressOnPhone(second)]).toEqual([['held'], ['ack']])
  })

  it('when the holder is a box that has gone, even with a lasting session, it is the same', async () => {
    const first = await box('referee2token', 'box', 4, { clean: false })
    pressOnBox(first)
    const second = await phone('referee2token', 'phone')
    second.take()
    first.drop()
    clock.advance(seatGraceMs)
    expect([seatNews(second), pressOnPhone(second)]).toEqual([['held'], ['ack']])
    // Back too late: now it is the box that waits, and its presses go nowhere.
    const again = await box('referee2token', 'box', 4, { clean: false })
    passedOn = []
    expect(pressOnBox(again)).toMatchObject([{ cmd: 'puback' }])
    expect([passedOn, hub.counters.refused]).toEqual([[], 1])
  })

  it('the holder that comes back in time takes its place at once', async () => {
    const first = await phone('referee2token', 'one')
    const second = await phone('referee2token', 'two')
    first.drop()
    clock.advance(seatGraceMs / 2)
    const again = await phone('referee2token', 'one')
    expect([seatNews(again), pressOnPhone(again), pressOnPhone(second)]).toEqual([
      ['held'],
      ['ack'],
      ['seatWaiting'],
    ])
  })

  it('a box that comes back before its old line is noticed to be dead keeps its seat', async () => {
    const first = await box('referee2token', 'one')
    const again = await box('referee2token', 'one')
    expect([first.closed, pressOnBox(again)]).toMatchObject([
      closeCodes.takenOver,
      [{ cmd: 'puback', reasonCode: 0 }],
    ])
  })

  it.each([4, 5] as const)(
    'Firmata’s first client, which never presses, keeps nobody from the seat (MQTT %s)',
    async (version) => {
      const config = await box('referee2token', 'config_f_1700000000000', version)
      const board = await box('referee2token', 'C_f_1700000000123', version)
      const ask = {
        cmd: 'publish',
        topic: 'owlcms/config',
        payload: '',
        qos: 1,
        dup: false,
        retain: false,
      } as const
      config.send({ ...ask, messageId: 1 })
      expect(hub.seats.view()[0]?.devices.map(({ asks }) => asks)).toEqual([false, false])
      passedOn = []
      for (const id of [8, 9]) expect(pressOnBox(board, '2 good', id)).toMatchObject([{ cmd: 'puback' }])
      expect(passedOn).toEqual([`${topic} 2 good`, `${topic} 2 good`])
      // Nothing for the organiser to decide: only one of them asks.
      const devices = hub.seats.view()[0]?.devices ?? []
      expect(devices.map(({ state, asks }) => [state, asks])).toEqual([
        ['held', true],
        ['waiting', false],
      ])
      // A second phone or box finds the seat taken, as before.
      const [late, stranger] = [await phone('referee2token', 'phone'), await box('referee2token', 'stranger')]
      expect([seatNews(late), pressOnPhone(late)]).toEqual([['waiting'], ['seatWaiting']])
      expect(pressOnBox(stranger)).toMatchObject([{ cmd: 'puback', reasonCode: 0x87 }])
    },
  )

  it('a phone holds its seat at once beside a box that only listens', async () => {
    await box('referee2token', 'lamp')
    const keypad = await phone('referee2token', 'phone')
    expect([seatNews(keypad), pressOnPhone(keypad)]).toEqual([['held'], ['ack']])
  })

  it('a box that was here first and presses first has the seat; the phone is told, and refused', async () => {
    const early = await box('referee2token', 'box')
    const keypad = await phone('referee2token', 'phone')
    expect(pressOnBox(early)).toMatchObject([{ cmd: 'puback', reasonCode: 0 }])
    expect([seatNews(keypad), pressOnPhone(keypad)]).toEqual([['held', 'waiting'], ['seatWaiting']])
  })

  it('a phone that has not pressed yet is pushed out by no box that comes later (R5)', async () => {
    const keypad = await phone('referee2token', 'phone')
    const stranger = await box('referee2token', 'stranger')
    expect(pressOnBox(stranger)).toMatchObject([{ cmd: 'puback', reasonCode: 0x87 }])
    expect([seatNews(keypad), pressOnPhone(keypad)]).toEqual([['held'], ['ack']])
  })

  it.each([
    ['sent again', { dup: true }],
    ['of another seat', { payload: '1 good' }],
    ['of another role', { topic: 'owlcms/clock/A', payload: 'start' }],
    ['that owlcms would not read', { payload: '2 maybe' }],
    ['that is none', { topic: 'owlcms/test/A', payload: 'x' }],
  ])('a press %s takes no seat', async (_, changed) => {
    await box('referee2token', 'first')
    const second = await box('referee2token', 'second')
    second.send({
      ...{ cmd: 'publish', topic, payload: '2 good', qos: 1, dup: false, retain: false, messageId: 3 },
      ...changed,
    })
    const devices = hub.seats.view()[0]?.devices ?? []
    expect(devices.map(({ state, asks }) => [state, asks])).toEqual([
      ['held', false],
      ['waiting', false],
    ])
  })

  it('viewers and devices never wait', async () => {
    const viewers = [await phone('viewertoken', 'one'), await phone('viewertoken', 'two')]
    expect([viewers.map(seatNews), hub.seats.view()]).toEqual([[[], []], []])
  })
})

/** Behind a phone's hotspot a line may die without a word: what we close is never closed from there. */
class DeadLine extends MemoryClient {
  override close(reason: CloseCode): void {
    this.closed ??= reason
  }
}

describe('a box with a seat’s token that comes back again and again', () => {
  const connect = async (
    version: 4 | 5,
    Line: typeof MemoryClient,
    name = 'referee2token',
  ): Promise<MemoryClient> => {
    const client = new Line(gateway, clock, version)
    client.connect({ clientId: 'box2', username: 'ref', password: Buffer.from(token(name)), keepalive: 60 })
    await turn()
    client.take()
    return client
  }

  it.each([4, 5] as const)(
    'presses on each new line, however many dead ones there are (MQTT %s)',
    async (version) => {
      const lines: MemoryClient[] = []
      for (let round = 0; round < 9; round += 1) {
        const line = await connect(version, DeadLine)
        clock.advance(900)
        lines.push(line)
        expect(pressOnBox(line)).toMatchObject([{ cmd: 'puback', messageId: 7 }])
        clock.advance(500)
      }
      expect(passedOn).toHaveLength(9)
      // The organiser sees one box, and what an old line still holds reaches nobody.
      expect(hub.presence.clients(clock.now())).toHaveLength(1)
      expect(hub.seats.view()[0]?.devices).toMatchObject([{ state: 'held', connected: true }])
      for (const line of lines.slice(0, -1)) {
        line.take()
        expect(line.closed).toEqual(closeCodes.takenOver)
        expect(pressOnBox(line, '2 bad', 8)).toEqual([])
      }
      expect(passedOn).toHaveLength(9)
    },
  )

  it('has its seat at once on the stream too, where `client` names it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const line = await phone('referee2token', 'the-same')
      expect([seatNews(line), pressOnPhone(line)]).toEqual([['held'], ['ack']])
      clock.advance(1_000)
    }
    expect(hub.seats.view()[0]?.devices).toHaveLength(1)
  })

  it.each([4, 5] as const)(
    'beside a second box that is alive and calls itself the same: the newest presses, and none is kicked for ever (MQTT %s)',
    async (version) => {
      let boxes = [await connect(version, MemoryClient), await connect(version, MemoryClient)]
      let kicks = 0
      for (let round = 0; round < 10; round += 1) {
        clock.advance(1_000)
        const lost = boxes.findIndex(({ closed }) => closed !== undefined)
        if (lost === -1) break
        kicks += 1
        const other = boxes[1 - lost]!
        boxes = [other, await connect(version, MemoryClient)]
      }
      expect([kicks, boxes.map(({ closed }) => closed)]).toEqual([2, [undefined, undefined]])
      const [older, newest] = boxes as [MemoryClient, MemoryClient]
      pressOnBox(older)
      expect(passedOn).toEqual([])
      expect(pressOnBox(newest)).toMatchObject([{ cmd: 'puback' }])
      expect(passedOn).toEqual([`${topic} 2 good`])
      // Both are shown, and told apart, so that the organiser can decide.
      const devices = hub.seats.view()[0]?.devices ?? []
      expect(devices.map(({ state }) => state)).toEqual(['held', 'waiting'])
      expect(hub.seats.decide('A', 'referee-2', devices[1]!.id)).toBe(true)
      expect([older.closed, newest.closed]).toEqual([undefined, closeCodes.seatTaken])
      expect(pressOnBox(older, '2 good', 9)).toMatchObject([{ cmd: 'puback' }])
    },
  )

  it('leaves one old line at most behind, even where old lines seem alive: nothing that asks, nothing to decide', async () => {
    for (let round = 0; round < 9; round += 1) {
      const line = await connect(5, DeadLine)
      clock.advance(900)
      expect(pressOnBox(line)).toMatchObject([{ cmd: 'puback', reasonCode: 0 }])
      // Half-open, and yet closed at once from there when we close it.
      line.close = MemoryClient.prototype.close.bind(line)
    }
    const devices = hub.seats.view()[0]?.devices ?? []
    expect(devices.filter(({ connected }) => connected).map(({ state, asks }) => [state, asks])).toEqual([
      ['held', true],
      ['waiting', false],
    ])
  })

  it('is no device of another seat that calls itself the same', async () => {
    const boxes = [await connect(5, DeadLine), await connect(5, DeadLine, 'referee1token')]
    expect(boxes.map(({ closed }) => closed)).toEqual([undefined, undefined])
    expect(hub.seats.view().map(({ seat }) => seat)).toEqual(['referee-2', 'referee-1'])
  })
})

describe('whoever must go', () => {
  const isReferee2 = (principal: Principal): boolean => principal.kind === 'seat' && principal.number === 2

  it('is ended on both edges, the others stay', async () => {
    const [five, three] = [
      await box('referee2token', 'five'),
      await box('referee2token', 'three', 4, { clean: false }),
    ]
    const [two, one] = [await phone('referee2token', 'two'), await phone('referee1token', 'one')]
    gateway.endWhere(isReferee2, 'passEnded')
    stream.endWhere(isReferee2, 'passEnded')
    expect([five, three, two, one].map(({ closed }) => closed?.code)).toEqual([4410, 4410, 4410, undefined])
    expect(five.take()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x87 }])
    // Nothing to come back to, though the client asked for a lasting session.
    expect(hub.sessionCount).toBe(1)
  })

  it('leaves no last will', async () => {
    const will = { topic: 'owlcms/test/A', payload: Buffer.from('gone'), qos: 0, retain: false }
    const client = await box('referee2token', 'five', 5, { will })
    gateway.endWhere(isReferee2, 'passEnded')
    expect([client.closed?.code, upstream.lines]).toEqual([4410, []])
  })
})
