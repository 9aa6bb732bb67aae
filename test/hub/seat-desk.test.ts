import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { deviceId } from '../../src/hub/device-id.ts'
import { maxSeatDevices, seatGraceMs, SeatDesk, type SeatClient } from '../../src/hub/seat-desk.ts'
import type { Platform } from '../../src/protocol/owlcms.ts'
import type { Seat } from '../../src/protocol/seat.ts'
import { FakeClock } from '../support/fake-clock.ts'

const referee2: Seat = { platform: 'A' as Platform, role: 'referee', number: 2 }

let clock: FakeClock
let desk: SeatDesk
beforeEach(() => {
  clock = new FakeClock()
  desk = new SeatDesk(clock)
})

interface Phone extends SeatClient {
  readonly told: string[]
  join(): string
  leave(): void
}

function phone(key: string, seat = referee2): Phone {
  const told: string[] = []
  const client: Phone = {
    key,
    told,
    seatChanged: (state) => told.push(state),
    seatTaken: () => {
      told.push('taken')
      desk.leave(seat, client)
    },
    join: () => desk.join(seat, client),
    leave: () => desk.leave(seat, client),
  }
  return client
}

function seen(): string[] {
  return desk
    .view()
    .flatMap(({ platform, seat, devices }) =>
      devices.map(
        ({ key, state, connected }) => `${platform} ${seat} ${key} ${state}${connected ? '' : ' gone'}`,
      ),
    )
}

describe('a seat', () => {
  it('is held by the first device; another one waits, on another seat it would not', () => {
    const [first, second, elsewhere] = [
      phone('first'),
      phone('second'),
      phone('second', { ...referee2, platform: 'B' as Platform }),
    ]
    expect([first.join(), second.join(), elsewhere.join()]).toEqual(['held', 'waiting', 'held'])
    expect(seen()).toEqual([
      'A referee-2 first held',
      'A referee-2 second waiting',
      'B referee-2 second held',
    ])
  })

  it('stays with a device that comes back within ten seconds, at once', () => {
    const [first, second] = [phone('first'), phone('second')]
    first.join()
    second.join()
    first.leave()
    clock.advance(seatGraceMs - 1)
    expect(phone('first').join()).toBe('held')
    clock.advance(10 * seatGraceMs)
    expect([seen(), second.told]).toEqual([['A referee-2 first held', 'A referee-2 second waiting'], []])
  })

  it('is kept that long against a device that comes meanwhile', () => {
    const [first, second] = [phone('first'), phone('second')]
    first.join()
    first.leave()
    expect(second.join()).toBe('waiting')
    clock.advance(seatGraceMs)
    expect([second.told, seen()]).toEqual([['held'], ['A referee-2 second held']])
  })

  it('goes after ten seconds to the one that has waited longest and is there', () => {
    const [first, second, third, fourth] = ['1', '2', '3', '4'].map((key) => phone(key)) as [
      Phone,
      Phone,
      Phone,
      Phone,
    ]
    for (const one of [first, second, third, fourth]) one.join()
    clock.advance(1_000)
    first.leave()
    clock.advance(1_000)
    second.leave()
    clock.advance(seatGraceMs - 1_000)
    expect([second.told, third.told, fourth.told]).toEqual([[], ['held'], []])
    expect(seen()).toEqual(['A referee-2 3 held', 'A referee-2 2 waiting gone', 'A referee-2 4 waiting'])
    expect(first.join()).toBe('waiting')
  })

  it('that nobody waits for is free after ten seconds, and nothing is left behind', () => {
    const first = phone('first')
    first.join()
    first.leave()
    clock.advance(seatGraceMs)
    expect([desk.view(), clock.pending]).toEqual([[], 0])
    expect(phone('second').join()).toBe('held')
  })

  it('is not lost when an old connection of the same device ends after the new one began', () => {
    const [before, after, other] = [phone('first'), phone('first'), phone('other')]
    before.join()
    after.join()
    before.leave()
    before.leave()
    clock.advance(10 * seatGraceMs)
    expect([other.join(), seen()[0]]).toEqual(['waiting', 'A referee-2 first held'])
  })
})

it('a thousand names that come and go on one seat leave a handful behind, and the holder where it is', () => {
  phone('holder').join()
  for (let index = 0; index < 1_000; index += 1) {
    const one = phone(`guest ${index}`)
    one.join()
    one.leave()
  }
  expect(desk.view()[0]?.devices.length).toBe(maxSeatDevices)
  expect(seen()[0]).toBe('A referee-2 holder held')
  clock.advance(seatGraceMs)
  expect([seen(), clock.pending]).toEqual([['A referee-2 holder held'], 0])
})

describe('the organiser’s word', () => {
  it('gives the seat to the one who waits; the other one goes for good', () => {
    const [first, second] = [phone('first'), phone('second')]
    first.join()
    second.join()
    expect(desk.decide('A', 'referee-2', deviceId('second'))).toBe(true)
    expect([first.told, second.told, seen()]).toEqual([['taken'], ['held'], ['A referee-2 second held']])
    clock.advance(10 * seatGraceMs)
    expect([second.told, clock.pending]).toEqual([['held'], 0])
  })

  it('for the holder sends those away who wait', () => {
    const [first, second] = [phone('first'), phone('second')]
    first.join()
    second.join()
    expect(desk.decide('A', 'referee-2', deviceId('first'))).toBe(true)
    expect([first.told, second.told]).toEqual([[], ['taken']])
  })

  it.each([
    ['a device that has gone', 'A', 'referee-2', 'gone'],
    ['a seat that nobody has', 'A', 'referee-1', 'first'],
    ['a platform that is not there', 'B', 'referee-2', 'first'],
  ])('about %s changes nothing', (_, platform, seat, key) => {
    const first = phone('first')
    first.join()
    expect(desk.decide(platform, seat, deviceId(key))).toBe(false)
    expect([first.told, seen()]).toEqual([[], ['A referee-2 first held']])
  })
})

it('whatever happens, exactly one device holds each seat that anybody has, and nobody is forgotten', () => {
  const moves = fc.array(
    fc.record({
      who: fc.constantFrom('1', '2', '3'),
      what: fc.constantFrom('join', 'leave', 'wait', 'decide'),
      ms: fc.nat(12_000),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(moves, (list) => {
      clock = new FakeClock()
      desk = new SeatDesk(clock)
      const here = new Map<string, Phone>()
      for (const { who, what, ms } of list) {
        if (what === 'join' && !here.has(who)) {
          const one = phone(who)
          here.set(who, one)
          one.join()
        } else if (what === 'leave') {
          here.get(who)?.leave()
          here.delete(who)
        } else if (what === 'wait') {
          clock.advance(ms)
        } else if (what === 'decide' && desk.decide('A', 'referee-2', deviceId(who))) {
          for (const [key, one] of here) if (one.told.includes('taken')) here.delete(key)
        }
        const devices = desk.view().flatMap((place) => place.devices)
        const holders = devices.filter(({ state }) => state === 'held')
        expect(holders.length).toBe(devices.length === 0 ? 0 : 1)
        const connected = devices.filter((device) => device.connected).map(({ key }) => key)
        expect(connected.sort()).toEqual([...here.keys()].sort())
      }
      for (const one of here.values()) one.leave()
      clock.advance(2 * seatGraceMs)
      expect([desk.view(), clock.pending]).toEqual([[], 0])
    }),
  )
})

it('names of devices are the same for the same key, differ otherwise, and tell nothing', () => {
  const names = ['box', 'box', 'box 2'].map(deviceId)
  expect(names[0]).toBe(names[1])
  expect(names[0]).not.toBe(names[2])
  expect(names.join()).not.toContain('box')
})
