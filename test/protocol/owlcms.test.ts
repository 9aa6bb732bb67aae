import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  commandKinds,
  isCommand,
  isMomentary,
  isReservedForOwlcms,
  normaliseCommand,
  parseOwlcmsConfig,
  readTopic,
  type CommandKind,
} from '../../src/protocol/owlcms/topics.ts'
import { topicOf, parseTopic } from '../../src/protocol/topic.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('readTopic (docs/owlcms.md 2)', () => {
  it.each([
    ['owlcms/refbox/decision/A', { kind: 'refereeDecision', platform: 'A' }],
    ['owlcms/decision/A', { kind: 'refereeDecision', platform: 'A' }],
    ['owlcms/refbox/downEmitted/A', { kind: 'downEmitted', platform: 'A' }],
    ['owlcms/clock/Platform 1', { kind: 'clock', platform: 'Platform 1' }],
    ['owlcms/jurybox/break/A', { kind: 'juryBreak', platform: 'A' }],
    ['owlcms/jurybox/juryMember/decision/A', { kind: 'juryVote', platform: 'A' }],
    ['owlcms/jurybox/decision/A', { kind: 'juryDecision', platform: 'A' }],
    ['owlcms/jurybox/summon/A', { kind: 'summonRequest', platform: 'A' }],
    ['owlcms/test/A', { kind: 'test', platform: 'A' }],
    ['owlcms/config', { kind: 'configRequest' }],
    ['owlcms/fop/config', { kind: 'config' }],
    ['owlcms/fop/config/x', { kind: 'fop', message: 'config', platform: 'x' }],
    ['owlcms/fop/startup/A', { kind: 'fop', message: 'startup', platform: 'A' }],
    [
      'owlcms/fop/playwright/currentAthlete/A',
      { kind: 'fop', message: 'playwright', platform: 'currentAthlete/A' },
    ],
    ['owlcms/fop/down/a/b', { kind: 'fop', message: 'down', platform: 'a/b' }],
    ['owlcms/led/A', { kind: 'legacyLed', platform: 'A' }],
    ['owlcms/summon/A/4', { kind: 'legacySummon', platform: 'A', official: 4 }],
    ['owlcms/decisionRequest/A/3', { kind: 'legacyDecisionRequest', platform: 'A', official: 3 }],
    ['owlcms/bridge/hall/state', { kind: 'bridge' }],
    ['owlcms/jurybox/challenge', { kind: 'unknown' }],
    ['owlcms/refbox/decision/', { kind: 'unknown' }],
    ['owlcms/new/thing/A', { kind: 'unknown' }],
    ['owlcms/fop', { kind: 'unknown' }],
  ])('%s', (text, expected) => {
    expect(readTopic(topicOf(text))).toEqual(expected)
  })

  it('keeps the name of the platform letter for letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (name) => {
        fc.pre(parseTopic(`owlcms/clock/${name}`).ok)
        expect(readTopic(topicOf(`owlcms/clock/${name}`))).toEqual({ kind: 'clock', platform: name })
      }),
    )
  })
})

describe('normaliseCommand (docs/owlcms.md 1.4, 5.3)', () => {
  it.each<[CommandKind, string, string]>([
    ['refereeDecision', '1 good', '1 good'],
    ['refereeDecision', ' 2 BAD\n', '2 bad'],
    ['refereeDecision', '3  Good', '3 good'],
    ['refereeDecision', '0 good', '0 good'],
    ['juryVote', '5 bad', '5 bad'],
    ['juryDecision', ' Good ', 'good'],
    ['summonRequest', 'ALL', 'all'],
    ['summonRequest', 'controller', 'controller'],
    ['summonRequest', '4', '4'],
    ['summonRequest', 'doctor', 'doctor'],
    ['clock', 'START', 'start'],
    ['clock', 'start {"athleteName":"DOE, Jane"}', 'start'],
    ['clock', '60', '60'],
    ['clock', 'countdown 30', 'countdown 30'],
    ['juryBreak', 'Challenge', 'challenge'],
    ['juryBreak', 'somethingNew', 'somethingNew'],
    ['downEmitted', 'whatever', 'whatever'],
  ])('%s: %j goes up as %j', (kind, given, sent) => {
    const result = normaliseCommand(kind, bytes(given))
    expect(result.ok && new TextDecoder().decode(result.value)).toBe(sent)
  })

  it.each<[CommandKind, string, string]>([
    ['refereeDecision', '1', 'badVerdict'],
    ['refereeDecision', '1 ok', 'badVerdict'],
    ['refereeDecision', '1 goo', 'badVerdict'],
    ['refereeDecision', 'good', 'badVerdict'],
    ['refereeDecision', '', 'badVerdict'],
    ['refereeDecision', '1 x good', 'badVerdict'],
    ['refereeDecision', '4 good', 'badNumber'],
    ['refereeDecision', '-1 good', 'badNumber'],
    ['refereeDecision', '1 hidden', 'badVerdict'],
    ['juryVote', '0 good', 'badNumber'],
    ['juryVote', '6 good', 'badNumber'],
    ['juryDecision', 'yes', 'badVerdict'],
    ['juryDecision', '', 'badVerdict'],
    ['summonRequest', '7', 'badSummon'],
    ['summonRequest', '-2', 'badSummon'],
  ])('%s: %j is refused, since owlcms would read a red light or call a break', (kind, given, fault) => {
    expect(normaliseCommand(kind, bytes(given))).toEqual({ ok: false, error: fault })
  })

  it('never throws, never sends a verdict that is not exactly good or bad, and is done after one pass', () => {
    const words = fc.constantFrom('1', '2', '0', '9', 'good', 'bad', 'GOOD', ' ', '\t', 'x', '\0', 'é')
    const payloads = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(words, { maxLength: 5 }).map((parts) => bytes(parts.join(' '))),
    )
    fc.assert(
      fc.property(fc.constantFrom(...commandKinds), payloads, (kind, payload) => {
        const result = normaliseCommand(kind, payload)
        if (!result.ok) return
        const text = new TextDecoder().decode(result.value)
        if (kind === 'refereeDecision') expect(text).toMatch(/^[0-3] (good|bad)$/)
        if (kind === 'juryVote') expect(text).toMatch(/^[1-5] (good|bad)$/)
        if (kind === 'juryDecision') expect(text).toMatch(/^(good|bad)$/)
        expect(normaliseCommand(kind, result.value)).toEqual(result)
      }),
    )
  })
})

describe('parseOwlcmsConfig (docs/owlcms.md 2.3)', () => {
  it.each([
    [
      '{"jurySize":3,"platforms":["A","Platform 2"],"version":"53.0.2"}',
      { jurySize: 3, platforms: ['A', 'Platform 2'], version: '53.0.2' },
    ],
    ['{"platforms":[],"version":"42.0","new":{"x":1}}', { platforms: [], version: '42.0' }],
    ['{"platforms":["A"]}', { platforms: ['A'], version: 'unknown' }],
    ['{"platforms":"A"}', undefined],
    ['{"platforms":[1]}', undefined],
    ['null', undefined],
    ['{', undefined],
    ['', undefined],
  ])('%s', (text, expected) => {
    expect(parseOwlcmsConfig(bytes(text))).toEqual(expected)
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (payload) => void parseOwlcmsConfig(payload)))
  })
})

describe('who may speak where', () => {
  it.each([
    ['owlcms/fop/down/A', true],
    ['owlcms/fop', true],
    ['owlcms/fop/config', true],
    ['owlcms/bridge/hall/state', true],
    ['owlcms/bridge', true],
    ['owlcms/led/A', true],
    ['owlcms/led', true],
    ['owlcms/summon/A/2', true],
    ['owlcms/decisionRequest/A/1', true],
    ['owlcms/decision/A', false],
    ['owlcms/decisionRequests/A', false],
    ['owlcms/jurybox/summon/A', false],
    ['owlcms/fopx/A', false],
    ['owlcms/refbox/decision/A', false],
    ['owlcms/config', false],
  ])('%s reserved for owlcms and bridges: %s', (text, expected) => {
    expect(isReservedForOwlcms(topicOf(text))).toBe(expected)
  })

  it.each([
    ['owlcms/clock/A', true, true],
    ['owlcms/jurybox/summon/A', true, true],
    ['owlcms/config', false, true],
    ['owlcms/fop/down/A', false, true],
    ['owlcms/fop/refereesDecision/A', false, true],
    ['owlcms/fop/resetDecisions/A', false, false],
    ['owlcms/fop/config', false, false],
    ['owlcms/fop/somethingNew/A', false, false],
    ['owlcms/summon/A/1', false, true],
  ])('%s: command %s, only true at its moment %s', (text, command, momentary) => {
    expect([isCommand(readTopic(topicOf(text))), isMomentary(readTopic(topicOf(text)))]).toEqual([
      command,
      momentary,
    ])
  })
})
