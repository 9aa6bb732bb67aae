import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { deviceId } from '../../src/hub/people/device-id.ts'
import {
  maxSeatDevices,
  seatGraceMs,
  SeatDesk,
  type SeatClient,
  type SeatPlace,
  type SeatPrincipal,
  type SeatState,
} from '../../src/hub/people/seat-desk.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { FakeClock } from '../support/fake-clock.ts'

const referee2: SeatPrincipal = { kind: 'seat', platform: 'A' as Platform, role: 'referee', number: 2 }

let clock: FakeClock
let desk: SeatDesk
beforeEach(() => {
  clock = new FakeClock()
  desk = new SeatDesk(clock)
})

interface Visitor extends SeatClient {
  readonly told: string[]
  join(): SeatState
  /** `ageMs`: milliseconds ago. */
  press(ageMs?: number): ReturnType<SeatPlace['press']>
  leave(): void
}

/** A keypad wants the seat when it comes; a box only when it presses. */
function visitor(key: string, asks: boolean, { name = key, seat = referee2 } = {}): Visitor {
  const told: string[] = []
  let place: SeatPlace | undefined
  const client: Visitor = {
    ...{ key, name, asks, told },
    seatChanged: (state) => told.push(state),
    seatTaken: () => {
      told.push('taken')
      place?.leave()
    },
    join: () => (place = desk.join(seat, client)).state,
    press: (ageMs = 0) => place?.press(clock.now() - ageMs) ?? 'waiting',
    leave: () => place?.leave(),
  }
  return client
}
const phone = (key: string, seat = referee2): Visitor => visitor(key, true, { seat })
const box = (key: string, name = key): Visitor => visitor(key, false, { name })

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
      Visitor,
      Visitor,
      Visitor,
      Visitor,
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

it('what a line brings late is overtaken by what its device pressed since on a newer one, and by nothing else', () => {
  const [old, fresh] = [phone('phone'), phone('phone')]
  old.join()
  clock.advance(2_000)
  fresh.join()
  // A clock that was measured anew may date a press back on the same line.
  expect([old.press(), old.press(100)]).toEqual(['held', 'held'])
  expect([fresh.press(300), fresh.press(400)]).toEqual(['held', 'held'])
  expect([old.press(1_500), old.press(401)]).toEqual(['overtaken', 'overtaken'])
  // Two tabs of one browser.
  expect([old.press(), fresh.press(50), old.press()]).toEqual(['held', 'held', 'held'])
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

describe('a box', () => {
  it('that never presses keeps nobody from the seat: the first one to press has it (Firmata’s two clients)', () => {
    const [config, board] = [box('config_f_1'), box('C_f_2')]
    expect([config.join(), board.join()]).toEqual(['held', 'waiting'])
    expect([board.press(), seen()]).toEqual([
      'held',
      ['A referee-2 C_f_2 held', 'A referee-2 config_f_1 waiting'],
    ])
    // From now on it is taken, and who asks has to wait.
    expect([config.press(), board.press()]).toEqual(['waiting', 'held'])
  })

  it('asks for the seat once it presses; before, the organiser has nothing to decide', () => {
    const [first, second] = [box('1'), box('2')]
    const asking = (): unknown[] => desk.view().flatMap(({ devices }) => devices.map(({ asks }) => asks))
    first.join()
    second.join()
    const before = asking()
    first.press()
    const middle = asking()
    second.press()
    expect([before, middle, asking()]).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ])
  })

  it('that has not pressed gives way to a phone; whichever of them presses first has the seat', () => {
    for (const phoneFirst of [true, false]) {
      desk = new SeatDesk(clock)
      const [early, late] = [box('box'), phone('phone')]
      expect([early.join(), late.join()]).toEqual(['held', 'held'])
      expect(early.told).toEqual(['waiting'])
      if (phoneFirst) expect([late.press(), early.press(), late.told]).toEqual(['held', 'waiting', []])
      else expect([early.press(), late.press(), late.told]).toEqual(['held', 'waiting', ['waiting']])
    }
  })

  it('that comes to a phone’s seat waits, though the phone has not pressed yet', () => {
    const [first, later] = [phone('phone'), box('box')]
    expect([first.join(), later.join(), later.press(), first.told]).toEqual([
      'held',
      'waiting',
      'waiting',
      [],
    ])
  })

  it('is not pushed out by a second phone, nor is the first phone', () => {
    const [early, first, second] = [box('box'), phone('first'), phone('second')]
    expect([early, first, second].map((one) => one.join())).toEqual(['held', 'held', 'waiting'])
    expect([second.press(), first.press()]).toEqual(['waiting', 'held'])
  })

  it('gets the seat back by a press when only a listener had it meanwhile', () => {
    const [one, listener] = [box('box'), box('listener')]
    one.join()
    one.press()
    listener.join()
    one.leave()
    clock.advance(seatGraceMs)
    expect(seen()).toEqual(['A referee-2 listener held'])
    const back = box('box')
    expect([back.join(), back.press()]).toEqual(['waiting', 'held'])
  })

  it('that asked in vain gets the seat before one that only listens and came first', () => {
    const [holder, listener, waiting] = [phone('holder'), box('listener'), box('waiting')]
    for (const one of [holder, listener, waiting]) one.join()
    waiting.press()
    holder.leave()
    clock.advance(seatGraceMs)
    expect(seen()[0]).toBe('A referee-2 waiting held')
  })

  it('the organiser decided for keeps the seat, though it has never pressed', () => {
    const [first, second] = [box('first'), box('second')]
    first.join()
    second.join()
    desk.decide('A', 'referee-2', deviceId('first'))
    const third = box('third')
    third.join()
    expect([third.press(), first.press()]).toEqual(['waiting', 'held'])
  })

  it('under the name of another has its place and its rights at once; the older line presses nothing', () => {
    const [old, fresh, other] = [box('box'), box('box (again)', 'box'), phone('phone')]
    old.join()
    old.press()
    other.join()
    expect([fresh.join(), old.told, old.press(), fresh.press()]).toEqual([
      'held',
      ['waiting'],
      'waiting',
      'held',
    ])
    expect(other.told).toEqual([])
    old.leave()
    clock.advance(10 * seatGraceMs)
    expect(seen()).toEqual(['A referee-2 box (again) held', 'A referee-2 phone waiting'])
  })

  it('under the name of another that has not pressed either gets nothing from the older line', () => {
    const [old, fresh] = [box('box'), box('box (again)', 'box')]
    old.join()
    fresh.join()
    expect([old.press(), fresh.press()]).toEqual(['waiting', 'held'])
  })

  it('under the name of one that waits, waits as well', () => {
    const [holder, old, fresh] = [phone('phone'), box('box'), box('box (again)', 'box')]
    for (const one of [holder, old]) one.join()
    expect([fresh.join(), fresh.press(), holder.told]).toEqual(['waiting', 'waiting', []])
  })
})

describe('who must go', () => {
  const pass = (tokenId: string) => ({ ...referee2, pass: { tokenId, issuedAt: 0, expiresAt: 1 } })
  const isOld = ({ pass: its }: SeatPrincipal): boolean => its?.tokenId === 'old'

  it('has lost its place at once, connected or not, and the next one has it', () => {
    for (const left of [true, false]) {
      clock = new FakeClock()
      desk = new SeatDesk(clock)
      const [old, next] = [phone('old', pass('old')), phone('next', pass('new'))]
      old.join()
      next.join()
      if (left) old.leave()
      desk.expel(isOld)
      expect([next.told, seen(), old.press()]).toEqual([['held'], ['A referee-2 next held'], 'waiting'])
      old.leave()
      clock.advance(10 * seatGraceMs)
      expect([seen(), clock.pending]).toEqual([['A referee-2 next held'], 0])
    }
  })

  it('leaves nothing behind where nobody else is', () => {
    phone('old', pass('old')).join()
    desk.expel(isOld)
    expect([desk.view(), clock.pending]).toEqual([[], 0])
    expect(phone('next', pass('new')).join()).toBe('held')
  })

  it.each([
    [['old', 'new'], 'new'],
    [['new', 'old'], 'new'],
  ])('does not take its device’s place along, where that shows a good token too: %j', (tokens) => {
    const tabs = tokens.map((tokenId) => phone('browser', pass(tokenId)))
    for (const tab of tabs) tab.join()
    desk.expel(isOld)
    const good = tabs[tokens.indexOf('new')]!
    expect([good.press(), seen()]).toEqual(['held', ['A referee-2 browser held']])
  })
})

it('whatever happens, exactly one device holds each seat that anybody has, nobody is forgotten, and no old line speaks after a new one (property)', () => {
  const moves = fc.array(
    fc.record({
      who: fc.constantFrom('1', '2', '3', '4', '4 (again)', '5'),
      // A device may have several lines: tabs, or what a bad line left behind.
      which: fc.nat(3),
      what: fc.constantFrom('join', 'join', 'leave', 'wait', 'decide', 'press', 'press', 'expel'),
      tokenId: fc.constantFrom('old', 'new'),
      ms: fc.nat(12_000),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(moves, (list) => {
      clock = new FakeClock()
      desk = new SeatDesk(clock)
      let joined = 0
      let lines: {
        readonly number: number
        readonly one: Visitor
        readonly tokenId: string
        told: SeatState
      }[] = []
      let pressed: { readonly line: (typeof lines)[number]; readonly madeAt: number }[] = []
      const gone = (which: (line: (typeof lines)[number]) => boolean): void => {
        for (const { one } of lines.filter(which)) one.leave()
        lines = lines.filter((line) => !which(line))
        pressed = pressed.filter(({ line }) => lines.some(({ one }) => one.key === line.one.key))
      }
      for (const { who, which, what, tokenId, ms } of list) {
        const own = lines.filter(({ one }) => one.key === who)
        const line = own[which % own.length]
        if (what === 'join') {
          const seat = { ...referee2, pass: { tokenId, issuedAt: 0, expiresAt: 1 } }
          const one = visitor(who, who < '3', { name: who.slice(0, 1), seat })
          lines.push({ number: (joined += 1), one, tokenId, told: one.join() })
        } else if (what === 'press' && line !== undefined) {
          const { one } = line
          const holder = desk.view()[0]?.devices[0]
          const mine = one.press(ms)
          const madeAt = clock.now() - ms
          const newer = pressed.filter((each) => each.line.one.key === who && each.line.number > line.number)
          const isOvertaken = newer.some((each) => each.madeAt > madeAt)
          if (mine !== 'waiting') expect(mine === 'overtaken').toBe(isOvertaken)
          // Who only listened before stands in nobody's way, but for the newest of one name.
          if (holder?.asks === false && !holder.key.startsWith(one.name) && !isOvertaken)
            expect(mine).toBe('held')
          if (!isOvertaken) pressed = [...pressed.filter((each) => each.line !== line), { line, madeAt }]
        } else if (what === 'leave') gone((each) => each === line)
        else if (what === 'wait') clock.advance(ms)
        else if (what === 'decide' && desk.decide('A', 'referee-2', deviceId(who))) {
          gone(({ one }) => one.told.includes('taken'))
        } else if (what === 'expel') {
          desk.expel(({ pass }) => pass?.tokenId === tokenId)
          gone((each) => each.tokenId === tokenId)
        }
        const devices = desk.view().flatMap((place) => place.devices)
        const holders = devices.filter(({ state }) => state === 'held')
        expect(holders.length).toBe(devices.length === 0 ? 0 : 1)
        const connected = devices.filter((device) => device.connected).map(({ key }) => key)
        expect(connected.sort()).toEqual([...new Set(lines.map(({ one }) => one.key))].sort())
        // Each has been told what is.
        for (const { one, told } of lines) {
          const state = devices.find((device) => device.key === one.key)?.state
          expect(one.told.at(-1) ?? told).toBe(state)
        }
      }
      gone(() => true)
      clock.advance(2 * seatGraceMs)
      expect([desk.view(), clock.pending]).toEqual([[], 0])
    }),
    { numRuns: 200 },
  )
})

it('names of devices are the same for the same key, differ otherwise, and tell nothing', () => {
  const names = ['box', 'box', 'box 2'].map(deviceId)
  expect(names[0]).toBe(names[1])
  expect(names[0]).not.toBe(names[2])
  expect(names.join()).not.toContain('box')
})
