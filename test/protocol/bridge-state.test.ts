import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  maxStateBytes,
  readState,
  stateOf,
  type BridgeState,
} from '../../src/protocol/contract/bridge-state.ts'
import { line, publication } from '../support/fake-upstream.ts'

const online: BridgeState = { state: 'online', version: '1.2.3', since: 1_700_000_000, id: 'abc123' }

describe("a bridge's state", () => {
  it('is a small retained publication that reads back as it was', () => {
    const written = stateOf('north-hall', online)
    expect(line(written)).toBe(
      'owlcms/bridge/north-hall/state {"state":"online","version":"1.2.3","since":1700000000,"id":"abc123"}',
    )
    expect([written.retain, written.qos]).toEqual([true, 1])
    expect(written.topic.length + written.payload.byteLength).toBeLessThan(maxStateBytes)
    expect(readState(written)).toEqual({ name: 'north-hall', state: online })
  })

  it('stays below 240 bytes with the longest name', () => {
    const longest = stateOf('x'.repeat(40), { ...online, version: '10.20.30-beta.40' })
    expect(longest.topic.length + longest.payload.byteLength).toBeLessThan(240)
  })

  it.each([
    ['owlcms/bridge/a/state', '{'],
    ['owlcms/bridge/a/state', 'null'],
    ['owlcms/bridge/a/state', '{"state":"maybe","version":"1","since":1,"id":"x"}'],
    ['owlcms/bridge/a/state', '{"state":"online","version":1,"since":1,"id":"x"}'],
    ['owlcms/bridge/a/b/state', '{"state":"online","version":"1","since":1,"id":"x"}'],
    ['owlcms/fop/down/A', ''],
  ])('is not read from %s %s', (topic, payload) => {
    expect(readState(publication(topic, payload))).toBeUndefined()
  })

  it('never makes the reader throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void readState(publication('owlcms/bridge/a/state', text))))
  })
})
