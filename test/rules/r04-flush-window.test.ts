import { describe, expect, it } from 'vitest'
import { commandKinds, readTopic } from '../../src/protocol/owlcms.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { publish, setStage, type Stage } from './stage.ts'

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

/** A client whose socket opened `handshakeMs` before its CONNECT. */
function justConnected(stage: Stage, handshakeMs = 0, options: object = {}): MemoryClient {
  const client = new MemoryClient(stage.gateway, stage.clock)
  stage.clock.advance(handshakeMs)
  client.connect(options)
  return client
}

describe('the burst right after CONNECT (R4)', () => {
  it('is tested here with every kind of command there is', () => {
    const kinds = new Set<string>(commands.map(([topic]) => readTopic(publication(topic).topic).kind))
    expect([...kinds].toSorted()).toEqual([...commandKinds].toSorted())
  })

  it.each(commands)('holds back %s %j of any QoS, and lets it pass after the window', (topic, payload) => {
    const stage = setStage()
    const client = justConnected(stage)
    for (const qos of [0, 1, 2] as const) publish(client, topic, payload, { qos, id: qos + 1 })
    stage.clock.advance(defaultClientLimits.flushWindowMs)
    expect([stage.upstream.lines, stage.hub.counters.heldBack]).toEqual([[], 3])
    publish(client, topic, payload)
    expect(stage.upstream.lines).toEqual([`${topic} ${payload}`])
  })

  it('is held back for a kept session as well: that is where offline queues live', () => {
    const stage = setStage()
    const client = justConnected(stage, 0, { clean: false })
    publish(client, 'owlcms/clock/A', 'start')
    expect([stage.upstream.lines, stage.hub.counters.heldBack]).toEqual([[], 1])
  })

  it('is held back at each connection of a client, not only at its first', () => {
    const stage = setStage()
    const first = stage.client()
    publish(first, 'owlcms/clock/A', 'start')
    const again = justConnected(stage)
    publish(again, 'owlcms/clock/A', 'stop')
    expect(stage.upstream.lines).toEqual(['owlcms/clock/A start'])
  })

  it('lasts 2 s longer at most, however long a sleepy device took to say CONNECT', () => {
    const stage = setStage()
    const client = justConnected(stage, 4_000)
    stage.clock.advance(2_000 + defaultClientLimits.flushWindowMs - 1)
    publish(client, 'owlcms/clock/A', 'start')
    stage.clock.advance(1)
    publish(client, 'owlcms/clock/A', 'stop')
    expect(stage.upstream.lines).toEqual(['owlcms/clock/A stop'])
  })

  it('goes on as long as stored presses come one by one, each a round trip after the answer to the one before', () => {
    for (const version of [4, 5] as const) {
      const stage = setStage()
      const client = new MemoryClient(stage.gateway, stage.clock, version)
      client.connect()
      for (let id = 1; id <= 20; id += 1) {
        stage.clock.advance(120)
        // Those that were on their way when the connection broke come first, marked as sent again.
        publish(client, 'owlcms/clock/A', 'start', { qos: 1, id, dup: id <= 5 })
      }
      expect(stage.upstream.lines).toEqual([])
      stage.clock.advance(defaultClientLimits.flushWindowMs)
      publish(client, 'owlcms/clock/A', 'stop', { qos: 1, id: 21 })
      expect(stage.upstream.lines).toEqual(['owlcms/clock/A stop'])
    }
  })

  it('ends with the first pause longer than a stored press takes, so that a nervous official gets through', () => {
    const stage = setStage()
    const plain = justConnected(stage)
    const sure = justConnected(stage, 0, { clientId: 'box-2' })
    // Four presses a second, without looking up.
    for (let at = 0; at <= 500; at += 250) {
      publish(plain, 'owlcms/clock/A', '60')
      publish(sure, 'owlcms/clock/B', '60', { qos: 1, id: 7 })
      stage.clock.advance(250)
    }
    expect(stage.upstream.lines.sort()).toEqual(['owlcms/clock/A 60', 'owlcms/clock/B 60'])
  })

  it('is over 10 s after CONNECT, whatever comes', () => {
    const stage = setStage()
    const client = justConnected(stage)
    for (let at = 0; at < 10_000; at += 100) {
      publish(client, 'owlcms/clock/A', '60', { qos: 1, id: 7 })
      stage.clock.advance(100)
    }
    expect(stage.upstream.lines).toEqual([])
    publish(client, 'owlcms/clock/A', '120', { qos: 1, id: 7 })
    expect(stage.upstream.lines).toEqual(['owlcms/clock/A 120'])
  })

  it('does not go on for what is no press', () => {
    const stage = setStage()
    const client = justConnected(stage)
    for (let at = 0; at < 300; at += 100) {
      publish(client, 'owlcms/test/A', 'x', { qos: 1, id: 1 + at })
      stage.clock.advance(100)
    }
    publish(client, 'owlcms/clock/A', 'start', { qos: 1, id: 900 })
    expect(stage.upstream.lines).toContain('owlcms/clock/A start')
  })

  it('is not looked at where the window is switched off, slow line or not', () => {
    const stage = setStage({ flushWindowMs: 0 })
    publish(justConnected(stage, 800), 'owlcms/clock/A', 'start')
    expect(stage.upstream.lines).toEqual(['owlcms/clock/A start'])
  })
})
