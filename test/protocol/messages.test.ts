import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMessage } from '../../src/protocol/owlcms/format.ts'
import { bareKinds, type OwlcmsMessage } from '../../src/protocol/owlcms/message.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { parseMessage } from '../../src/protocol/owlcms/parse.ts'
import { topicOf, parseTopic } from '../../src/protocol/topic.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (payload: Uint8Array) => new TextDecoder().decode(payload)
const A = 'A' as Platform
const parse = (topic: string, payload: string) => parseMessage(topicOf(topic), bytes(payload))

const jane = { athleteName: 'DOE, Jane', attemptNumber: 1, liftType: 'SNATCH', session: 'W1' }
const janeJson = '{"athleteName":"DOE, Jane","attemptNumber":1,"liftType":"SNATCH","session":"W1"}'
const configOf = (platforms: string[]) => ({
  kind: 'config' as const,
  config: { jurySize: 3, platforms: platforms as Platform[], version: '53.0.2' },
})

/** Every example of docs/owlcms.md 2.1 to 2.3, 4.8 and 4.9, as it stands there. */
const examples: [topic: string, payload: string, message: OwlcmsMessage][] = [
  ['owlcms/fop/startup/A', 'on', { kind: 'startup', platform: A, on: true, legacy: false }],
  ['owlcms/fop/startup/A', 'off', { kind: 'startup', platform: A, on: false, legacy: false }],
  ['owlcms/led/A', 'on', { kind: 'startup', platform: A, on: true, legacy: true }],
  ['owlcms/led/A', 'off', { kind: 'startup', platform: A, on: false, legacy: true }],
  [
    'owlcms/fop/config',
    '{"jurySize":3,"platforms":["A","Platform 2"],"version":"53.0.2"}',
    configOf(['A', 'Platform 2']),
  ],
  ['owlcms/fop/config', '{"jurySize":3,"platforms":["A","B"],"version":"53.0.2"}', configOf(['A', 'B'])],
  [
    'owlcms/fop/start/A',
    `${janeJson} 60000`,
    { kind: 'clockStarted', platform: A, remainingMs: 60_000, attempt: jane },
  ],
  ['owlcms/fop/stop/A', '47983', { kind: 'clockStopped', platform: A, remainingMs: 47_983 }],
  ['owlcms/fop/stop/A', '-1002', { kind: 'clockStopped', platform: A, remainingMs: -1002 }],
  ['owlcms/fop/stop/A', '48000', { kind: 'clockStopped', platform: A, remainingMs: 48_000 }],
  [
    'owlcms/fop/timeRemaining/Platform 1',
    '30',
    { kind: 'timeRemaining', platform: 'Platform 1' as Platform, seconds: 30 },
  ],
  ['owlcms/fop/timeRemaining/A', '90', { kind: 'timeRemaining', platform: A, seconds: 90 }],
  ['owlcms/fop/timeRemaining/A', '0', { kind: 'timeRemaining', platform: A, seconds: 0 }],
  ['owlcms/fop/decision/A', '2 bad', { kind: 'decision', platform: A, referee: 2, value: 'bad' }],
  ['owlcms/fop/decision/A', '1 good', { kind: 'decision', platform: A, referee: 1, value: 'good' }],
  ['owlcms/fop/decision/A', '3 hidden', { kind: 'decision', platform: A, referee: 3, value: 'hidden' }],
  ['owlcms/fop/down/A', '', { kind: 'down', platform: A }],
  [
    'owlcms/fop/decisionRequest/A',
    '3',
    { kind: 'decisionRequest', platform: A, referee: 3, on: true, legacy: false },
  ],
  [
    'owlcms/decisionRequest/A/3',
    'on',
    { kind: 'decisionRequest', platform: A, referee: 3, on: true, legacy: true },
  ],
  [
    'owlcms/decisionRequest/A/3',
    'off',
    { kind: 'decisionRequest', platform: A, referee: 3, on: false, legacy: true },
  ],
  [
    'owlcms/fop/athleteClock/A',
    'set 120000',
    { kind: 'athleteClock', platform: A, change: 'set', remainingMs: 120_000 },
  ],
  [
    'owlcms/fop/athleteClock/A',
    'stop -1',
    { kind: 'athleteClock', platform: A, change: 'stop', remainingMs: -1 },
  ],
  [
    'owlcms/fop/breakClock/A',
    'start 600000',
    { kind: 'breakClock', platform: A, change: 'start', remainingMs: 600_000 },
  ],
  ['owlcms/fop/breakClock/A', 'set -1', { kind: 'breakClock', platform: A, change: 'set' }],
  ['owlcms/fop/refereesDecision/A', 'good', { kind: 'refereesDecision', platform: A, value: 'good' }],
  ['owlcms/fop/resetDecisions/A', 'reset', { kind: 'resetDecisions', platform: A }],
  ['owlcms/fop/summon/A', '2', { kind: 'summon', platform: A, official: 2, on: true, legacy: false }],
  ['owlcms/fop/summon/A', '4', { kind: 'summon', platform: A, official: 4, on: true, legacy: false }],
  ['owlcms/summon/A/2', 'on', { kind: 'summon', platform: A, official: 2, on: true, legacy: true }],
  [
    'owlcms/fop/juryMemberDecision/A',
    '2 hidden',
    { kind: 'juryMemberDecision', platform: A, member: 2, value: 'hidden' },
  ],
  [
    'owlcms/fop/juryMemberDecision/A',
    '3 bad',
    { kind: 'juryMemberDecision', platform: A, member: 3, value: 'bad' },
  ],
  ['owlcms/fop/juryDeliberation/A', '', { kind: 'juryDeliberation', platform: A }],
  ['owlcms/fop/challenge/A', '', { kind: 'challenge', platform: A }],
  ['owlcms/fop/break/A', 'FIRST_CJ', { kind: 'break', platform: A, breakType: 'FIRST_CJ' }],
  [
    'owlcms/fop/ceremony/A',
    'INTRODUCTION start',
    { kind: 'ceremony', platform: A, ceremony: 'INTRODUCTION', on: true },
  ],
  ['owlcms/fop/startLifting/A', '', { kind: 'startLifting', platform: A }],
  ['owlcms/fop/liftingOrderUpdated/A', '', { kind: 'liftingOrderUpdated', platform: A }],
  [
    'owlcms/refbox/decision/A',
    '1 good',
    { kind: 'refereeDecision', platform: A, referee: 1, value: 'good', legacy: false },
  ],
  [
    'owlcms/decision/A',
    '2 good',
    { kind: 'refereeDecision', platform: A, referee: 2, value: 'good', legacy: true },
  ],
  ['owlcms/refbox/downEmitted/A', '', { kind: 'downEmitted', platform: A }],
  ['owlcms/clock/A', 'start', { kind: 'clock', platform: A, command: 'start' }],
  ['owlcms/clock/A', 'stop', { kind: 'clock', platform: A, command: 'stop' }],
  ['owlcms/clock/A', '60', { kind: 'clock', platform: A, command: '60' }],
  ['owlcms/clock/A', '120', { kind: 'clock', platform: A, command: '120' }],
  ['owlcms/clock/A', 'toggle', { kind: 'clock', platform: A, command: 'toggle' }],
  ['owlcms/jurybox/break/A', 'challenge', { kind: 'juryBreak', platform: A, command: 'challenge' }],
  ['owlcms/jurybox/break/A', 'stop', { kind: 'juryBreak', platform: A, command: 'stop' }],
  [
    'owlcms/jurybox/juryMember/decision/A',
    '2 good',
    { kind: 'juryVote', platform: A, member: 2, value: 'good' },
  ],
  ['owlcms/jurybox/decision/A', 'good', { kind: 'juryDecision', platform: A, value: 'good' }],
  ['owlcms/jurybox/summon/A', 'all', { kind: 'summonRequest', platform: A, who: 0 }],
  ['owlcms/jurybox/summon/A', '2', { kind: 'summonRequest', platform: A, who: 2 }],
  ['owlcms/jurybox/summon/A', 'controller', { kind: 'summonRequest', platform: A, who: 4 }],
  ['owlcms/test/A', '1700000000000', { kind: 'test', platform: A, sentAt: 1_700_000_000_000 }],
  ['owlcms/config', '', { kind: 'configRequest' }],
]

describe('every example of docs/owlcms.md', () => {
  it.each(examples)(
    '%s "%s" is read as what it means, and written again as it was',
    (topic, payload, message) => {
      expect(parse(topic, payload)).toEqual(message)
      const written = formatMessage(message)
      expect([written.topic, text(written.payload)]).toEqual([topic, payload])
    },
  )
})

describe('what else is understood (docs/owlcms.md 1.8, 2.2, 2.3)', () => {
  it.each<[string, string, OwlcmsMessage]>([
    ['owlcms/config', ' ', { kind: 'configRequest' }],
    ['owlcms/config', 'requesting configuration', { kind: 'configRequest' }],
    ['owlcms/fop/down/A', 'on', { kind: 'down', platform: A }],
    ['owlcms/clock/A', 'START', { kind: 'clock', platform: A, command: 'start' }],
    ['owlcms/clock/A', `start ${janeJson}`, { kind: 'clock', platform: A, command: 'start' }],
    ['owlcms/jurybox/break/A', 'Technical', { kind: 'juryBreak', platform: A, command: 'technical' }],
    ['owlcms/jurybox/summon/A', '0', { kind: 'summonRequest', platform: A, who: 0 }],
    ['owlcms/jurybox/summon/A', '4', { kind: 'summonRequest', platform: A, who: 4 }],
    [
      'owlcms/refbox/decision/A',
      '0 bad',
      { kind: 'refereeDecision', platform: A, referee: 0, value: 'bad', legacy: false },
    ],
    [
      'owlcms/fop/config',
      '{"platforms":["A"],"version":"42.0","later":true}',
      { kind: 'config', config: { platforms: [A], version: '42.0' } },
    ],
    ['owlcms/fop/start/A', ' 60000', { kind: 'clockStarted', platform: A, remainingMs: 60_000, attempt: {} }],
    ['owlcms/fop/stop/A', ' -0\n', { kind: 'clockStopped', platform: A, remainingMs: 0 }],
    [
      'owlcms/fop/start/A',
      `${janeJson} 59000\n`,
      { kind: 'clockStarted', platform: A, remainingMs: 59_000, attempt: jane },
    ],
    [
      'owlcms/fop/start/A',
      '{} 120000',
      { kind: 'clockStarted', platform: A, remainingMs: 120_000, attempt: {} },
    ],
  ])('%s "%s"', (topic, payload, message) => {
    expect(parse(topic, payload)).toEqual(message)
  })

  it.each([
    'O’NEIL, {Mary} "Bo"',
    'VON DER HEIDE, Anna Maria',
    'ÅSTRÖM, Zoë',
    'خالد, محمد',
    '王, 小明',
    '} 5',
    'a\\"b',
  ])('fop/start is split at the last space: %s', (athleteName) => {
    const json = JSON.stringify({ ...jane, athleteName })
    expect(parse('owlcms/fop/start/A', `${json} -250`)).toEqual({
      kind: 'clockStarted',
      platform: A,
      remainingMs: -250,
      attempt: { ...jane, athleteName },
    })
  })

  it.each(['Platform 1', ' A ', 'a/b', 'Zoë', 'Zoe\u0308', 'منصة', '平台 2', 'config', '2', 'A/3'])(
    'the platform’s name stays letter for letter: %s',
    (name) => {
      const platform = name as Platform
      for (const message of [
        { kind: 'down', platform },
        { kind: 'decisionRequest', platform, referee: 2, on: false, legacy: true },
        { kind: 'juryVote', platform, member: 1, value: 'bad' },
        { kind: 'refereeDecision', platform, referee: 1, value: 'good', legacy: true },
      ] satisfies OwlcmsMessage[]) {
        const written = formatMessage(message)
        expect(parseMessage(written.topic, written.payload)).toEqual(message)
      }
    },
  )

  it.each([
    ['owlcms/fop/decision/A', '4 good'],
    ['owlcms/fop/decision/A', '1 GOOD'],
    ['owlcms/fop/start/A', '60000x'],
    ['owlcms/fop/stop/A', ''],
    ['owlcms/fop/config', '{"platforms":"A"}'],
    ['owlcms/fop/config', '{'],
    ['owlcms/fop/playwright/currentAthlete/A', '{"x":1}'],
    ['owlcms/fop/playwright/done', ''],
    ['owlcms/fop/somethingNew/A', 'x'],
    ['owlcms/refbox/decision/A', '1'],
    ['owlcms/refbox/decision/A', '7 good'],
    ['owlcms/clock/A', 'countdown 30'],
    ['owlcms/jurybox/summon/A', '7'],
    ['owlcms/jurybox/challenge', ''],
    ['owlcms/bridge/hall/state', '{}'],
    ['owlcms/fop/break/A', 'first cj'],
    ['owlcms/test/A', 'now'],
    ['elsewhere/A', 'x'],
  ])('%s "%s" is unknown and keeps its bytes', (topic, payload) => {
    const given = bytes(payload)
    const message = parseMessage(topicOf(topic), given)
    expect(message).toEqual({ kind: 'unknown', topic, payload: given })
    expect(formatMessage(message)).toEqual({ topic, payload: given })
  })
})

const platforms = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 24 })
  .filter((name) => parseTopic(`owlcms/clock/${name}`).ok)
  // A name that ends like the tail of another topic can't be told from it, for owlcms neither.
  .map((name) => name as Platform)
const verdict = fc.constantFrom('good' as const, 'bad' as const)
const maybeHidden = fc.constantFrom('good' as const, 'bad' as const, 'hidden' as const)
const number = <N extends number>(...numbers: N[]) => fc.constantFrom(...numbers)
const millis = fc.integer({ min: -2_000, max: 10_000_000 })
const word = fc.stringMatching(/^[A-Z_]{1,20}$/)
const kind = <K extends string>(name: K) => fc.constant(name)
const attempt = fc.record(
  {
    athleteName: fc.string({ unit: 'grapheme' }),
    attemptNumber: fc.integer(),
    liftType: fc.string(),
    session: fc.string({ unit: 'grapheme' }),
  },
  { requiredKeys: [] },
)

const anyMessage: fc.Arbitrary<OwlcmsMessage> = fc.oneof(
  fc.record({ kind: kind('startup'), platform: platforms, on: fc.boolean(), legacy: fc.boolean() }),
  fc.record({
    kind: kind('config'),
    config: fc.record(
      { version: fc.string(), platforms: fc.array(platforms), jurySize: fc.integer({ min: 1, max: 9 }) },
      { requiredKeys: ['version', 'platforms'] },
    ),
  }),
  fc.record({ kind: kind('clockStarted'), platform: platforms, remainingMs: millis, attempt }),
  fc.record({ kind: kind('clockStopped'), platform: platforms, remainingMs: millis }),
  fc.record({ kind: kind('timeRemaining'), platform: platforms, seconds: number(90, 30, 0) }),
  fc.record({ kind: kind('decision'), platform: platforms, referee: number(1, 2, 3), value: maybeHidden }),
  fc
    .record({
      kind: kind('decisionRequest'),
      platform: platforms,
      referee: number(1, 2, 3),
      on: fc.boolean(),
    })
    .map((message) => ({ ...message, legacy: !message.on })),
  fc.record({ kind: kind('refereesDecision'), platform: platforms, value: verdict }),
  fc
    .record({ kind: kind('summon'), platform: platforms, official: number(1, 2, 3, 4), on: fc.boolean() })
    .map((message) => ({ ...message, legacy: !message.on })),
  fc.record({
    kind: kind('juryMemberDecision'),
    platform: platforms,
    member: number(1, 2, 3, 4, 5),
    value: maybeHidden,
  }),
  fc.record({ kind: kind('break'), platform: platforms, breakType: word }),
  fc.record({ kind: kind('ceremony'), platform: platforms, ceremony: word, on: fc.boolean() }),
  fc.record({ kind: fc.constantFrom(...bareKinds), platform: platforms }),
  fc.record({
    kind: kind('refereeDecision'),
    platform: platforms,
    referee: number(0, 1, 2, 3),
    value: verdict,
    legacy: fc.boolean(),
  }),
  fc.record({ kind: kind('downEmitted'), platform: platforms }),
  fc.record({
    kind: kind('clock'),
    platform: platforms,
    command: fc.constantFrom('start', 'stop', '60', '120', 'toggle'),
  }),
  fc.record({
    kind: kind('juryBreak'),
    platform: platforms,
    command: fc.constantFrom('technical', 'deliberation', 'challenge', 'stop'),
  }),
  fc.record({ kind: kind('juryVote'), platform: platforms, member: number(1, 2, 3, 4, 5), value: verdict }),
  fc.record({ kind: kind('juryDecision'), platform: platforms, value: verdict }),
  fc.record({ kind: kind('summonRequest'), platform: platforms, who: number(0, 1, 2, 3, 4) }),
  fc.constant({ kind: 'configRequest' } as const),
  fc.record({ kind: kind('test'), platform: platforms, sentAt: fc.nat() }),
)

const anyTopic = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc
      .tuple(
        fc.constantFrom(...examples.map(([topic]) => topic.replace(/A(\/\d)?$/, ''))),
        fc.string({ unit: 'grapheme' }),
      )
      .map((parts) => parts.join('')),
  )
  .filter((name) => parseTopic(name).ok)
  .map(topicOf)

const anyPayload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: 'binary' }).map(bytes),
  fc.constantFrom(...examples.map(([, payload]) => bytes(payload))),
)

describe('for all messages', () => {
  it('what is written is read again as it was', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const { topic, payload } = formatMessage(message)
        expect(parseMessage(topic, payload)).toEqual(message)
      }),
      { numRuns: 3000 },
    )
  })

  it('any bytes on any topic are read without a throw, and mean the same when written anew', () => {
    fc.assert(
      fc.property(anyTopic, anyPayload, (topic, payload) => {
        const message = parseMessage(topic, payload)
        if (message.kind === 'unknown') expect(message).toEqual({ kind: 'unknown', topic, payload })
        const written = formatMessage(message)
        expect(parseMessage(written.topic, written.payload)).toEqual(message)
      }),
      { numRuns: 1500 },
    )
  })

  it('a platform that makes no topic can’t be written', () => {
    expect(() => formatMessage({ kind: 'down', platform: 'a+b' as Platform })).toThrow('no topic')
  })
})
