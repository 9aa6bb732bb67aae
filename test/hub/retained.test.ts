import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetainedStore } from '../../src/hub/routing/retained.ts'
import { filterMatches, parseTopicFilter } from '../../src/protocol/topic.ts'
import { filter } from '../rules/stage.ts'
import { line, publication } from '../support/fake-upstream.ts'

const found = (store: RetainedStore, text: string): string[] => {
  const lines: string[] = []
  store.match(filter(text), (each) => lines.push(line(each)))
  return lines.toSorted()
}

describe('retained publications', () => {
  it('are the last of each topic, flagged as retained, until an empty one [MQTT-3.3.1-6]', () => {
    const store = new RetainedStore(10, 1_000)
    store.keep(publication('a/b', 'one'))
    store.keep(publication('a/b', 'two'))
    store.keep(publication('a', 'x'))
    expect(found(store, 'a/#')).toEqual(['a x', 'a/b two'])
    store.match(filter('a'), (each) => expect(each.retain).toBe(true))
    store.keep(publication('a/b', ''))
    expect([found(store, '#'), store.size]).toEqual([['a x'], 1])
  })

  it('are bounded in topics and bytes, and room comes back', () => {
    const store = new RetainedStore(2, 20)
    store.keep(publication('a', '1'))
    store.keep(publication('b', '2'))
    store.keep(publication('c', '3'))
    expect(found(store, '#')).toEqual(['a 1', 'b 2'])
    store.keep(publication('a', ''))
    store.keep(publication('c', 'x'.repeat(30)))
    store.keep(publication('d', '4'))
    expect(found(store, '#')).toEqual(['b 2', 'd 4'])
  })

  it('are found by the same rules as live ones, for any topics and filter', () => {
    const level = fc.constantFrom('a', 'b', '', '$x')
    const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
    const filters = fc
      .tuple(
        fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }),
        fc.constantFrom('#', '+', 'a', ''),
      )
      .map(([levels, last]) => [...levels, last].join('/'))
    fc.assert(
      fc.property(fc.uniqueArray(topics, { maxLength: 12 }), filters, (names, pattern) => {
        fc.pre(parseTopicFilter(pattern).ok)
        const kept = names.filter((name) => name !== '').map((name) => publication(name, 'x'))
        const store = new RetainedStore(100, 10_000)
        for (const each of kept) store.keep(each)
        const expected = kept.filter((each) => filterMatches(filter(pattern), each.topic)).map(line)
        expect(found(store, pattern)).toEqual(expected.toSorted())
      }),
    )
  })
})
