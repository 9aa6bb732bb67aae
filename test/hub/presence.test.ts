import { beforeEach, describe, expect, it } from 'vitest'
import { deviceId } from '../../src/hub/people/device-id.ts'
import { Echoes } from '../../src/hub/press/echoes.ts'
import { Presence, kindFromClientId, type ClientPresence } from '../../src/hub/people/presence.ts'
import { publication } from '../support/fake-upstream.ts'

describe('what a client ID tells (docs/owlcms.md 1.7)', () => {
  it.each([
    ['owlcms-7', 'ESP32 or M5Stack box'],
    ['owlcms-999', 'ESP32 or M5Stack box'],
    ['owlcms-bridge-hall-abc', 'unknown'],
    ['mqttjs_0a1b2c3d', 'Blue Owl'],
    ['A_f_1700000000000', 'Firmata'],
    ['config_f_1700000000000', 'Firmata'],
    ['owlcms_ref_A_2', 'Zephyr box'],
    ['replays-monitor-10.0.0.7', 'replays'],
    ['A_owlcms_1700000000000', 'owlcms'],
    ['', 'unknown'],
  ])('%s is %s', (clientId, kind) => {
    expect(kindFromClientId(clientId)).toBe(kind)
  })
})

describe('presence', () => {
  const t0 = 1_700_000_000_000
  let presence: Presence
  beforeEach(() => {
    presence = new Presence()
  })

  const connect = (clientId: string, now = t0): void =>
    presence.connected(
      clientId,
      {
        clientId,
        principal: { kind: 'device' },
        transport: 'websocket',
        address: '192.0.2.1',
        duplicate: false,
      },
      now,
    )

  it('of two connections of one client keeps it connected until the last one has gone', () => {
    connect('phone')
    connect('phone', t0 + 1)
    const connected: boolean[] = []
    for (let left = 0; left < 3; left += 1) {
      presence.disconnected('phone', t0 + 2)
      connected.push(presence.clients(t0 + 3)[0]!.connected)
    }
    connect('phone', t0 + 4)
    connected.push(presence.clients(t0 + 5)[0]!.connected)
    expect(connected).toEqual([true, false, false, true])
  })

  it('tells who is here, as what, since when, and what was pressed and dropped, but no verdict', () => {
    connect('box')
    presence.pressed('box', publication('owlcms/decision/A', '2 good'), t0 + 5)
    presence.notPassedOn('box', false)
    presence.notPassedOn('box', true)
    expect(presence.clients(t0 + 10)).toEqual<ClientPresence[]>([
      {
        id: deviceId('box'),
        clientId: 'box',
        principal: { kind: 'device' },
        transport: 'websocket',
        address: '192.0.2.1',
        kind: 'ESP32 or M5Stack box',
        connected: true,
        since: t0,
        lastPressAt: t0 + 5,
        pressedSeats: [{ platform: 'A' as never, seat: 'referee-2' }],
        presses: 1,
        dropped: 1,
        held: 1,
        flapping: false,
        duplicate: false,
      },
    ])
  })

  it.each([
    [' ', 'Blue Owl'],
    ['requesting configuration', 'replays'],
    ['', 'unknown'],
  ])('guesses the kind from a config request of %j: %s', (payload, kind) => {
    connect('x')
    presence.pressed('x', publication('owlcms/config', payload), t0)
    expect(presence.clients(t0).map((client) => [client.kind, client.presses])).toEqual([[kind, 0]])
  })

  it('calls a client flapping that connects three times within a minute, and forgets it after that', () => {
    for (const at of [0, 20_000, 40_000]) {
      connect('box', t0 + at)
      presence.disconnected('box', t0 + at + 1)
    }
    const flapping = (now: number): boolean[] => presence.clients(now).map((client) => client.flapping)
    expect([flapping(t0 + 41_000), flapping(t0 + 61_000)]).toEqual([[true], [false]])
    expect(presence.clients(t0).map(({ connected, since }) => [connected, since])).toEqual([
      [false, t0 + 40_001],
    ])
  })

  it('lists devices that are heard only through the broker', () => {
    presence.heardDirect(publication('owlcms/jurybox/juryMember/decision/A', '3 bad'), t0)
    presence.heardDirect(publication('owlcms/clock/B', 'start'), t0 + 1)
    presence.heardDirect(publication('owlcms/clock/B', 'stop'), t0 + 2)
    expect(presence.directDevices()).toEqual([
      { platform: 'A', seat: 'juryMember-3', lastAt: t0 },
      { platform: 'B', seat: 'timekeeper', lastAt: t0 + 2 },
    ])
  })

  it('takes what an official’s buttons say at the broker for one device', () => {
    presence.heardDirect(publication('owlcms/jurybox/break/A', 'deliberation'), t0)
    presence.heardDirect(publication('owlcms/jurybox/decision/A', 'bad'), t0 + 1)
    presence.heardDirect(publication('owlcms/jurybox/summon/A', '2'), t0 + 2)
    expect(presence.directDevices()).toEqual([{ platform: 'A', seat: 'juryPresident', lastAt: t0 + 2 }])
  })

  it.each([
    ['owlcms/refbox/decision/A', '25 good'],
    ['owlcms/decision/A', '7 good'],
    ['owlcms/jurybox/juryMember/decision/A', '30 bad'],
    ['owlcms/jurybox/juryMember/decision/A', '2nd bad'],
  ])('takes nobody for the sender of a number that owlcms ignores: %s %s', (topic, payload) => {
    connect('box')
    presence.pressed('box', publication(topic, payload), t0)
    presence.heardDirect(publication(topic, payload), t0)
    const [client] = presence.clients(t0)
    expect(client?.pressedSeats).toEqual([{ platform: 'A', seat: 'unknown' }])
    expect(presence.directDevices()).toEqual([{ platform: 'A', seat: 'unknown', lastAt: t0 }])
  })

  it('stays bounded however many clients come and go (R7)', () => {
    for (let count = 0; count < 2_000; count += 1) {
      connect(`box ${count}`)
      presence.disconnected(`box ${count}`, t0)
      presence.heardDirect(publication(`owlcms/clock/platform ${count}`, 'start'), t0)
    }
    expect([presence.clients(t0).length, presence.directDevices().length]).toEqual([500, 500])
  })
})

describe('echoes', () => {
  it('recognise a publication of ours once, in order, and nobody else’s', () => {
    const echoes = new Echoes<string>()
    const press = publication('owlcms/clock/A', 'start')
    echoes.sent(press, 'first', 0)
    echoes.sent(press, 'second', 1)
    expect(echoes.origin(publication('owlcms/clock/A', 'stop'), 2)).toBeUndefined()
    expect([echoes.origin(press, 2), echoes.origin(press, 3), echoes.origin(press, 4)]).toEqual([
      'first',
      'second',
      undefined,
    ])
  })

  it('forget what never came back: after 10 s, after a later one, and with the link', () => {
    const echoes = new Echoes<string>()
    const start = publication('owlcms/clock/A', 'start')
    const stop = publication('owlcms/clock/A', 'stop')
    echoes.sent(start, 'old', 0)
    expect(echoes.origin(start, 10_000)).toBeUndefined()
    echoes.sent(stop, 'later', 10_000)
    expect(echoes.origin(stop, 10_001)).toBe('later')
    expect(echoes.origin(start, 10_002)).toBeUndefined()
    echoes.sent(start, 'cleared', 10_003)
    echoes.clear()
    expect(echoes.origin(start, 10_004)).toBeUndefined()
  })

  it('stay bounded when nothing ever comes back (R7)', () => {
    const echoes = new Echoes<number>()
    for (let count = 0; count < 5_000; count += 1) echoes.sent(publication(`owlcms/x/${count}`), count, count)
    expect(echoes.origin(publication('owlcms/x/4999'), 5_000)).toBeUndefined()
    echoes.sent(publication('owlcms/x/late'), 1, 60_000)
    expect(echoes.origin(publication('owlcms/x/late'), 60_001)).toBe(1)
  })
})
