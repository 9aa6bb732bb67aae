import { describe, expect, it } from 'vitest'
import { NameHider } from '../../src/protocol/journal/hide-names.ts'
import {
  foldRecord,
  payloadFields,
  recordPayload,
  shiftState,
  type MessageRecord,
} from '../../src/protocol/journal/record.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { RecordedHall } from './recorded-hall.ts'
import { topicOf } from '../../src/protocol/topic.ts'
import { publication } from '../support/fake-upstream.ts'

const A = 'A' as Platform

/** A hall of one platform, known by its config, with an empty page. */
function quietHall(options: ConstructorParameters<typeof RecordedHall>[0] = {}): RecordedHall {
  const hall = new RecordedHall({ platforms: ['A'], ...options })
  hall.started()
  return hall
}

describe('the journal', () => {
  it('gives the last messages of all platforms in the order in which they were said', () => {
    const hall = quietHall({ platforms: ['A', 'B'] })
    for (const [platform, payload] of ['A', 'B', 'A', 'B'].map((name, index) => [name, String(index)])) {
      hall.platforms.receive(publication(`owlcms/fop/unheardOf/${platform!}`, payload))
      hall.clock.advance(1)
    }
    expect(hall.journal.lastMessages(3).map(({ platform, payload }) => [platform, payload])).toEqual([
      ['B', '1'],
      ['A', '2'],
      ['B', '3'],
    ])
  })

  it('records what was said, by whom, with the fence before and after, and marks around it', () => {
    const hall = quietHall()
    const { fence } = hall.platforms.now(A)!.state
    const { n } = hall.journal.records('A')!.at(-1)!
    const say = (topic: string, payload: string): void => hall.platforms.receive(publication(topic, payload))
    const at = hall.clock.now()
    say('owlcms/fop/start/A', '{} 60000')
    hall.clients.set('owlcms/clock/A', 'tablet 1')
    say('owlcms/clock/A', 'stop')
    say('owlcms/decision/A', '1 good')
    hall.clock.advance(2.5)
    hall.link(false)
    hall.link(true)
    const later = at + 2.5
    const place = { platform: 'A', type: 'message' }
    expect(hall.journal.records('A')!.slice(-6)).toEqual([
      {
        ...place,
        n: n + 1,
        at,
        source: 'owlcms',
        topic: 'owlcms/fop/start/A',
        payload: '{} 60000',
        fenceBefore: fence,
        fence: fence + 1,
      },
      {
        ...place,
        n: n + 2,
        at,
        source: 'client',
        client: 'tablet 1',
        topic: 'owlcms/clock/A',
        payload: 'stop',
        fenceBefore: fence + 1,
        fence: fence + 1,
      },
      {
        ...place,
        n: n + 3,
        at,
        source: 'direct',
        topic: 'owlcms/decision/A',
        payload: '1 good',
        fenceBefore: fence + 1,
        fence: fence + 1,
      },
      { platform: 'A', n: n + 4, at: later, type: 'mark', mark: 'linkLost' },
      { platform: 'A', n: n + 5, at: later, type: 'mark', mark: 'linkBack' },
      {
        platform: 'A',
        n: n + 6,
        at: later,
        type: 'state',
        why: 'linkBack',
        state: hall.platforms.now(A)!.state,
      },
    ])
  })

  it.each([
    ['records', { journalEntries: 50 }, 51],
    ['bytes of a platform', { journalBytes: 20_000 }, 67],
    ['bytes of all platforms', { journalTotalBytes: 20_000 }, 67],
  ])('holds no more than its %s, and begins with the state before what is left', (_name, limits, most) => {
    const hall = quietHall({ limits })
    for (let n = 0; n < 500; n += 1) {
      hall.platforms.receive(publication('owlcms/fop/start/A', `{} ${n}`))
    }
    const records = hall.journal.records('A')!
    expect(records.length).toBeLessThanOrEqual(most)
    expect(records.length).toBeGreaterThan(most / 2)
    const [first, second] = records
    expect(first).toMatchObject({ type: 'state', why: 'kept', n: second!.n - 1 })
    const numbers = records.map(({ n }) => n)
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index))
  })

  it('a platform that owlcms does not have gets no journal, whatever devices say', () => {
    const hall = quietHall()
    hall.platforms.receive(publication('owlcms/clock/B', 'start'))
    expect(hall.journal.names).toEqual(['A'])
    expect(hall.journal.records('B')).toBeUndefined()
  })

  it('keeps bytes that are no text, to the byte', () => {
    for (const bytes of [[], [0xff, 0x00, 0xc3], [0xef, 0xbb, 0xbf, 0x41], [0xf0, 0x9f, 0x8f, 0x8b]]) {
      const payload = Uint8Array.from(bytes)
      const record = JSON.parse(JSON.stringify(payloadFields(payload))) as MessageRecord
      expect(recordPayload(record)).toEqual(payload)
    }
  })
})

describe('hidden names', () => {
  const start = 'owlcms/fop/start/A'
  it.each([
    [
      'the name only',
      start,
      '{"athleteName":"DOE, Jane","session":"W 1"} 60000',
      '{"athleteName":"athlete 1","session":"W 1"} 60000',
    ],
    [
      'with quotes and braces',
      start,
      '{ "athleteName" : "O\\"X} {1" ,"session":"a b"} 5',
      '{ "athleteName" : "athlete 1" ,"session":"a b"} 5',
    ],
    ['no name, no change', start, '{"session":"W1"} 60000', '{"session":"W1"} 60000'],
    ['nothing before the time', start, ' 60000', ' 60000'],
    [
      'a key in a roundabout way',
      start,
      '{"athlete\\u004eame":"DOE","session":"W1"} 1',
      '{"athleteName":"athlete 1","session":"W1"} 1',
    ],
    ['JSON that is cut', start, '{"athleteName":"DOE, Jan 60000', '{} 60000'],
    ['no time', start, '{"athleteName":"DOE"}', ''],
    [
      'in a device’s message',
      'owlcms/clock/A',
      'start {"athleteName":"DOE"}',
      'start {"athleteName":"athlete 1"}',
    ],
    [
      'in a message unknown to this bridge',
      'owlcms/fop/next/A',
      '[{"athleteName":"DOE"},{"athleteName":"ROE"}]',
      '[{"athleteName":"athlete 1"},{"athleteName":"athlete 2"}]',
    ],
    ['any other message', 'owlcms/fop/decision/A', '1 good', '1 good'],
  ])('%s', (_name, topic, payload, expected) => {
    const hidden = new NameHider().hide(topicOf(topic), new TextEncoder().encode(payload))
    expect(new TextDecoder().decode(hidden)).toBe(expected)
  })

  it('an athlete has the same words each time', () => {
    const hider = new NameHider()
    const words = ['DOE', 'RÖE', 'DOE', 'R\\u00d6E'].map((name) => {
      const payload = new TextEncoder().encode(`{"athleteName":"${name}"} 1`)
      return new TextDecoder().decode(hider.hide(topicOf(start), payload))
    })
    expect(words).toEqual([1, 2, 1, 2].map((number) => `{"athleteName":"athlete ${number}"} 1`))
  })
})

it.each([7_776_000_000, -3_600_000])(
  'what was recorded before the clock was set by %i ms is told with the right time, and replays to the states of then',
  (byMs) => {
    const hall = new RecordedHall({ platforms: ['A'] })
    hall.started()
    hall.clock.advance(5_000)
    const before = hall.journal.records('A')!
    hall.clock.setWallClock(byMs)
    const told = hall.journal.records('A')!
    expect(told.map(({ at }) => at)).toEqual(before.map(({ at }) => at + byMs))
    expect(hall.journal.header().at).toBe(hall.clock.wallTime())
    const replayed = told.reduce<PlatformState | undefined>(foldRecord, undefined)!
    expect(shiftState(replayed, -byMs)).toEqual(hall.live.get('A')!.at(-1)!.state)
  },
)

it('a sleep moves nothing that was recorded before', () => {
  const hall = new RecordedHall({ platforms: ['A'] })
  hall.started()
  hall.clock.advance(5_000)
  const before = hall.journal.records('A')
  hall.clock.sleep(3_600_000)
  expect(hall.journal.records('A')).toEqual(before)
})
