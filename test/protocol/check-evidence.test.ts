import { describe, expect, it } from 'vitest'
import { bridgesSeen, owlcmsTrouble, readEvidence } from '../../src/protocol/link/check-evidence.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import { publication } from '../support/fake-upstream.ts'

const heard = (text: string, payload = '', retain = false): Publication =>
  publication(text, payload, 1, retain)

const config = (version: string, platforms: readonly string[], jurySize?: number) =>
  heard('owlcms/fop/config', JSON.stringify({ version, platforms, jurySize }))
const state = (name: string, id: string, word = 'online') =>
  heard(`owlcms/bridge/${name}/state`, JSON.stringify({ state: word, version: '1', since: 1, id }), true)

describe('what the evidence says of owlcms', () => {
  it.each([
    ['nothing', [], 'owlcmsSilent'],
    ['an answer', [config('64', ['A'], 3)], undefined],
    ['one answer per platform', [config('64', ['A', 'B'], 3), config('64', ['B', 'A'], 3)], undefined],
    ['a jury that is being changed', [config('64', ['A'], 3), config('64', ['A'], 5)], undefined],
    ['two versions', [config('64', ['A'], 3), config('63', ['A'], 3)], 'twoOwlcms'],
    ['other platforms', [config('64', ['A'], 3), config('64', ['C'], 3)], 'twoOwlcms'],
    ['an answer without the jury', [config('42', ['A'])], 'owlcmsOld'],
    ['an answer that is none', [heard('owlcms/fop/config', '{')], 'owlcmsSilent'],
    ['owlcms speaking, no answer', [heard('owlcms/fop/decision/A', '1 good')], 'owlcmsOld'],
    ['owlcms starting', [heard('owlcms/fop/startup/A', 'on')], 'owlcmsStarting'],
    ['the end of a start', [heard('owlcms/fop/startup/A', 'off')], 'owlcmsSilent'],
    ['a press', [heard('owlcms/refbox/decision/A', '1 good')], 'owlcmsElsewhere'],
    ['our own question', [heard('owlcms/config', 'check')], 'owlcmsSilent'],
    ['a stored answer', [{ ...config('64', ['A'], 3), retain: true }], 'owlcmsSilent'],
  ] as const)('%s means %s', (_what, publications, code) => {
    expect(owlcmsTrouble(readEvidence(publications), false)).toBe(code)
  })

  it('a dot in the name of a platform matters only where the broker turns it into a slash', () => {
    const dotted = readEvidence([config('64', ['A', 'B.2'], 3)])
    expect([true, false].map((losesDots) => owlcmsTrouble(dotted, losesDots))).toEqual([
      'dotInPlatform',
      undefined,
    ])
    expect(owlcmsTrouble(readEvidence([config('64', ['A'], 3)]), true)).toBe(undefined)
  })
})

it('sees the bridges that are connected by their last word', () => {
  const seen = bridgesSeen([
    state('north', 'a'),
    state('north', 'b'),
    state('south', 'c'),
    state('south', 'c', 'offline'),
    heard('owlcms/bridge/east/state', 'nonsense', true),
  ])
  expect(seen.map(({ name, id }) => `${name} ${id}`)).toEqual(['north a', 'north b'])
})
