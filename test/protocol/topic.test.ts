import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FilterTree,
  filterMatches,
  maxTopicLevels,
  parseTopic,
  parseTopicFilter,
  type Topic,
  type TopicFilter,
} from '../../src/protocol/topic.ts'

function topic(text: string): Topic {
  const parsed = parseTopic(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

function filter(text: string): TopicFilter {
  const parsed = parseTopicFilter(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

/** The rules of MQTT 3.1.1 section 4.7, written a second time and as plainly as possible. */
function matchesByTheBook(filterText: string, topicText: string): boolean {
  const filters = filterText.split('/')
  const levels = topicText.split('/')
  if (topicText.startsWith('$') && (filters[0] === '#' || filters[0] === '+')) return false
  for (const [depth, wanted] of filters.entries()) {
    if (wanted === '#') return true
    if (depth >= levels.length) return false
    if (wanted !== '+' && wanted !== levels[depth]) return false
  }
  return filters.length === levels.length
}

describe('parseTopic', () => {
  it.each([
    ['owlcms/fop/decision/A', true],
    ['owlcms/fop/decision/Plateau é (1)', true],
    ['/', true],
    ['a//b', true],
    ['', 'empty'],
    ['owlcms/+/A', 'wildcard'],
    ['owlcms/#', 'wildcard'],
    ['a\0b', 'nul'],
    ['\ud800', 'badUnicode'],
    ['x'.repeat(65_535), true],
    ['x'.repeat(65_536), 'tooLong'],
    ['é'.repeat(32_768), 'tooLong'],
    ['owlcms/clock/A\r', 'control'],
    ['owlcms/box/status\n', 'control'],
    ['owlcms/clock/\u0085', 'control'],
    ['owlcms/clock/\ufdd0', 'nonCharacter'],
    ['owlcms/clock/\u{5ffff}', 'nonCharacter'],
    ['owlcms/clock/\ufdfa', 'nonCharacter'],
    ['owlcms/clock/\ufeffA', true],
    ['a/'.repeat(maxTopicLevels - 1) + 'a', true],
    ['a/'.repeat(maxTopicLevels) + 'a', 'tooDeep'],
  ])('%s', (text, expected) => {
    const parsed = parseTopic(text)
    expect(parsed.ok ? true : parsed.error).toBe(expected)
    if (parsed.ok) expect(parsed.value).toBe(text)
  })

  it('says the same when asked again, however many others came in between', () => {
    const texts = Array.from({ length: 3_000 }, (_, at) => `owlcms/clock/${at}${at % 7 === 0 ? '+' : ''}`)
    for (const text of [...texts, ...texts.toReversed()]) {
      expect(parseTopic(text)).toEqual(
        text.endsWith('+') ? { ok: false, error: 'wildcard' } : { ok: true, value: text },
      )
    }
  })
})

describe('what Mosquitto and HiveMQ cut a line for', () => {
  /** Their own checks of each code point [MQTT-1.5.4]; HiveMQ CE's takes U+FDC0 to U+FDFF for noncharacters. */
  function isCutFor(point: number): boolean {
    if (point <= 0x1f || (point >= 0x7f && point <= 0x9f)) return true
    if (point >= 0xd800 && point <= 0xdfff) return true
    return (point >= 0xfdc0 && point <= 0xfdff) || (point & 0xfffe) === 0xfffe
  }

  it('is no topic and no filter, code point by code point, and everything else is', () => {
    const wrong: string[] = []
    for (let point = 0; point <= 0x10_ffff; point += 1) {
      const text = `owlcms/clock/A${String.fromCodePoint(point)}`
      const wildcard = point === 0x2b || point === 0x23
      const wanted = !isCutFor(point) && !wildcard
      if (parseTopic(text).ok !== wanted || parseTopicFilter(text).ok !== wanted)
        wrong.push(point.toString(16))
    }
    expect(wrong).toEqual([])
  })
})

describe('parseTopicFilter', () => {
  it.each([
    ['#', true],
    ['+', true],
    ['+/+/#', true],
    ['owlcms/#', true],
    ['owlcms/+/A', true],
    ['owlcms/#/A', 'badWildcard'],
    ['owlcms#', 'badWildcard'],
    ['a+', 'badWildcard'],
    ['+a', 'badWildcard'],
    ['a#', 'badWildcard'],
    ['', 'empty'],
  ])('%s', (text, expected) => {
    const parsed = parseTopicFilter(text)
    expect(parsed.ok ? true : parsed.error).toBe(expected)
  })
})

describe('matching [MQTT-4.7]', () => {
  it.each([
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['a/+/b', 'a//b', true],
    ['+', '/x', false],
    ['+/+', '/x', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
    ['owlcms/fop/+/A', 'owlcms/fop/down/A2', false],
    ['owlcms/fop/#', 'owlcms/fop/decision/Platform 1', true],
  ])('%s against %s', (pattern, name, expected) => {
    expect(filterMatches(filter(pattern), topic(name))).toBe(expected)
  })

  it('agrees with the specification for any filters and topic, each filter visited once', () => {
    const level = fc.constantFrom('a', 'b', '', '$x', 'é')
    const topics = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'))
    const filters = fc
      .tuple(
        fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }),
        fc.constantFrom('#', '+', 'a', ''),
      )
      .map(([levels, last]) => [...levels, last].join('/'))
    fc.assert(
      fc.property(fc.uniqueArray(filters, { maxLength: 20 }), topics, (patterns, name) => {
        const valid = patterns.filter((pattern) => parseTopicFilter(pattern).ok)
        fc.pre(parseTopic(name).ok)
        const tree = new FilterTree<string>()
        for (const pattern of valid) tree.set(filter(pattern), pattern)
        const visited: string[] = []
        tree.match(topic(name), (pattern) => visited.push(pattern))
        expect(visited.toSorted()).toEqual(
          valid.filter((pattern) => matchesByTheBook(pattern, name)).toSorted(),
        )
      }),
    )
  })

  it('forgets deleted filters and nothing else', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('a', 'a/b', 'a/+', 'a/#', '#', '+/b', 'a/b/c'), { minLength: 1 }),
        fc.nat(),
        (patterns, pick) => {
          const tree = new FilterTree<string>()
          for (const pattern of patterns) tree.set(filter(pattern), pattern)
          const gone = patterns[pick % patterns.length]!
          tree.delete(filter(gone))
          tree.delete(filter('never/there'))
          const rest = patterns.filter((pattern) => pattern !== gone)
          expect(rest.every((pattern) => tree.get(filter(pattern)) === pattern)).toBe(true)
          expect(tree.get(filter(gone))).toBeUndefined()
        },
      ),
    )
  })
})
