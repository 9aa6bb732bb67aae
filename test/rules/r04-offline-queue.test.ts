import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { playOffline, plainStory, type OfflineStory } from '../support/offline-story.ts'

/** One way, in ms: a wire, a hotspot, a bad hotspot, a satellite. */
const delays = [20, 100, 350, 600, 900] as const

/** Which presses wait while the line is broken. */
const queues = {
  'QoS 0': [0, 0, 0],
  'QoS 1': [1, 1, 1],
  'QoS 2': [2, 2, 2],
  'mixed QoS': [1, 0, 2, 0, 1],
} as const

/** Everything a line may do: its delay is one thing before CONNACK and another after, and a packet comes 1 s late. */
const lines = delays.flatMap((beforeMs) =>
  delays.flatMap((afterMs) => [undefined, 0, 1, 3].map((lateAt) => ({ beforeMs, afterMs, lateAt }))),
)
const someLines = lines.filter(
  ({ beforeMs, afterMs, lateAt }) =>
    [20, 900].includes(beforeMs) && [20, 350, 900].includes(afterMs) && [undefined, 1].includes(lateAt),
)

/** MQTT.js 4 with MQTT 5 loses count by itself when two stored presses are refused, and says nothing more. */
const clients = (
  [
    [4, 4],
    [5, 4],
    [5, 5],
  ] as const
).flatMap(([library, protocolVersion]) =>
  Object.entries(queues).map(([name, queue]) => ({ library, protocolVersion, name, queue })),
)

/** A press every 100 ms for a while. */
const every100Ms = (untilMs: number): number[] =>
  Array.from({ length: untilMs / 100 + 1 }, (_, at) => at * 100)

describe('an offline queue that MQTT.js sends after a reconnect (R4)', () => {
  it.each(clients)(
    'of MQTT.js $library with MQTT $protocolVersion, $name: none reaches owlcms over any line, and a fresh press does soon',
    async ({ library, protocolVersion, queue }) => {
      for (const line of lines) {
        const story: OfflineStory = { ...plainStory, ...line, library, protocolVersion, queue }
        const roundTripMs = line.beforeMs + line.afterMs
        const ending = await playOffline(story, [
          1_000 + 2 * roundTripMs + (line.lateAt === undefined ? 0 : 1_000),
        ])
        expect([line, ending.late]).toEqual([line, []])
        expect([line, ending.freshAfterMs < Infinity]).toEqual([line, true])
      }
    },
  )

  it.each(clients)(
    'of MQTT.js $library with MQTT $protocolVersion, $name: an official who presses ten times a second gets through within 1 s and two round trips',
    async ({ library, protocolVersion, queue }) => {
      for (const afterMs of delays) {
        const story: OfflineStory = { ...plainStory, library, protocolVersion, queue, afterMs }
        const { late, freshAfterMs } = await playOffline(story, every100Ms(6_000))
        expect(late).toEqual([])
        expect(freshAfterMs).toBeLessThanOrEqual(1_000 + 4 * afterMs + 100)
      }
    },
  )

  it.each<[string, Partial<OfflineStory>]>([
    ['that never subscribes', { subscribes: 'never' }],
    ['that subscribed before it was ever connected', { subscribes: 'atOnce', firstConnection: true }],
    ['that was never connected before', { firstConnection: true }],
    ['with a kept session', { clean: false }],
    ['with a kept session that never subscribes', { clean: false, subscribes: 'never' }],
    ['with presses that were on their way when the line broke', { unanswered: 4 }],
    ['that sends its state before each press', { others: 1 }],
    ['of 60 presses at QoS 1', { queue: Array<1>(60).fill(1) }],
    ['of 40 presses at QoS 2', { queue: Array<2>(40).fill(2) }],
    ['of 1,000 presses at QoS 0', { queue: Array<0>(1_000).fill(0) }],
    ['on a broker that needs 2 s', { brokerMs: 2_000, others: 1 }],
  ])('of a client %s: none reaches owlcms', async (_what, change) => {
    for (const library of [4, 5] as const) {
      for (const queue of change.queue === undefined ? Object.values(queues) : [change.queue]) {
        for (const line of someLines) {
          const ending = await playOffline({ ...plainStory, ...line, library, ...change, queue }, [30_000])
          expect([line, ending.late]).toEqual([line, []])
          expect(ending.freshAfterMs).toBe(30_000)
        }
      }
    }
  })

  it(
    'never reaches owlcms, whatever the client, its queue and its line are like',
    { timeout: 120_000 },
    async () => {
      const qos = fc.constantFrom(0, 1, 2)
      const lateAt = fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined })
      const story: fc.Arbitrary<OfflineStory> = fc
        .record({
          library: fc.constantFrom(4, 5),
          protocolVersion: fc.constantFrom(4, 5),
          clean: fc.boolean(),
          subscribes: fc.constantFrom('onConnect', 'atOnce', 'never'),
          queue: fc.array(qos, { minLength: 1, maxLength: 25 }),
          others: fc.constantFrom(0, 1),
          unanswered: fc.integer({ min: 0, max: 5 }),
          firstConnection: fc.boolean(),
          beforeMs: fc.integer({ min: 20, max: 900 }),
          // The delay of one packet is nothing like that of the next, or much the same.
          pace: fc.oneof(
            fc.record({ afterMs: fc.constant(20), jitterMs: jitter(880), lateAt: fc.constant(undefined) }),
            fc.record({ afterMs: fc.integer({ min: 20, max: 900 }), jitterMs: jitter(300), lateAt }),
          ),
          brokerMs: fc.integer({ min: 0, max: 400 }),
        })
        .map(({ pace, ...rest }) => ({ ...rest, ...pace }))
        // What comes that much after a SUBSCRIBE of the queue itself can't be told from a fresh press (PROTOCOL.md).
        .filter(
          (each) =>
            each.subscribes !== 'atOnce' || Math.max(...each.jitterMs) <= 80 || each.lateAt === undefined,
        )
      await fc.assert(
        fc.asyncProperty(story, async (each) => {
          expect((await playOffline(each, [])).late).toEqual([])
        }),
        { numRuns: 400 },
      )
    },
  )
})

function jitter(mostMs: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: mostMs }), { minLength: 1, maxLength: 15 })
}
