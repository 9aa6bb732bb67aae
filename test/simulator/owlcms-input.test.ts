import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  readDeviceMessage,
  subscribedTopics,
  type FieldOfPlayInput,
} from '../../src/simulator/owlcms-input.ts'
import { abilitiesOf } from '../../src/simulator/owlcms-version.ts'

const read = (topic: string, payload: string, version = '69.0.0') =>
  readDeviceMessage(topic, new TextEncoder().encode(payload), 'A', abilitiesOf(version))

const refbox = 'owlcms/refbox/decision/A'
const decision = (referee: 0 | 1 | 2 | 3, verdict: 'good' | 'bad'): FieldOfPlayInput => ({
  kind: 'refereeDecision',
  referee,
  verdict,
})

describe('reading device messages as owlcms does, docs/owlcms.md 1.4', () => {
  it.each<[topic: string, payload: string, FieldOfPlayInput | undefined]>([
    [refbox, '1 good', decision(1, 'good')],
    [refbox, ' 1  good\n', decision(1, 'good')],
    [refbox, '1 x good', decision(1, 'good')],
    [refbox, '1', decision(1, 'bad')],
    [refbox, '1 Good', decision(1, 'bad')],
    [refbox, '1 ok', decision(1, 'bad')],
    [refbox, '1\tgood', undefined],
    [refbox, '0 good', decision(0, 'good')],
    [refbox, '-2 good', decision(0, 'good')],
    [refbox, '4 good', undefined],
    [refbox, 'good', undefined],
    ['owlcms/decision/A', '3 bad', decision(3, 'bad')],
    ['owlcms/decision/B', '3 bad', undefined],
    ['owlcms/clock/A', 'START {"a":1}', { kind: 'clockStart' }],
    ['owlcms/clock/A', '120', { kind: 'clockSet', ms: 120_000 }],
    ['owlcms/clock/A', '90', undefined],
    ['owlcms/jurybox/break/A', 'Challenge', { kind: 'juryBreak', word: 'challenge' }],
    ['owlcms/jurybox/juryMember/decision/A', '0 good', undefined],
    ['owlcms/jurybox/juryMember/decision/A', '6 good', undefined],
    ['owlcms/jurybox/juryMember/decision/A', '5', { kind: 'juryVote', member: 5, verdict: 'bad' }],
    ['owlcms/jurybox/decision/A', 'yes', { kind: 'juryDecision', verdict: 'bad' }],
    ['owlcms/jurybox/summon/A', 'all', { kind: 'summon', official: 0 }],
    ['owlcms/jurybox/summon/A', 'ALL', undefined],
    ['owlcms/jurybox/summon/A', '9', { kind: 'summon', official: 9 }],
    ['owlcms/refbox/downEmitted/A', 'whatever', { kind: 'downEmitted' }],
    ['owlcms/test/A', '1700000000000', undefined],
    ['owlcms/toString/A', '1', undefined],
  ])('%s %j', (topic, payload, expected) => {
    expect(read(topic, payload)).toEqual(expected)
  })

  it('refuses words after start, and toggle, before 58.1', () => {
    expect([read('owlcms/clock/A', 'start {}', '54.2'), read('owlcms/clock/A', 'toggle', '58.0')]).toEqual([
      undefined,
      undefined,
    ])
  })

  it('takes anything but exactly good for a red light', () => {
    const words = fc
      .string()
      .filter((word) => word.replaceAll(/[\0- ]/g, '') !== 'good' && !word.includes(' '))
    fc.assert(
      fc.property(words, fc.constantFrom(1, 2, 3), (word, referee) => {
        const input = read(refbox, `${referee} ${word}`)
        return input?.kind === 'refereeDecision' && input.verdict === 'bad'
      }),
    )
  })

  it('never throws, whatever comes on its topics', () => {
    fc.assert(
      fc.property(fc.constantFrom(...subscribedTopics('A')), fc.uint8Array(), (topic, payload) => {
        readDeviceMessage(topic, payload, 'A', abilitiesOf('69.0.0'))
      }),
    )
  })

  it('subscribes the ten topics of docs/owlcms.md 2.2', () => {
    expect(subscribedTopics('Platform 1')).toEqual([
      'owlcms/refbox/decision/Platform 1',
      'owlcms/decision/Platform 1',
      'owlcms/refbox/downEmitted/Platform 1',
      'owlcms/clock/Platform 1',
      'owlcms/jurybox/break/Platform 1',
      'owlcms/jurybox/juryMember/decision/Platform 1',
      'owlcms/jurybox/decision/Platform 1',
      'owlcms/jurybox/summon/Platform 1',
      'owlcms/test/Platform 1',
      'owlcms/config',
    ])
  })
})
