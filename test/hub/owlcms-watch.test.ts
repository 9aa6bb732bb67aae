import { beforeEach, describe, expect, it } from 'vitest'
import { Hub } from '../../src/hub/hub.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryStreamClient } from '../support/memory-client.ts'
import { silentLog } from '../support/silent-log.ts'

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub
let platforms: Platforms
let pad: MemoryStreamClient
let questions: number

/** Platforms whose connection of owlcms is alive, and how long it and the line take. */
let alive: Set<string>
let lineMs: number

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  platforms = new Platforms({ clock, random: () => 0.5 })
  hub = new Hub({ clock, upstream, platforms })
  const stream = new JsonStream({
    ...{ hub, platforms, clock, log: silentLog, version: '1' },
    clientLimits: { ...defaultClientLimits, flushWindowMs: 0 },
    authenticateToken: () => ({ kind: 'device' }),
  })
  alive = new Set(['A', 'B'])
  lineMs = 20
  questions = 0
  hub.linkChanged(true)
  lives(1_000)
  pad = new MemoryStreamClient(stream, clock)
  pad.send({ type: 'start', schema: 1 })
  lives(1_000)
  pad.take()
})

function hear(topic: string, payload = ''): void {
  const heard = publication(topic, payload)
  hub.receive(heard)
}

/** Time passes; the broker acknowledges, and each living platform of owlcms answers questions and echoes decisions. */
function lives(ms: number): void {
  for (let passed = 0; passed < ms; passed += 10) {
    for (const { publication: sent, settled } of upstream.sent.splice(0)) {
      const isQuestion = sent.topic === 'owlcms/config'
      if (isQuestion) questions += 1
      clock.setTimer(lineMs, () => {
        settled({ kind: 'delivered' })
        if (isQuestion) alive.forEach(() => clock.setTimer(lineMs, reply))
        const platform = /decision.(.*)$/.exec(sent.topic)?.[1] ?? ''
        if (alive.has(platform)) {
          clock.setTimer(lineMs, () => {
            hear(`owlcms/fop/decision/${platform}`, new TextDecoder().decode(sent.payload))
          })
        }
      })
    }
    clock.advance(10)
  }
}

const reply = (): void => hear('owlcms/fop/config', '{"platforms":["A","B"],"version":"69","jurySize":5}')

let presses = 0
function press(platform: string, value = 'good'): void {
  presses += 1
  pad.send({
    ...{ type: 'press', id: `p${presses}`, platform },
    command: { kind: 'refereeDecision', referee: 1, value },
  })
}

/** What the pad's status messages said, with when. */
function statuses(): readonly string[] {
  return pad.take().flatMap((message) => {
    if (message.type !== 'status') return []
    return [[message.presence, ...(message.silentPlatforms ?? [])].join(' ')]
  })
}

/** How long until the pad is told something about owlcms; undefined: not within 20 s. */
function untilTold(): readonly [ms: number, told: readonly string[]] | undefined {
  for (let passed = 10; passed <= 20_000; passed += 10) {
    lives(10)
    const told = statuses()
    if (told.length > 0) return [passed, told]
  }
  return undefined
}

describe('an owlcms that falls silent', () => {
  it('shows within 3.5 s of the first press without an echo', () => {
    lives(3_000)
    alive.clear()
    press('A')
    const [ms, told] = untilTold()!
    expect(told).toEqual(['silent'])
    expect(ms).toBeGreaterThan(1_500)
    expect(ms).toBeLessThanOrEqual(3_500)
  })

  it.each(Array.from({ length: 15 }, (_, second) => second))(
    'shows within 13 s without a press, however long ago (%i s) it last spoke',
    (second) => {
      lives(second * 1_000)
      alive.clear()
      expect(untilTold()).toEqual([expect.any(Number), ['silent']])
      expect(clock.now() - hub.watch.lastHeardAt!).toBeLessThanOrEqual(13_000)
    },
  )

  it('is told of again as soon as it says anything', () => {
    alive.clear()
    press('A')
    untilTold()
    hear('owlcms/fop/startup/A', 'on')
    expect(statuses()).toEqual(['answering'])
  })

  it('is not asked again for each press, and at most every 2 s (R2)', () => {
    lives(3_000)
    alive.clear()
    const before = questions
    for (let round = 0; round < 100; round += 1) {
      press(round % 2 === 0 ? 'A' : 'B')
      lives(100)
    }
    expect(questions - before).toBeLessThanOrEqual(5)
    expect(questions - before).toBeGreaterThan(0)
  })

  it('counts a question that a device asked after the press, and waits its turn after one from before', () => {
    lives(3_000)
    alive.clear()
    press('A')
    lives(500)
    expect(hub.watch.mayForwardRequest()).toBe(true)
    const before = questions
    expect(untilTold()).toEqual([expect.any(Number), ['silent']])
    expect(questions - before).toBe(0)
  })
})

describe('an owlcms that is there', () => {
  it('is never called silent, on lines up to two seconds there and back', () => {
    for (const ms of [5, 100, 400, 1_000]) {
      lineMs = ms
      lives(40_000)
      statuses()
      // Pressed where owlcms refuses: no echo, and it answers as quickly as the line allows.
      for (let round = 0; round < 10; round += 1) {
        hub.watch.notTaken('A' as Platform, clock.now() - 1_500)
        lives(3_000)
      }
      expect([ms, statuses()]).toEqual([ms, []])
    }
  })

  it('and only did not want the press is not asked', () => {
    lives(3_000)
    const before = questions
    press('A')
    alive.delete('A')
    lives(500)
    hear('owlcms/fop/liftingOrderUpdated/A')
    lives(2_000)
    expect([questions - before, statuses()]).toEqual([0, []])
  })

  it('and is deaf after a start is not called silent', () => {
    lives(3_000)
    press('A')
    alive.clear()
    lives(200)
    hear('owlcms/fop/startup/A', 'on')
    lives(1_400)
    hear('owlcms/fop/startup/A', 'off')
    alive = new Set(['A', 'B'])
    lives(10_000)
    expect(statuses()).toEqual([])
  })
})

describe('an owlcms whose connection for one platform is dead', () => {
  it('is there for the others, and that platform shows within 3.5 s of its first press', () => {
    lives(3_000)
    alive.delete('A')
    press('B')
    press('A')
    const [ms, told] = untilTold()!
    expect([told, hub.watch.presence.kind]).toEqual([['answering A'], 'answering'])
    expect(ms).toBeLessThanOrEqual(3_500)
    lives(60_000)
    expect(statuses()).toEqual([])
    alive.add('A')
    expect(untilTold()).toEqual([expect.any(Number), ['answering']])
  })

  it('is heard of again by its own word', () => {
    lives(3_000)
    alive.delete('A')
    press('A')
    untilTold()
    hear('owlcms/fop/startup/A', 'on')
    expect(statuses()).toEqual(['answering'])
  })

  it('is forgotten when the link goes, and leaves no timer behind', () => {
    lives(3_000)
    alive.delete('A')
    press('A')
    untilTold()
    press('A')
    lives(1_600)
    const pending = clock.pending
    hub.linkChanged(false)
    expect(statuses().at(-1)).toBe('unknown')
    expect(clock.pending).toBeLessThan(pending)
    expect(hub.watch.platforms().some(({ silent }) => silent)).toBe(false)
  })
})

describe('the broker of another bridge', () => {
  const question = new TextEncoder().encode('owlcms-bridge')
  const device = new TextEncoder().encode('requesting configuration')

  it('gives it no old reply of owlcms for a new one, and devices still get theirs at once (R2)', () => {
    lives(1_900)
    hear('owlcms/fop/liftingOrderUpdated/A')
    clock.advance(1_999)
    expect([question, device].map((asked) => hub.watch.replyTo(asked) !== undefined)).toEqual([true, true])
    clock.advance(1)
    expect([question, device].map((asked) => hub.watch.replyTo(asked) !== undefined)).toEqual([false, true])
  })

  it('may have asked a moment before: replies to that count as well', () => {
    lives(3_000)
    const pressedAt = clock.now()
    lives(1_500)
    alive.forEach(() => reply())
    clock.advance(10)
    hub.watch.notTaken('A' as Platform, pressedAt)
    // Only what the other bridge has at hand, as it has just asked.
    upstream.sent.splice(0)
    reply()
    clock.advance(3_000)
    expect(statuses()).toEqual([])
  })
})
