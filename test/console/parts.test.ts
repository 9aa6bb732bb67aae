import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { hostOfThisComputer } from '../../src/console/organiser/own-address.ts'
import { deviceFacts } from '../../src/console/organiser/device-facts.ts'
import { routeOf } from '../../src/console/organiser/route.ts'
import { plannedSeats, usualChoice } from '../../src/console/organiser/sheet-plan.ts'
import { emptyTail, tailLines, withMessage, withPast } from '../../src/console/organiser/tail.ts'
import { seatTroubles, urgentTroubles } from '../../src/console/organiser/troubles.ts'
import { makeWords, seatKeyName } from '../../src/console/organiser/words.ts'
import { organiserTexts } from '../../src/texts/organiser-texts.ts'
import { phaseName } from '../../src/texts/names.ts'
import type { SeatOverview } from '../../src/protocol/contract/console-api.ts'
import { builtPages } from '../support/built-pages.ts'
import { device, seat } from './fixtures.ts'

const words = makeWords('en', organiserTexts.en)

describe('an address that only this computer can open', () => {
  it.each([
    ['http://localhost:8080/seat#x', 'localhost'],
    ['http://127.0.0.1:8080/seat#x', '127.0.0.1'],
    ['http://[::1]:8080/seat#x', '[::1]'],
    ['http://192.168.1.50:8080/seat#x', undefined],
    ['https://127.0.0.1.example/seat#x', undefined],
    ['https://localhost.example/seat#x', undefined],
  ])('%s: %s', (address, host) => {
    expect(hostOfThisComputer(address)).toBe(host)
  })
})

describe('the tail', () => {
  const said = (at: number) => ({ at, platform: 'A', topic: `owlcms/x/${at}`, payload: 'p' })

  it('begins with what was said before the page came, and has nothing twice', () => {
    const live = [3, 4].reduce(
      (tail, at) => withMessage(tail, { ...said(at), type: 'event', seq: at, fence: 0 } as never),
      emptyTail,
    )
    const whole = withPast(live, [1, 2, 3].map(said))
    expect(whole.lines.map(({ at }) => at)).toEqual([4, 3, 2, 1])
    expect(whole.count).toBe(2)
    expect(new Set(whole.lines.map(({ id }) => id)).size).toBe(4)
  })

  it('stays bounded', () => {
    const many = Array.from({ length: tailLines + 50 }, (_, at) => said(at))
    expect(withPast(emptyTail, many).lines).toHaveLength(tailLines)
    expect(withPast(emptyTail, many).lines[0]?.at).toBe(tailLines + 49)
  })
})

describe('words', () => {
  it.each([
    ['referee-2', 'Referee 2'],
    ['juryPresident', 'Jury president'],
    ['juryPresident-1', 'Jury president'],
    ['viewer', 'Viewer'],
    ['pianist-1', 'pianist-1'],
  ])('call the seat %s %s', (key, name) => {
    expect(seatKeyName(words, key)).toBe(name)
  })

  it('keep owlcms’s own word for a break they don’t know', () => {
    expect(phaseName(words.texts.shared, { kind: 'break', breakType: 'TECHNICAL' })).toBe('Technical break')
    expect(phaseName(words.texts.shared, { kind: 'break', breakType: 'TEA_TIME' })).toBe('Break: TEA_TIME')
  })
})

describe('troubles of a seat', () => {
  const one = (changes: Parameters<typeof device>[0]) => ({ devices: [device(changes)] })
  const cases: readonly (readonly [string, Partial<SeatOverview>, readonly string[]])[] = [
    ['nothing', {}, []],
    ['waiting', { devices: [device({ id: 'a' }), device({ id: 'b', waiting: true })] }, ['bad two']],
    ['all gone, which is told once for the whole platform', one({ id: 'a', connected: false }), []],
    ['one of two gone', { devices: [device({ id: 'a' }), device({ id: 'b', connected: false })] }, []],
    ['a doubled ID', one({ id: 'a', duplicate: true }), ['bad duplicate a']],
    ['flapping', one({ id: 'a', flapping: true }), ['bad flapping a']],
    ['at the broker', one({ id: 'a', way: 'broker' }), ['warn direct a']],
    ['rather slow', { delay: { p50Ms: 200, p95Ms: 401, recentMs: [] } }, ['warn slow']],
    ['too slow', { delay: { p50Ms: 200, p95Ms: 801, recentMs: [] } }, ['bad slow']],
    ['quick enough', { delay: { p50Ms: 200, p95Ms: 400, recentMs: [] } }, []],
    ['lost presses', one({ id: 'a', dropped: 1, held: 2 }), ['warn dropped', 'warn held']],
    ['without an echo', { outcomes: { notTaken: 1 } }, ['warn notTaken']],
  ]

  it.each(cases)('%s', (_name, changes, expected) => {
    const troubles = seatTroubles(words, seat('referee-1', changes))
    expect(troubles.map(({ level, key }) => `${level} ${key.replace('referee-1 ', '')}`)).toEqual(expected)
  })

  it('offers only connected devices to choose from, and none that only listens', () => {
    const devices = [
      device({ id: 'a' }),
      device({ id: 'b', waiting: true }),
      device({ id: 'c', connected: false }),
      device({ id: 'd', asks: false }),
    ]
    const [trouble] = seatTroubles(words, seat('referee-1', { devices }))
    expect(trouble?.choose?.map(({ id }) => id)).toEqual(['a', 'b'])
  })
})

describe('seats that were there and are gone', () => {
  const gone = { devices: [device({ id: 'a', connected: false })] }
  const hall = [
    { name: 'A', seats: [seat('referee-1', gone), seat('timekeeper', gone), seat('referee-2', {})] },
    { name: 'B', seats: [seat('referee-1', gone)] },
  ]

  it('are one alarm of their platform while a lift is on there, and none in breaks and after the session', () => {
    const told = urgentTroubles(words, hall, (platform) => platform === 'A')
    expect(told.map(({ platform, what }) => [platform, what])).toEqual([
      ['A', 'Nobody is connected as Referee 1, Timekeeper'],
    ])
    expect(urgentTroubles(words, hall, () => false)).toEqual([])
  })
})

describe('a device in a line', () => {
  const now = 1_700_000_000_000
  const box = {
    name: 'box2',
    way: 'tcp',
    from: '1.23',
    since: now - 60_000,
    lastPressAt: now - 4_000,
  } as const
  const facts = (changes: Parameters<typeof device>[0]) =>
    deviceFacts(words, device({ ...box, ...changes }), now)

  it('is told apart from others of its name by its address, its last signal, since when it is here, and a short mark', () => {
    expect(facts({ id: 'Zxsz1234' })).toBe(
      '#Zxsz · box in the hall’s network · address …1.23 · connected for 1 min · 31 signals · last signal 4 sec. ago',
    )
    const others: readonly Parameters<typeof device>[0][] = [
      { id: 'Qqqq1234' },
      { id: 'Zxsz1234', from: '1.24' },
      { id: 'Zxsz1234', lastPressAt: now - 9_000 },
      { id: 'Zxsz1234', since: now - 600_000 },
      { id: 'Zxsz1234', waiting: true },
    ]
    expect(new Set([facts({ id: 'Zxsz1234' }), ...others.map(facts)]).size).toBe(6)
  })

  it('that has subscribed to nothing says so, with what to do', () => {
    expect(facts({ id: 'a', deaf: true })).toMatch(
      / · listens to nothing: restart it if it should show something$/,
    )
  })
})

describe('the seat sheet’s plan', () => {
  const plan = (changes: Partial<typeof usualChoice>, jurySize = 3) =>
    plannedSeats({ ...usualChoice, platforms: ['A'], ...changes }, () => jurySize).map((planned) =>
      [planned.role, 'number' in planned ? planned.number : undefined].filter(Boolean).join(' '),
    )
  const usual = ['referee 1', 'referee 2', 'referee 3', 'timekeeper']

  it.each([
    ['the usual', {}, 3, [...usual, 'juryPresident 1', 'juryMember 2', 'juryMember 3']],
    [
      'a president without a vote',
      { president: 'only' },
      3,
      [...usual, 'juryPresident', 'juryMember 1', 'juryMember 2', 'juryMember 3'],
    ],
    ['no president', { president: 'none' }, 2, [...usual, 'juryMember 1', 'juryMember 2']],
    ['no jury', { jury: false }, 5, usual],
    [
      'never more than five',
      { referees: false, timekeeper: false },
      9,
      ['juryPresident 1', 'juryMember 2', 'juryMember 3', 'juryMember 4', 'juryMember 5'],
    ],
    [
      'solo, controller, viewer',
      { referees: false, timekeeper: false, jury: false, solo: true, controller: true, viewer: true },
      3,
      ['soloReferee', 'technicalController', 'viewer'],
    ],
  ] as const)('%s', (_name, changes, jurySize, expected) => {
    expect(plan(changes, jurySize)).toEqual(expected)
  })
})

it.each([
  ['', { view: 'hall' }],
  ['#nowhere', { view: 'hall' }],
  ['#seats', { view: 'seats' }],
  ['#result/C%C3%B4t%C3%A9%20B', { view: 'result', platform: 'Côté B' }],
  ['#result/100%', { view: 'result', platform: '100%' }],
  ['#result', { view: 'hall' }],
] as const)('the address %s leads to %j', (hash, route) => {
  expect(routeOf(hash)).toEqual(route)
})

it('the script of the console has at most 60 KB when compressed', async () => {
  const { length } = gzipSync((await builtPages()).get('console.js') ?? '')
  expect(length).toBeGreaterThan(1024)
  expect(length).toBeLessThanOrEqual(60 * 1024)
})
