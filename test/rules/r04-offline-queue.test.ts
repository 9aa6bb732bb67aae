import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScriptedBridge, ScriptedLine, Script, mqttJs, type MqttJs } from '../support/scripted-line.ts'

/** What a client does, and what its line does to it. */
interface OfflineStory {
  readonly library: MqttJs
  readonly protocolVersion: 4 | 5
  readonly clean: boolean
  /** `onConnect`: as most programs do. `atOnce`: before it is connected. `never`: a button that only sends. */
  readonly subscribes: 'onConnect' | 'atOnce' | 'never'
  /** QoS of each press made without a line; more than there is time to count, if need be. */
  readonly queue: readonly (0 | 1 | 2)[]
  /** Other messages before each press, as sensors and Node-RED send them. */
  readonly others: 0 | 1
  /** Presses at QoS 1 whose answer the broken line swallowed; none when it was never connected. */
  readonly unanswered: number
  /** The bridge has never seen it connected. */
  readonly firstConnection: boolean
  /** Milliseconds one way until CONNACK. */
  readonly beforeMs: number
  /** Milliseconds one way after it. */
  readonly afterMs: number
  /** Milliseconds more for the next packets, in turn. */
  readonly jitterMs: readonly number[]
  /** Which of the packets after CONNACK comes 1 s late, if any. */
  readonly lateAt: number | undefined
  /** Milliseconds that the broker needs for an answer. */
  readonly brokerMs: number
}

const plainStory: OfflineStory = {
  ...{ library: 5, protocolVersion: 4, clean: true, subscribes: 'onConnect', queue: [0], others: 0 },
  ...{ unanswered: 0, firstConnection: false, beforeMs: 20, afterMs: 20, jitterMs: [0], lateAt: undefined },
  brokerMs: 30,
}

interface Ending {
  /** Old presses that reached the broker. */
  readonly late: readonly string[]
  /** Milliseconds between the client's `connect` (its queue is sent) and its first press after it that got through. */
  readonly freshAfterMs: number
  readonly heldBack: number
}

const press = (name: string): string => `owlcms/refbox/decision/${name}`

/**
 * Plays it with the real MQTT.js: connected, the line breaks and the bridge is new, the official presses meanwhile,
 * the line is back. Then fresh presses, `freshAt` ms after `connect` each, of the QoS of the last old one.
 */
async function playOffline(story: OfflineStory, freshAt: readonly number[]): Promise<Ending> {
  const script = new Script()
  let bridge = new ScriptedBridge(script, story.brokerMs)
  const lines: ScriptedLine[] = []
  let connections = 0
  let pieces = 0
  const delayAfter = (): number => {
    const piece = pieces++
    const jitter = story.jitterMs[piece % story.jitterMs.length] ?? 0
    return story.afterMs + jitter + (piece === story.lateAt ? 1_000 : 0)
  }
  const again = (): ScriptedLine => {
    let connack = false
    const toClient = (): number => {
      if (connack) return delayAfter()
      connack = true
      return story.beforeMs
    }
    const toBridge = (): number => (connack ? delayAfter() : story.beforeMs)
    return new ScriptedLine(script, bridge, { toBridge, toClient })
  }
  const first = (): ScriptedLine => {
    if (story.firstConnection) return again()
    return new ScriptedLine(script, bridge, { toBridge: () => 5, toClient: () => 5 })
  }
  const connect = (): ScriptedLine => {
    connections += 1
    const made = connections === 1 ? first() : again()
    lines.push(made)
    return made
  }
  const { library, protocolVersion, clean } = story
  const client = mqttJs(library, connect, { protocolVersion, clean })
  try {
    const subscribe = (): void => {
      client.subscribe('owlcms/fop/#', { qos: 0 })
    }
    if (story.subscribes === 'atOnce') subscribe()
    const queueUp = (): void => {
      story.queue.forEach((qos, at) => {
        if (story.others === 1) client.publish(`owlcms/test/A${at}`, 'on', { qos: 1 })
        client.publish(press(`old-${at}`), '1 bad', { qos })
      })
    }
    if (!story.firstConnection) {
      if (story.subscribes === 'onConnect') client.once('connect', subscribe)
      await script.play(30_000)
      for (let at = 0; at < story.unanswered; at += 1)
        client.publish(press(`old-u${at}`), '1 bad', { qos: 1 })
      bridge = new ScriptedBridge(script, story.brokerMs)
      lines[0]?.break()
      const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)))
      await closed
    } else if (story.subscribes === 'onConnect') client.once('connect', subscribe)
    queueUp()
    // MQTT.js tries again a millisecond later, on its own clock.
    while (connections < (story.firstConnection ? 1 : 2))
      await new Promise((resolve) => setImmediate(resolve))
    let connectedAt = Number.NaN
    const fresh = new Map<string, number>()
    client.once('connect', () => {
      connectedAt = script.clock.now()
      const qos = story.queue.at(-1) ?? 0
      for (const [at, ms] of freshAt.entries()) {
        script.after(ms, () => {
          fresh.set(press(`fresh-${at}`), ms)
          client.publish(press(`fresh-${at}`), '1 good', { qos })
        })
      }
    })
    for (let second = 0; Number.isNaN(connectedAt) && second < 1_000; second += 1) await script.play(1_000)
    await script.play((freshAt.at(-1) ?? 0) + 20_000)
    const through = bridge.arrived.map((each) => fresh.get(each.split(' ')[0] ?? '') ?? Infinity)
    return {
      late: bridge.arrived.filter((each) => each.includes('/old-')),
      freshAfterMs: Math.min(Infinity, ...through),
      heldBack: bridge.stage.hub.counters.heldBack,
    }
  } finally {
    client.end(true)
    for (const each of lines) each.break()
  }
}

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

  it.each<[string, Partial<OfflineStory>]>([
    ['at QoS 1', { queue: [1, 1, 1], afterMs: 900, jitterMs: [0, 300, 300], lateAt: 1 }],
    ['at QoS 2', { queue: [2, 2, 2], afterMs: 900, jitterMs: [0, 300, 300], lateAt: 2 }],
    ['at QoS 0 behind QoS 2', { queue: [0, 2], afterMs: 849, jitterMs: [0, 0, 0, 278, 293], lateAt: 3 }],
  ])(
    '%s, over a line that gets slower by all that a line may: none reaches owlcms',
    async (_what, change) => {
      for (const library of [4, 5] as const) {
        const { late } = await playOffline({ ...plainStory, library, subscribes: 'never', ...change }, [])
        expect(late).toEqual([])
      }
    },
  )

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
          beforeMs: fc.oneof(fc.constantFrom(20, 900), fc.integer({ min: 20, max: 900 })),
          // The delay of one packet is nothing like that of the next, or much the same.
          pace: fc.oneof(
            fc.record({ afterMs: fc.constant(20), jitterMs: jitter(880), lateAt: fc.constant(undefined) }),
            fc.record({ afterMs: fc.integer({ min: 20, max: 900 }), jitterMs: jitter(300), lateAt }),
            // A slow line that gets slower by all that a line may, and a packet late just then.
            fc.record({
              afterMs: fc.integer({ min: 850, max: 900 }),
              jitterMs: fc
                .integer({ min: 1, max: 5 })
                .map((even) => Array.from({ length: 12 }, (_, at) => (at < even ? 0 : 300))),
              lateAt: fc.integer({ min: 0, max: 8 }),
            }),
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
        { numRuns: 130 },
      )
    },
  )
})

function jitter(mostMs: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: mostMs }), { minLength: 1, maxLength: 15 })
}
