import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sessionMs } from '../../src/access/administrator.ts'
import type { Link } from '../../src/access/doorkeeper.ts'
import type { Revocation } from '../../src/access/revocations.ts'
import type { DeriveKey } from '../../src/access/signing-keys.ts'
import { buildAccess, guardDoors, type Access } from '../../src/bridge/access.ts'
import { loadConfig } from '../../src/config/config.ts'
import { deviceAuthenticator, deviceOrToken } from '../../src/downstream/guests/authenticate.ts'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { Hub } from '../../src/hub/hub.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { rememberedKey } from '../support/derive-key.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { alone, FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryClient, MemoryStreamClient } from '../support/memory-client.ts'
import { silentLog } from '../support/silent-log.ts'
import { eventually } from '../support/eventually.ts'

const dayMs = 86_400_000
const timekeeper = { platform: 'A' as Platform, role: 'timekeeper' } as const

let clock: FakeClock
let upstream: FakeUpstream
let access: Access
let gateway: MqttGateway
let hub: Hub
let stream: JsonStream
let unguard: () => Promise<void>

let draw = 0
const random = (): number => ((draw += 1) * 0.0137) % 1

/** Who may come in, on a bridge with this clock; all have the same key. */
function accessOn(itsClock: FakeClock, deriveKey: DeriveKey = rememberedKey): Access {
  const loaded = loadConfig(
    { OWLCMS_MQTTSERVER: 'b.example', OWLCMS_MQTTUSERNAME: 'hall', OWLCMS_MQTTPASSWORD: 'secret' },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error('faulty')
  return buildAccess(loaded.config, { clock: itsClock, random, log: silentLog, deriveKey }, alone(upstream))
}

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  hub = new Hub({ clock, upstream })
  const platforms = new Platforms({ clock, random: () => 0.5 })
  access = accessOn(clock)
  const device = deviceAuthenticator('hall', 'secret')
  const authenticate = deviceOrToken(device, (token) => access.verifyPassword(token))
  const common = { clock, random, log: silentLog, version: '1' }
  gateway = new MqttGateway({ ...common, hub, limits: defaultClientLimits, authenticate })
  stream = new JsonStream({
    ...{ ...common, hub, platforms, clientLimits: defaultClientLimits },
    authenticateToken: (token) => access.authenticateToken(token),
  })
  unguard = guardDoors({ access, gateway, hub, stream }, clock)
})

afterEach(() => {
  void unguard()
  gateway.destroy()
  stream.destroy()
})

async function box(token: string): Promise<MemoryClient> {
  const client = new MemoryClient(gateway, clock, 5)
  client.connect({ password: Buffer.from(token) })
  await eventually(() => {
    clock.finishTurn()
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
  })
  client.take()
  return client
}

async function phone(token: string, forget = true, name?: string): Promise<MemoryStreamClient> {
  const client = new MemoryStreamClient(stream, clock)
  client.send({ type: 'start', schema: 1, token, client: name })
  await eventually(() => {
    clock.finishTurn()
    expect(client.received.map(({ type }) => type)).toContain('started')
  })
  if (forget) client.take()
  return client
}

it('a token that runs out ends its client within a second, and nobody else', async () => {
  clock.advance(3_000)
  const [short, long] = [
    await access.doorkeeper.issue(timekeeper, 1),
    await access.doorkeeper.issue(timekeeper, 2),
  ]
  const clients = [await phone(short.token), await phone(long.token)]
  const codes = (): unknown[] => clients.map(({ closed }) => closed?.code)
  clock.advance(short.expiresAt - clock.now() - 1)
  const before = codes()
  clock.advance(1_000)
  expect([before, codes()]).toEqual([
    [undefined, undefined],
    [4410, undefined],
  ])
})

it('an MQTT client whose token runs out is told 0x87', async () => {
  clock.advance(3_000)
  const link = await access.doorkeeper.issue(timekeeper, 1)
  clock.advance(link.expiresAt - clock.now() - 5_000)
  const client = await box(link.token)
  clock.advance(4_999)
  expect(client.closed).toBeUndefined()
  clock.advance(1_000)
  expect([client.closed?.code, client.take()]).toMatchObject([
    4410,
    [{ cmd: 'disconnect', reasonCode: 0x87 }],
  ])
})

it('what another bridge revokes ends clients here at once', async () => {
  clock.advance(3_000)
  const link = await access.doorkeeper.issue(timekeeper, 1)
  const clients = [await box(link.token), await phone(link.token)]
  const record = { what: 'platform', platform: 'A', at: clock.now() }
  access.revocations.receive(
    publication('owlcms/bridge/other/revoked', JSON.stringify({ revoked: [record] })),
  )
  expect(clients.map(({ closed }) => closed?.code)).toEqual([4410, 4410])
})

it('right after a start a token waits for the broker’s word, and a revoked one never gets in', async () => {
  const link = await access.doorkeeper.issue(timekeeper, 1)
  const client = new MemoryClient(gateway, clock, 5)
  client.connect({ password: Buffer.from(link.token) })
  let answered = false
  const verified = access.verifyPassword(link.token).then((principal) => {
    answered = true
    return principal
  })
  access.revocations.linkChanged(true)
  clock.advance(400)
  // As much work as the verification needs, several times over: it is the broker's word that is waited for.
  for (let round = 0; round < 5; round += 1) await access.doorkeeper.issue(timekeeper, 1)
  expect([answered, client.received]).toEqual([false, []])
  const record = { what: 'all', at: clock.now() }
  access.revocations.receive(
    publication('owlcms/bridge/bridge/revoked', JSON.stringify({ revoked: [record] })),
  )
  clock.advance(100)
  expect(await verified).toBeUndefined()
  await eventually(() => expect(client.closed?.code).toBe(4401))
  expect(client.received).toMatchObject([{ cmd: 'connack', reasonCode: 0x86 }])
})

describe('a seat whose code is revoked', () => {
  const seats = (client: MemoryStreamClient): string[] =>
    client.received.flatMap((message) => (message.type === 'seat' ? [message.state] : []))
  const fresh = async (): Promise<MemoryStreamClient> =>
    phone((await access.doorkeeper.issue(timekeeper, 1)).token, false)
  const revocations = [
    ['alone', ({ tokenId }: Link): Revocation => ({ what: 'token', id: tokenId, at: clock.now() })],
    [
      'with its seat',
      (): Revocation => ({ what: 'seat', platform: 'A', seat: 'timekeeper', at: clock.now() }),
    ],
    ['with all', (): Revocation => ({ what: 'all', at: clock.now() })],
  ] as const

  it.each(revocations)('%s is free at once: who has the new one holds it', async (_, record) => {
    clock.advance(3_000)
    const old = await access.doorkeeper.issue(timekeeper, 1)
    const clients = [await box(old.token), await phone(old.token)]
    access.revocations.revoke(record(old))
    expect(clients.map(({ closed }) => closed?.code)).toEqual([4410, 4410])
    expect(hub.seats.view()).toEqual([])
    expect(seats(await fresh())).toEqual(['held'])
  })

  it.each(revocations)(
    '%s is free though its holder has just left and might come back',
    async (_, record) => {
      clock.advance(3_000)
      const old = await access.doorkeeper.issue(timekeeper, 1)
      const gone = await phone(old.token)
      gone.drop()
      access.revocations.revoke(record(old))
      expect(seats(await fresh())).toEqual(['held'])
    },
  )

  it('goes at once to the one with another code that waits for it', async () => {
    clock.advance(3_000)
    const old = await access.doorkeeper.issue(timekeeper, 1)
    await phone(old.token)
    const waiting = await fresh()
    access.revocations.revoke({ what: 'token', id: old.tokenId, at: clock.now() })
    clock.finishTurn()
    expect(seats(waiting)).toEqual(['waiting', 'held'])
  })

  it('stays with a page of the same browser that has the new code', async () => {
    clock.advance(3_000)
    const [old, next] = [
      await access.doorkeeper.issue(timekeeper, 1),
      await access.doorkeeper.issue(timekeeper, 1),
    ]
    const tabs = [await phone(next.token, false, 'browser'), await phone(old.token, false, 'browser')]
    access.revocations.revoke({ what: 'token', id: old.tokenId, at: clock.now() })
    clock.finishTurn()
    expect([tabs.map(({ closed }) => closed?.code), tabs.map(seats)]).toEqual([
      [undefined, 4410],
      [['held'], ['held']],
    ])
    expect(hub.seats.view()[0]?.devices).toMatchObject([{ state: 'held', connected: true }])
  })
})

describe('while the key is being made', () => {
  let keyIsThere: (key: string) => void
  let keysBegun: number
  beforeEach(() => {
    keysBegun = 0
    access = accessOn(clock, () => {
      keysBegun += 1
      return new Promise((resolve) => (keyIsThere = resolve))
    })
  })
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    clock.finishTurn()
  }
  const shown = async (token: string): Promise<[MemoryClient, MemoryStreamClient]> => {
    const [mqtt, json] = [new MemoryClient(gateway, clock, 4), new MemoryStreamClient(stream, clock)]
    mqtt.connect({ password: Buffer.from(token) })
    json.send({ type: 'start', schema: 1, token })
    json.take()
    await turns()
    return [mqtt, json]
  }

  it('who shows a token waits for it and gets in; boxes with the broker’s password and viewers don’t wait', async () => {
    const { token } = await accessOn(clock).doorkeeper.issue(timekeeper, 1)
    clock.advance(3_000)
    const [mqtt, json] = await shown(token)
    expect([mqtt.received, json.take(), mqtt.closed, json.closed]).toEqual([[], [], undefined, undefined])
    const box = new MemoryClient(gateway, clock, 4)
    const connack = box.connect({ clientId: 'box-2' })
    const viewer = new MemoryStreamClient(stream, clock)
    viewer.send({ type: 'start', schema: 1 })
    expect(connack).toMatchObject({ cmd: 'connack', returnCode: 0 })
    expect(viewer.received.map(({ type }) => type)).toContain('started')
    keyIsThere(await rememberedKey('secret', 'owlcms-bridge links\0hall'))
    await turns()
    expect(mqtt.received).toMatchObject([{ cmd: 'connack', returnCode: 0 }])
    expect(json.take().map(({ type }) => type)).toContain('started')
  })

  it('a token shown right after the start doesn’t take the processor from the broker link', async () => {
    const { token } = await accessOn(clock).doorkeeper.issue(timekeeper, 1)
    await shown(token)
    expect(keysBegun).toBe(0)
    clock.advance(3_000)
    await turns()
    expect(keysBegun).toBe(1)
  })

  it('nobody waits longer than anybody may take to introduce himself, and is told to try again', async () => {
    const { token } = await accessOn(clock).doorkeeper.issue(timekeeper, 1)
    const clients = await shown(token)
    clock.advance(7_000)
    expect(clients.map(({ closed }) => closed)).toMatchObject([{ retry: true }, { retry: true }])
  })
})

it('the console’s stream ends with its session', async () => {
  clock.advance(3_000)
  const login = await access.administrator.login('secret', 'x')
  const session = await access.administrator.session(login.kind === 'in' ? login.session : '')
  const { token } = await access.administrator.streamToken(session!)
  const console = await phone(token)
  clock.advance(sessionMs - 2_000)
  expect(console.closed).toBeUndefined()
  clock.advance(3_000)
  expect(console.closed?.code).toBe(4410)
})

it.each([
  ['90 days behind', -90 * dayMs],
  ['90 days ahead', 90 * dayMs],
])(
  'a clock that is %s refuses links made elsewhere, and is right as soon as it is set',
  async (_, wrongByMs) => {
    const cloud = accessOn(new FakeClock(clock.now() - wrongByMs))
    clock.advance(3_000)
    const { token } = await cloud.doorkeeper.issue(timekeeper, 31)
    expect(await access.verifyPassword(token)).toBeUndefined()
    clock.setWallClock(-wrongByMs)
    expect(await access.verifyPassword(token)).toMatchObject({ kind: 'seat', role: 'timekeeper' })
    const own = await access.doorkeeper.issue(timekeeper, 1)
    expect(own.expiresAt).toBe(Math.floor((clock.wallTime() + dayMs) / 1000) * 1000)
  },
)

it.each([90 * dayMs, -90 * dayMs, 3_600_000, -3_600_000])(
  'who is in stays in when the clock is set by %i ms, unless the token is over by the right time',
  async (byMs) => {
    clock.advance(3_000)
    const link = await access.doorkeeper.issue(timekeeper, 2)
    const clients = [await box(link.token), await phone(link.token)]
    clock.setWallClock(byMs)
    clock.advance(2_000)
    const isOver = byMs > 2 * dayMs
    expect(clients.map(({ closed }) => closed?.code)).toEqual(isOver ? [4410, 4410] : [undefined, undefined])
  },
)

it('a link made after a revocation gets in, also when the clock was set back in between', async () => {
  clock.advance(3_000)
  const before = await access.doorkeeper.issue(timekeeper, 1)
  access.revocations.revoke({ what: 'all', at: clock.wallTime() })
  clock.setWallClock(-2 * 3_600_000)
  const after = await access.doorkeeper.issue(timekeeper, 1)
  expect(await access.verifyPassword(before.token)).toBeUndefined()
  expect(await access.verifyPassword(after.token)).toMatchObject({ kind: 'seat' })
})

it('stopping leaves no timer of the doors behind', () => {
  clock.advance(dayMs)
  void unguard()
  for (const leaver of [...gateway.drain(), ...stream.drain()]) leaver.leave(closeCodes.restarting, 0)
  stream.destroy()
  const before = clock.pending
  clock.advance(3 * dayMs)
  expect(clock.pending).toBe(before)
})
