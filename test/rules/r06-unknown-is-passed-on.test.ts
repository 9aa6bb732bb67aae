import { Buffer } from 'node:buffer'
import { beforeEach, describe, expect, it } from 'vitest'
import { normaliseCommand } from '../../src/protocol/owlcms/topics.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { heard, publish, setStage, subscribe, type Stage } from './stage.ts'

let stage: Stage
beforeEach(() => {
  stage = setStage()
})

/** Neither UTF-8 nor text. */
const anyBytes = Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x0a, 0x20])

describe('what we do not know (R6)', () => {
  it.each([0, 1, 2] as const)('goes up with its bytes and its QoS %i, at once, and is counted', (qos) => {
    const client = stage.client()
    for (const id of [1, 2]) publish(client, 'owlcms/light/show', anyBytes, { qos, id })
    const wanted = { topic: 'owlcms/light/show', payload: new Uint8Array(anyBytes), qos, retain: false }
    expect(stage.upstream.sent.map((sent) => sent.publication)).toEqual([wanted, wanted])
    expect(stage.hub.counters.unknownPassedOn).toBe(2)
  })

  it('is not held back after CONNECT, and not dropped when it is sent again', () => {
    const client = new MemoryClient(stage.gateway, stage.clock)
    client.connect()
    publish(client, 'owlcms/light/show', 'on', { qos: 1, dup: true })
    expect(stage.upstream.lines).toEqual(['owlcms/light/show on'])
  })

  it('comes down with its bytes to those who asked for it', () => {
    const client = stage.client()
    subscribe(client, 'owlcms/#')
    const { topic } = publication('owlcms/fop/playwright/done')
    stage.hub.receive({ topic, payload: new Uint8Array(anyBytes), qos: 0, retain: false })
    const [packet] = client.take()
    expect(packet?.cmd === 'publish' && [packet.topic, packet.payload]).toEqual([
      'owlcms/fop/playwright/done',
      anyBytes,
    ])
  })

  it('is counted apart from what we know', () => {
    const client = stage.client()
    for (const topic of ['owlcms/test/A', 'owlcms/config', 'owlcms/clock/A']) publish(client, topic, 'x')
    expect([stage.upstream.lines.length, stage.hub.counters.unknownPassedOn]).toEqual([3, 0])
  })

  it.each([
    ['clock', ' Countdown 30 '],
    ['juryBreak', ' Medical '],
    ['summonRequest', ' Doctor '],
    ['downEmitted', ' X '],
  ] as const)('a new word for %s keeps its bytes, capital letters and spaces included', (kind, word) => {
    const payload = new TextEncoder().encode(word)
    expect(normaliseCommand(kind, payload)).toEqual({ ok: true, value: payload })
  })
})

describe('a publication on its way up', () => {
  it('keeps its bytes when the socket uses its memory again', () => {
    const client = stage.client()
    const socketMemory = Buffer.from([0x30, 0x0b, 0, 8, ...Buffer.from('owlcms/x'), 0x41])
    client.bytes(socketMemory)
    socketMemory.fill(0)
    expect(stage.upstream.lines).toEqual(['owlcms/x A'])
    expect(heard(client.take())).toEqual([])
  })

  it('keeps its bytes when its packet came in two pieces', () => {
    const client = stage.client()
    const socketMemory = Buffer.from([0x30, 0x0b, 0, 8, ...Buffer.from('owlcms/x'), 0x41])
    const rest = Buffer.from(socketMemory.subarray(10))
    client.bytes(socketMemory.subarray(0, 10))
    socketMemory.fill(0x42)
    client.bytes(rest)
    expect(stage.upstream.lines).toEqual(['owlcms/x A'])
  })
})
