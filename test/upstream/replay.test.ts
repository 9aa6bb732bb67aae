import { beforeEach, describe, expect, it } from 'vitest'
import { ReplayTest, replayMs } from '../../src/upstream/replay.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publication } from '../support/fake-upstream.ts'
import { recordingLog } from '../support/silent-log.ts'

const state = 'owlcms/bridge/north/state'
const live = publication(state, '{}')
const stored = publication(state, '{}', 1, true)

let clock: FakeClock
let log: ReturnType<typeof recordingLog>
let asked: (() => void)[]
let test: ReplayTest

beforeEach(() => {
  clock = new FakeClock()
  log = recordingLog()
  asked = []
  test = new ReplayTest({
    ...{ clock, log: log.log, topic: state },
    subscribeAgain: (granted) => asked.push(granted),
  })
})

describe('whether the broker gives back what it keeps', () => {
  it('is not known before its own word has come and the broker was asked again', () => {
    test.receive(publication('owlcms/bridge/south/state', '{}', 1, true))
    clock.advance(60_000)
    expect([test.replays, asked.length]).toEqual([undefined, 0])
    test.receive(live)
    clock.advance(60_000)
    expect([test.replays, asked.length]).toEqual([undefined, 1])
  })

  it.each([
    ['before the subscription is granted', [() => test.receive(stored), () => asked[0]!()]],
    ['after it', [() => asked[0]!(), () => test.receive(stored)]],
  ])('is a yes when it comes %s', (_, steps) => {
    test.receive(live)
    for (const step of steps) step()
    test.receive(live)
    clock.advance(2 * replayMs)
    expect([test.replays, asked.length, log.lines]).toEqual([true, 1, []])
  })

  it('is a yes without asking where a state of before came with the first subscription', () => {
    test.receive(stored)
    test.receive(live)
    expect([test.replays, asked.length]).toEqual([true, 0])
  })

  it('is a no when nothing comes, told once, and asked again with each link', () => {
    for (let link = 1; link <= 3; link += 1) {
      test.linkChanged()
      test.receive(live)
      asked.at(-1)!()
      clock.advance(replayMs)
      expect([test.replays, asked.length]).toEqual([false, link])
    }
    expect(log.lines.join()).toMatch(/BRIDGE_JOURNAL_DIR.*does not give back/)
    expect(log.lines).toHaveLength(1)
    test.receive(stored)
    expect(test.replays).toBe(true)
  })

  it('stays what it was when the link breaks in between', () => {
    test.receive(live)
    asked[0]!()
    test.linkChanged()
    clock.advance(2 * replayMs)
    expect(test.replays).toBeUndefined()
  })
})
