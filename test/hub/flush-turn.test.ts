import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FanOut, type Recipient } from '../../src/hub/routing/fan-out.ts'
import { Outbox, FlushTurn, type OfferOutcome } from '../../src/hub/routing/outbox.ts'
import type { Publication, QoS } from '../../src/protocol/publication.ts'
import { Hub } from '../../src/hub/hub.ts'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { silentLog } from '../support/silent-log.ts'

/** Time passes with each write, and turns of the event loop are ended one by one. */
class BusyClock extends FakeClock {
  #busyMs = 0
  #turn: (() => void)[] = []

  override now(): number {
    return super.now() + this.#busyMs
  }
  get workedMs(): number {
    return this.#busyMs
  }
  work(ms: number): void {
    this.#busyMs += ms
  }
  override endOfTurn(callback: () => void): void {
    this.#turn.push(callback)
  }
  /** Where nobody asked for the end of a turn, timers become due. */
  oneTurn(): void {
    const callbacks = this.#turn
    this.#turn = []
    if (callbacks.length === 0) this.advance(100)
    for (const callback of callbacks) callback()
  }
  /** Nobody asked for the end of this turn. */
  get settled(): boolean {
    return this.#turn.length === 0
  }
  get idle(): boolean {
    return this.settled && this.pending === 0
  }
}

/** A session of `/mqtt`. */
class Hearer implements Recipient {
  static readonly #format = { encode: ({ payload }: Publication) => payload }
  said = ''
  expected = ''
  readonly format = Hearer.#format
  readonly outbox: Outbox
  listening: Outbox | undefined

  constructor(clock: BusyClock, turn: FlushTurn, costMs: number) {
    const write = (frames: Uint8Array): void => {
      this.said += Buffer.from(frames).toString()
      clock.work(costMs)
    }
    this.outbox = new Outbox({ bufferedBytes: 0, write }, turn, 1e6)
    this.listening = this.outbox
  }

  deliver({ payload }: Publication): OfferOutcome {
    return this.outbox.offer(payload)
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text)

it('writes to each exactly what it was offered while it was there, in order, however slices, joins, leaves and events mix', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant('event' as const) },
    { weight: 4, arbitrary: fc.constant('turn' as const) },
    fc.constant('few' as const),
    // To every other one, as events of a platform that half of the viewers follow.
    { weight: 2, arbitrary: fc.constant('news' as const) },
    fc.constant('join' as const),
    fc.record({ leaves: fc.nat() }),
    // Something to one of them alone, as a pong.
    fc.record({ answers: fc.nat() }),
  )
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 8 }),
      fc.array(step, { maxLength: 200 }),
      (costs, script) => {
        const clock = new BusyClock()
        const turn = new FlushTurn(clock)
        let writes = 0
        let heard: { readonly outbox: Outbox; said: string; expected: string }[] = []
        const everybody = [...heard]
        const followers = new Map<Outbox, (typeof heard)[number]>()
        const following = { [Symbol.iterator]: () => followers.keys() }
        const join = (): void => {
          const one = {
            said: '',
            expected: '',
            outbox: new Outbox(
              {
                bufferedBytes: 0,
                write: (frames) => {
                  one.said += Buffer.from(frames).toString()
                  clock.work(costs[(writes += 1) % costs.length] ?? 0)
                },
              },
              turn,
              1e6,
            ),
          }
          heard.push(one)
          if (everybody.push(one) % 2 === 0) followers.set(one.outbox, one)
        }
        for (let at = 0; at < 5; at += 1) join()
        for (const [at, what] of script.entries()) {
          if (what === 'turn') clock.oneTurn()
          else if (what === 'few') turn.flushFew()
          else if (what === 'join') join()
          else if (what === 'event') {
            const frame = bytes(`${at} `)
            for (const one of heard) {
              one.expected += `${at} `
              one.outbox.offer(frame)
            }
          } else if (what === 'news') {
            for (const one of followers.values()) one.expected += `${at}, `
            turn.tell({
              outboxes: following,
              tell: (outbox) => {
                if (followers.has(outbox)) outbox.offer(bytes(`${at}, `))
              },
            })
          } else if ('leaves' in what) {
            const leaver = heard[what.leaves % heard.length]
            leaver?.outbox.flush()
            leaver?.outbox.close()
            if (leaver !== undefined) followers.delete(leaver.outbox)
            heard = heard.filter((one) => one !== leaver)
          } else {
            const one = heard[what.answers % heard.length]
            if (one === undefined) continue
            one.expected += `${at}! `
            one.outbox.offer(bytes(`${at}! `))
          }
        }
        for (let turns = 0; !clock.idle; turns += 1) {
          expect(turns).toBeLessThan(10_000)
          clock.oneTurn()
        }
        expect(everybody.map(({ said }) => said)).toEqual(everybody.map(({ expected }) => expected))
      },
    ),
    // An answer that came between two slices stayed in its outbox.
    {
      examples: [
        [
          [1.1, 0],
          ['event', 'turn', 'turn', { answers: 0 }],
        ],
        // What is for one alone overtook what all were told before it.
        [[0], ['news', { answers: 1 }]],
      ],
    },
  )
})

it('gives many who only listen what matches them in order, in slices, and whoever presses what comes then at once (property)', () => {
  const step = fc.oneof(
    // Of six somebodies those of the bits, and so many others that all wait for their turn.
    { weight: 5, arbitrary: fc.record({ to: fc.nat(63), qos: fc.constantFrom<0 | 1>(0, 1) }) },
    { weight: 5, arbitrary: fc.constant('turn' as const) },
    fc.record({ presses: fc.nat(5) }),
    fc.record({ subscribes: fc.nat(5) }),
  )
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.array(step, { maxLength: 60 }),
      (cost, script) => {
        const clock = new BusyClock()
        const turn = new FlushTurn(clock, () => fanOut.endRun(true))
        const fanOut = new FanOut<Hearer>(
          1e4,
          () => undefined,
          (news) => turn.tell(news),
        )
        const others = Array.from({ length: 251 }, () => new Hearer(clock, turn, cost))
        const people = Array.from({ length: 6 }, () => new Hearer(clock, turn, cost))
        const lists = Array.from({ length: 64 }, (_, mask) =>
          [...others, ...people.filter((_one, bit) => (mask >> bit) % 2 === 1)].map((session, at) => ({
            ...{
              session,
              qos: (at % 2) as QoS,
              noLocal: false,
              retainAsPublished: false,
              identifiers: [],
              own: false,
            },
          })),
        )
        const oneTurn = (): void => {
          const before = clock.workedMs
          clock.oneTurn()
          // A slice, and whoever pressed.
          expect(clock.workedMs - before).toBeLessThan(2.001 + 8 * cost)
        }
        for (const [at, what] of script.entries()) {
          if (what === 'turn') oneTurn()
          else if ('to' in what) {
            const matches = lists[what.to] ?? []
            for (const { session } of matches) session.expected += `${at} `
            fanOut.offer(publication('a', `${at} `, what.qos), matches)
            turn.arm()
          } else if ('presses' in what) {
            const one = people[what.presses]
            if (one !== undefined) one.listening = undefined
          } else {
            fanOut.endRun()
            const one = people[what.subscribes]
            if (one === undefined) continue
            one.expected += `${at}! `
            one.outbox.offer(bytes(`${at}! `))
          }
        }
        for (let turns = 0; !clock.idle; turns += 1) {
          expect(turns).toBeLessThan(200_000)
          oneTurn()
        }
        for (const one of [...people, ...others]) expect(one.said).toBe(one.expected)
      },
    ),
    { numRuns: 30 },
  )
})

it('takes nobody for slow who was told more than fits while it waited for its turn, and reads no more once a crowd has much to hear', () => {
  const clock = new BusyClock()
  const turn = new FlushTurn(clock)
  const crowd = Array.from({ length: 10 }, () => {
    const one = { bytes: 0, slow: 0 }
    const write = (frames: Uint8Array): void => {
      one.bytes += frames.byteLength
      clock.work(1)
    }
    return { one, outbox: new Outbox({ bufferedBytes: 0, write }, turn, 100_000) }
  })
  const frame = new Uint8Array(10_000)
  for (let time = 0; time < 101; time += 1) {
    turn.tell({
      outboxes: crowd.map(({ outbox }) => outbox),
      tell: (outbox) => {
        const slow = outbox.offer(frame) === 'slow'
        for (const each of crowd) if (each.outbox === outbox && slow) each.one.slow += 1
      },
    })
  }
  for (let looks = 0; looks < 3; looks += 1) clock.oneTurn()
  expect(crowd.map(({ one }) => one)).toEqual(crowd.map(() => ({ bytes: 1_010_000, slow: 0 })))
})

it('writes to an official after a few milliseconds, however many viewers are yet to be told something', () => {
  const clock = new BusyClock()
  const hub = new Hub({ clock, upstream: new FakeUpstream() })
  let toViewers = 0
  const viewers = Array.from({ length: 10_000 }, () =>
    hub.createOutbox(
      {
        bufferedBytes: 0,
        write: () => {
          toViewers += 1
          clock.work(0.01)
        },
      },
      { kind: 'viewer' },
    ),
  )
  let heardAt: number | undefined
  const official = hub.createOutbox({ bufferedBytes: 0, write: () => (heardAt = clock.now()) })
  for (const viewer of viewers) viewer.offer(bytes('event'))
  while (toViewers < 1_000) clock.oneTurn()
  const saidAt = clock.now()
  official.offer(bytes('echo'))
  for (let turns = 0; turns < 10; turns += 1) clock.oneTurn()
  expect(heardAt).toBeLessThan(saidAt + 10)
  for (let turns = 0; turns < 1_000; turns += 1) clock.oneTurn()
  expect(toViewers).toBe(10_000)
})

it('reads a press that comes in seven frames while thousands are written to, without a slice between any two of them', () => {
  const clock = new BusyClock()
  const turn = new FlushTurn(clock)
  let written = 0
  const sink = { bufferedBytes: 0, write: () => clock.work((written += 1) && 0.01) }
  for (let at = 0; at < 10_000; at += 1) new Outbox(sink, turn, 1e6).offer(bytes('event'))
  while (written === 0) clock.oneTurn()
  for (let press = 0; press < 10; press += 1) {
    const began = clock.now()
    // One that comes while a slice is written is read after it; each frame in a turn of its own.
    for (let frame = 0; frame < 7; frame += 1) clock.oneTurn()
    expect(clock.now() - began).toBeLessThan(3)
  }
  expect(written).toBeLessThan(10_000)
})

it('hands an event on to ten thousand viewers without holding up the turn that it came in, nor any other', async () => {
  const clock = new BusyClock()
  const upstream = new FakeUpstream()
  const platforms = new Platforms({ clock, random: () => 0.5 })
  const hub = new Hub({ clock, upstream, platforms })
  const stream = new JsonStream({
    ...{ hub, platforms, clock, version: '1.2.3', log: silentLog },
    clientLimits: { ...defaultClientLimits, maxClients: 20_000, maxClientsPerAddress: 20_000 },
    authenticateToken: () => ({ kind: 'viewer' }),
  })
  hub.linkChanged(true)
  hub.receive(publication('owlcms/fop/config', '{"jurySize":5,"platforms":["A"],"version":"61.0.0"}'))
  let told = 0
  const said = (payload: string): void => hub.receive(publication('owlcms/fop/timeRemaining/A', payload))
  for (let viewer = 0; viewer < 10_000; viewer += 1) {
    await stream.openFeed(
      { platform: 'A', token: undefined, lastEventId: undefined, address: 'x' },
      {
        // Each look at a viewer costs a cache line or two.
        get bufferedBytes() {
          clock.work(0.001)
          return 0
        },
        write: (frames) => {
          clock.work(0.005)
          told += Buffer.from(frames).toString().split('event: event').length - 1
        },
        end: () => undefined,
      },
    )
  }
  const longest = (work: () => void): number => {
    const before = clock.workedMs
    work()
    return clock.workedMs - before
  }
  for (let turn = 0; turn < 500 && !clock.settled; turn += 1) clock.oneTurn()
  const turns = [longest(() => said('90')), longest(() => said('30'))]
  while (told < 20_000 && turns.length < 1_000) turns.push(longest(() => clock.oneTurn()))
  expect(told).toBe(20_000)
  expect(Math.max(...turns)).toBeLessThan(3)
})
