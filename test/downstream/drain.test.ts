import { describe, expect, it } from 'vitest'
import { defaultDrainTimings, drain, type Leaver } from '../../src/downstream/guests/drain.ts'
import { retryHintMs, withRetryHint, type CloseCode } from '../../src/protocol/contract/close-codes.ts'
import { FakeClock } from '../support/fake-clock.ts'

interface Told {
  readonly at: number
  readonly close: CloseCode
  readonly retryInMs: number
}

class Client implements Leaver {
  busy = false
  told: Told | undefined
  readonly #clock: FakeClock

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  leave(close: CloseCode, retryInMs: number): void {
    expect(this.told).toBeUndefined()
    this.told = { at: this.#clock.now() - start, close, retryInMs }
  }
}

function groupBy<T>(items: readonly T[], key: (item: T) => number): ReadonlyMap<number, readonly T[]> {
  const groups = new Map<number, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

const start = 1_700_000_000_000

function hall(size: number) {
  const clock = new FakeClock(start)
  const clients = Array.from({ length: size }, () => new Client(clock))
  return { clock, clients, ended: drain(clients, 'restarting', clock) }
}

describe('sending clients away', () => {
  it('tells a handful at once', async () => {
    const { clients, ended, clock } = hall(3)
    clock.advance(20)
    await ended
    expect(clients.map(({ told }) => told?.close.code)).toEqual([1012, 1012, 1012])
  })

  it('is done at once when nobody is here', async () => {
    await hall(0).ended
  })

  it('spreads 500 over a second, and their return over the time after it, all within 3 s', async () => {
    const { clients, clock, ended } = hall(500)
    clock.advance(1_000)
    await ended
    const told = clients.map((client) => client.told!)
    const { spreadMs, firstBackMs, backSpreadMs } = defaultDrainTimings
    const perTick = groupBy(told, ({ at }) => at)
    expect(Math.max(...[...perTick.values()].map((group) => group.length))).toBeLessThanOrEqual(11)
    const back = told.map(({ at, retryInMs }) => at + retryInMs)
    // Nobody comes back to a process that still leaves.
    expect(Math.min(...back)).toBeGreaterThanOrEqual(spreadMs + firstBackMs)
    expect(Math.max(...back)).toBeLessThanOrEqual(spreadMs + firstBackMs + backSpreadMs)
    expect(Math.max(...back)).toBeLessThan(3_000)
    // Evenly: no tenth of that time gets more than twice its share.
    const tenths = groupBy(back, (ms) => Math.floor(((ms - spreadMs - firstBackMs) / backSpreadMs) * 10))
    expect(Math.max(...[...tenths.values()].map((group) => group.length))).toBeLessThanOrEqual(100)
  })

  it('gives one that waits for the answer to its press half a second more, and no more', async () => {
    const clock = new FakeClock(start)
    const clients = [new Client(clock), new Client(clock)] as const
    for (const client of clients) client.busy = true
    let over = false
    const second = drain(clients, 'shuttingDown', clock).then(() => (over = true))
    clock.advance(200)
    expect(clients.map(({ told }) => told)).toEqual([undefined, undefined])
    clients[0].busy = false
    clock.advance(20)
    expect(clients[0].told?.close.code).toBe(4001)
    expect(clients[1].told).toBeUndefined()
    expect(over).toBe(false)
    clock.advance(400)
    await second
    expect(clients[1].told?.close.code).toBe(4001)
  })
})

describe('the hint when to come back', () => {
  it.each([
    [0, 'retry in 0.0 s', 0],
    [1_300, 'retry in 1.3 s', 1_300],
    [1_349, 'retry in 1.3 s', 1_300],
    [30_000, 'retry in 30.0 s', 30_000],
  ])('%i ms is said as "%s" and read as %i ms', (ms, said, read) => {
    const { reason, code } = withRetryHint({ code: 4001, reason: 'bridge shutting down', retry: true }, ms)
    expect([code, reason]).toEqual([4001, `bridge shutting down, ${said}`])
    expect(retryHintMs(reason)).toBe(read)
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123)
  })

  it.each([
    '',
    'bridge restarting',
    'retry in s',
    'retry in -1 s',
    'retry in 1.3 seconds',
    'retry in 99999 s',
  ])('is not read from "%s"', (reason) => {
    expect(retryHintMs(reason)).toBeUndefined()
  })
})
