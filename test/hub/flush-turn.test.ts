import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Outbox, FlushTurn } from '../../src/hub/routing/outbox.ts'
import { Hub } from '../../src/hub/hub.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream } from '../support/fake-upstream.ts'

/** Time passes with each write, and turns of the event loop are ended one by one. */
class BusyClock extends FakeClock {
  #busyMs = 0
  #turn: (() => void)[] = []

  override now(): number {
    return super.now() + this.#busyMs
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
  get idle(): boolean {
    return this.#turn.length === 0 && this.pending === 0
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text)

it('writes to each exactly what it was offered while it was there, in order, however slices, joins, leaves and events mix', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant('event' as const) },
    { weight: 4, arbitrary: fc.constant('turn' as const) },
    fc.constant('few' as const),
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
          everybody.push(one)
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
          } else if ('leaves' in what) {
            const leaver = heard[what.leaves % heard.length]
            leaver?.outbox.flush()
            leaver?.outbox.close()
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
      ],
    },
  )
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
  for (let turns = 0; turns < 100; turns += 1) clock.oneTurn()
  expect(toViewers).toBe(10_000)
})
