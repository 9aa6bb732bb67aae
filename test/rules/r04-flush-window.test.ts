import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { firstWordMs } from '../../src/downstream/mqtt-gateway/offline-queue.ts'
import { commandKinds, readTopic } from '../../src/protocol/owlcms/topics.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { publish, setStage, subscribe, type Stage } from './stage.ts'

/** One message of each kind that acts on a lift, and the old topic of decisions. */
const commands: readonly (readonly [topic: string, payload: string])[] = [
  ['owlcms/refbox/decision/A', '1 good'],
  ['owlcms/decision/A', '2 bad'],
  ['owlcms/refbox/downEmitted/A', ''],
  ['owlcms/clock/A', 'start'],
  ['owlcms/jurybox/break/A', 'stop'],
  ['owlcms/jurybox/juryMember/decision/A', '1 good'],
  ['owlcms/jurybox/decision/A', 'bad'],
  ['owlcms/jurybox/summon/A', 'all'],
]

const { flushWindowMs } = defaultClientLimits
const start = ['owlcms/clock/A', 'start'] as const
const stop = ['owlcms/clock/A', 'stop'] as const

function justConnected(stage: Stage, version: 4 | 5 = 4, options: object = {}): MemoryClient {
  const client = new MemoryClient(stage.gateway, stage.clock, version)
  client.connect(options)
  return client
}

/** When a press first gets through, in ms from now, tried every `everyMs`. */
function throughAfter(stage: Stage, client: MemoryClient, everyMs: number, qos: 0 | 1 | 2 = 0): number {
  for (let at = 0; at <= 600_000; at += everyMs) {
    publish(client, ...stop, { qos, id: 1 + (at % 60_000) })
    if (qos === 2) client.send({ cmd: 'pubrel', messageId: 1 + (at % 60_000) })
    if (stage.upstream.lines.length > 0) return at
    stage.clock.advance(everyMs)
  }
  return Infinity
}

describe('what a client says first after CONNACK (R4)', () => {
  it('is tested here with every kind of command there is', () => {
    const kinds = new Set<string>(commands.map(([topic]) => readTopic(publication(topic).topic).kind))
    expect([...kinds].toSorted()).toEqual([...commandKinds].toSorted())
  })

  it('is held back no longer for who subscribes once more', () => {
    const stage = setStage()
    const client = justConnected(stage)
    subscribe(client, 'owlcms/fop/#')
    stage.clock.advance(flushWindowMs / 2)
    subscribe(client, 'owlcms/led/A')
    stage.clock.advance(flushWindowMs / 2)
    publish(client, ...stop)
    expect(stage.upstream.lines).toEqual([stop.join(' ')])
  })

  it.each(commands)(
    'is held back when it is %s %j, at any QoS, and passes once it subscribed',
    (...command) => {
      const stage = setStage()
      const client = justConnected(stage)
      for (const qos of [0, 1, 2] as const) publish(client, ...command, { qos, id: qos + 1 })
      subscribe(client, 'owlcms/fop/#')
      stage.clock.advance(flushWindowMs)
      expect([stage.upstream.lines, stage.hub.counters.heldBack]).toEqual([[], 3])
      publish(client, ...command)
      expect(stage.upstream.lines).toEqual([command.join(' ')])
    },
  )

  it.each([
    ['at its first connection', {}],
    ['with a kept session: that is where offline queues live', { clean: false }],
  ])('is held back %s, and again at the next one', (_when, options) => {
    const stage = setStage()
    for (let connection = 0; connection < 2; connection += 1)
      publish(justConnected(stage, 4, options), ...start)
    expect([stage.upstream.lines, stage.hub.counters.heldBack]).toEqual([[], 2])
  })

  it('is fresh when it comes 5 s after CONNACK or later: no queue waits so long', () => {
    const stage = setStage()
    const early = justConnected(stage, 4, { clientId: 'early' })
    const late = justConnected(stage, 4, { clientId: 'late' })
    stage.clock.advance(firstWordMs - 1)
    publish(early, ...start)
    stage.clock.advance(1)
    publish(late, ...stop)
    expect(stage.upstream.lines).toEqual([stop.join(' ')])
  })

  it.each([4, 5] as const)(
    'is as old as its first byte, however late the last one is read (MQTT.js sends a packet in five pieces; MQTT version %i)',
    (version) => {
      const stage = setStage()
      const client = justConnected(stage, version)
      const packet = { cmd: 'publish', topic: start[0], payload: start[1], qos: 1, messageId: 7 } as const
      const bytes = generate({ ...packet, dup: false, retain: false }, { protocolVersion: version })
      stage.clock.advance(firstWordMs - 1)
      for (const byte of bytes) {
        client.bytes(Uint8Array.of(byte))
        stage.clock.advance(300)
      }
      publish(client, ...stop)
      expect([stage.upstream.lines, stage.hub.counters.heldBack]).toEqual([[], 2])
    },
  )

  it.each([20, 200, 1_000, 1_800])(
    'is followed for 1 s and a round trip (%i ms; 80 at most) after SUBSCRIBE, however often the official presses meanwhile',
    (roundTripMs) => {
      for (const qos of [0, 1, 2] as const) {
        const stage = setStage()
        const client = justConnected(stage)
        stage.clock.advance(roundTripMs)
        publish(client, ...start, { qos: 1, id: 70 })
        subscribe(client, 'owlcms/fop/#')
        expect(throughAfter(stage, client, 60, qos)).toBe(
          Math.ceil((flushWindowMs + Math.min(roundTripMs, 80)) / 60) * 60,
        )
      }
    },
  )

  it.each([
    ['a press', start, 0, 1_250 + 100],
    ['a press at QoS 1', start, 1, 2_500 + 100],
    ['something else at QoS 1, as sensors send it', ['owlcms/test/A', 'on'] as const, 1, 2_500 + 100],
  ])(
    'of a client that never subscribes is over after a pause: %s',
    (_what, [topic, payload], qos, pauseMs) => {
      const stage = setStage()
      const client = justConnected(stage)
      stage.clock.advance(100)
      publish(client, topic, payload, { qos: qos as 0 | 1 })
      stage.upstream.settleAll()
      stage.clock.advance(pauseMs - 1)
      // At QoS 0, which starts no pause anew.
      publish(client, ...start)
      stage.clock.advance(1)
      publish(client, ...stop)
      expect(stage.upstream.lines).toEqual([stop.join(' ')])
    },
  )

  it('goes on as long as stored presses come one by one, each after the answer to the one before', () => {
    for (const version of [4, 5] as const) {
      const stage = setStage()
      const client = justConnected(stage, version)
      for (let id = 1; id <= 80; id += 1) {
        stage.clock.advance(1_800)
        // Those that were on their way when the connection broke come first, marked as sent again.
        publish(client, ...start, { qos: 1, id, dup: id <= 5 })
      }
      expect(stage.upstream.lines).toEqual([])
      stage.clock.advance(1_800)
      subscribe(client, 'owlcms/fop/#')
      stage.clock.advance(flushWindowMs + 1_800)
      publish(client, ...stop, { qos: 1, id: 99 })
      expect(stage.upstream.lines).toEqual([stop.join(' ')])
    }
  })

  it('counts from our answer, which comes late when the broker is slow', () => {
    const stage = setStage()
    const client = justConnected(stage)
    publish(client, 'owlcms/test/A', 'on', { qos: 1, id: 1 })
    stage.clock.advance(8_000)
    stage.upstream.settleAll()
    stage.clock.advance(1_800)
    publish(client, ...start, { qos: 1, id: 2 })
    expect([stage.upstream.lines, stage.hub.counters.heldBack]).toEqual([[], 1])
  })

  it('goes on while a burst arrives, however long that takes on a thin line', () => {
    const stage = setStage()
    const client = justConnected(stage)
    for (let segment = 0; segment < 40; segment += 1) {
      for (let at = 0; at < 30; at += 1) publish(client, ...start)
      stage.clock.advance(700)
    }
    expect(stage.upstream.lines).toEqual([])
  })

  it('is no burst when a device sends three messages for one press', () => {
    const stage = setStage()
    const client = justConnected(stage)
    subscribe(client, 'owlcms/fop/#')
    for (let at = 0; at < flushWindowMs; at += 250) {
      for (let message = 0; message < 3; message += 1) publish(client, ...start)
      stage.clock.advance(250)
    }
    publish(client, ...stop)
    expect(stage.upstream.lines).toEqual([stop.join(' ')])
  })

  it('is over some day for whoever presses without a pause and never subscribes (R7)', () => {
    for (const qos of [1, 2] as const) {
      const stage = setStage()
      expect(throughAfter(stage, justConnected(stage), 500, qos)).toBeLessThan(60_000)
    }
    const stage = setStage()
    expect(throughAfter(stage, justConnected(stage), 40)).toBeLessThan(62_000)
  })

  it('is not looked at where the window is switched off', () => {
    const stage = setStage({ flushWindowMs: 0 })
    publish(justConnected(stage), ...start)
    expect(stage.upstream.lines).toEqual([start.join(' ')])
  })
})
