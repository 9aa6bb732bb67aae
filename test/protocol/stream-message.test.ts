import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandMessage, commandPublication } from '../../src/downstream/json-stream/command-publication.ts'
import { normaliseCommand, readTopic, type Platform } from '../../src/protocol/owlcms/topics.ts'
import { parseClientMessage, type StreamCommand } from '../../src/protocol/contract/stream-message.ts'
import {
  applyChanges,
  guardedChanges,
  openChanges,
  visibleState,
  type Sight,
  type StateChanges,
} from '../../src/protocol/field/visible-state.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { line } from '../support/fake-upstream.ts'
import { publishedSchemas } from '../support/stream-schemas.ts'

const { check } = publishedSchemas()

const start = { type: 'start', schema: 1 }
const press = { type: 'press', id: 'a', platform: 'A', command: { kind: 'clock', command: 'start' } }

describe('what a client says', () => {
  it.each([
    start,
    { ...start, token: 't', client: 'c', platforms: 'all' },
    { ...start, platforms: ['A', 'Ä b/c'], since: { epoch: 'e', audience: 'viewer', seq: { A: 7 } } },
    press,
    { ...press, fence: 0 },
    { type: 'ping' },
  ])('is understood as it is: %j', (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual({ ok: true, value: message })
    expect(check(message)).toBeUndefined()
  })

  it('may have keys we do not know', () => {
    expect(parseClientMessage(JSON.stringify({ ...start, colour: 'red' }))).toEqual({
      ok: true,
      value: start,
    })
  })

  it.each<[string, unknown, string, string?]>([
    ['no JSON', '{"token":"secret', 'this is not JSON'],
    ['no object', '"secret"', 'the message is not understood, expected Object'],
    [
      'another type',
      { type: 'secret' },
      'type is not understood, expected ("start" | "press" | "drillDone" | "ping")',
    ],
    ['no schema', { type: 'start' }, 'schema is not understood, expected "schema"'],
    ['a token that is no text', { ...start, token: 1 }, 'token is not understood, expected string'],
    [
      'a verdict in capitals',
      { ...press, command: { kind: 'juryDecision', value: 'GOOD' } },
      'command.value is not understood, expected ("good" | "bad")',
      'a',
    ],
    ['a fence below 0', { ...press, fence: -1 }, 'fence is not understood, expected >=0', 'a'],
    ['an id too long', { ...press, id: 'x'.repeat(65) }, 'id is not understood, expected <=64'],
  ])('is refused with %s, and the text repeats no value', (_, value, text, id) => {
    const fault = parseClientMessage(typeof value === 'string' ? value : JSON.stringify(value))
    expect(fault).toEqual({ ok: false, error: id === undefined ? { text } : { text, id } })
  })

  it('never makes the parser throw, and is accepted only if the published schema accepts it (property)', () => {
    const nearly = fc.record(
      {
        type: fc.constantFrom('start', 'press', 'ping', 'x'),
        schema: fc.oneof(fc.integer(), fc.double(), fc.string()),
        id: fc.oneof(fc.string(), fc.integer()),
        platform: fc.oneof(fc.string(), fc.constant(null)),
        platforms: fc.oneof(fc.array(fc.string()), fc.constant('all'), fc.anything()),
        fence: fc.oneof(fc.nat(), fc.double()),
        command: fc.oneof(
          fc.anything(),
          fc.record({
            kind: fc.constantFrom('clock', 'juryVote', 'refereeDecision', 'summonRequest', '__proto__'),
            command: fc.constantFrom('start', '60', 60),
            referee: fc.integer({ min: -1, max: 4 }),
            member: fc.integer({ min: 0, max: 6 }),
            who: fc.integer({ min: -1, max: 5 }),
            value: fc.constantFrom('good', 'bad', 'GOOD'),
          }),
        ),
        since: fc.oneof(
          fc.anything(),
          fc.record({ epoch: fc.string(), audience: fc.string(), seq: fc.object() }),
        ),
      },
      { requiredKeys: ['type'] },
    )
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      nearly.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseClientMessage(given)
        if (parsed.ok) expect(check(JSON.parse(given) as { type: string })).toBeUndefined()
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('a command', () => {
  it.each<[StreamCommand, string]>([
    [{ kind: 'refereeDecision', referee: 2, value: 'bad' }, 'owlcms/refbox/decision/A b 2 bad'],
    [{ kind: 'downEmitted' }, 'owlcms/refbox/downEmitted/A b '],
    [{ kind: 'clock', command: '120' }, 'owlcms/clock/A b 120'],
    [{ kind: 'juryBreak', command: 'challenge' }, 'owlcms/jurybox/break/A b challenge'],
    [{ kind: 'juryVote', member: 5, value: 'good' }, 'owlcms/jurybox/juryMember/decision/A b 5 good'],
    [{ kind: 'juryDecision', value: 'bad' }, 'owlcms/jurybox/decision/A b bad'],
    [{ kind: 'summonRequest', who: 0 }, 'owlcms/jurybox/summon/A b all'],
    [{ kind: 'summonRequest', who: 4 }, 'owlcms/jurybox/summon/A b controller'],
  ])('%j becomes the canonical message of docs/owlcms.md 2.2', (command, wanted) => {
    const made = commandPublication(commandMessage('A b' as Platform, command))
    expect(line(made)).toBe(wanted)
    expect(readTopic(made.topic)).toEqual({ kind: command.kind, platform: 'A b' })
    expect(normaliseCommand(command.kind, made.payload)).toEqual({ ok: true, value: made.payload })
    expect(check({ ...press, command } as { type: string })).toBeUndefined()
  })
})

const nothing: Sight = { decisions: new Set(), reminders: new Set(), summonses: new Set(), votes: new Set() }
const everything: Sight = {
  decisions: new Set([1, 2, 3]),
  reminders: new Set([1, 2, 3]),
  summonses: new Set([1, 2, 3, 4]),
  votes: new Set([1, 2, 3, 4, 5]),
}
const state: PlatformState = {
  platform: 'A' as Platform,
  fence: 7,
  phase: { kind: 'downSignal' },
  clock: { kind: 'stopped', remainingMs: 1, at: 2 },
  decisions: { 1: 'good', 3: 'good' },
  down: true,
  reminded: 2,
  summoned: [2, 4],
  jury: { size: 3, votes: { 1: 'good', 2: 'bad', 3: 'bad' }, revealed: true },
  attempt: { athleteName: 'DOE, Jane' },
  owlcms: { state: 'present', heardAt: 99 },
  tracking: { phaseAt: 5, announcesClock: true, raised: 3, edges: { downGiven: 6 } },
}

const since = { lift: 4, started: 4, stopped: 4, votes: 4, pause: 4 }

describe('a visible state', () => {
  it('of a viewer has no single decision, reminder, summons or vote, and no time of a secret press', () => {
    expect(visibleState(state, nothing)).toEqual({
      platform: 'A',
      fence: 7,
      since,
      phase: { kind: 'downSignal' },
      clock: { kind: 'stopped', remainingMs: 1, at: 2 },
      decisions: {},
      down: true,
      summoned: [],
      jury: { size: 3, votes: {}, revealed: false },
      attempt: { athleteName: 'DOE, Jane' },
      owlcms: { state: 'present' },
    })
  })

  it('of a device has everything but that time and the notes of the reducer', () => {
    const { tracking, ...told } = state
    expect(tracking).toBeDefined()
    expect(visibleState(state, everything)).toEqual({ ...told, since, owlcms: { state: 'present' } })
  })

  it('of a referee has its own decision only', () => {
    const sight = { ...nothing, decisions: new Set([3]) }
    expect(visibleState(state, sight).decisions).toEqual({ 3: 'good' })
  })

  it('shows the three lights to everybody while owlcms shows them, and not a moment longer', () => {
    const shown: PlatformState = { ...state, shown: 'good', phase: { kind: 'decisionShown' } }
    expect(visibleState(shown, nothing).decisions).toEqual({ 1: 'good', 3: 'good' })
    const next: PlatformState = { ...shown, phase: { kind: 'athleteCalled' } }
    expect(visibleState(next, nothing).decisions).toEqual({})
  })

  it("never shows a viewer the jury's votes, not even then", () => {
    expect(visibleState({ ...state, phase: { kind: 'decisionShown' } }, nothing).jury.votes).toEqual({})
  })
})

/** What this listener is told: what all are, and its own. */
function visibleChanges(before: PlatformState, after: PlatformState, sight: Sight): StateChanges | undefined {
  const changes = { ...openChanges(before, after), ...guardedChanges(before, after, sight) }
  return Object.keys(changes).length === 0 ? undefined : changes
}

describe('changes', () => {
  it('are undefined when the listener sees no difference', () => {
    const after = { ...state, reminded: 1 as const, decisions: { ...state.decisions, 2: 'bad' as const } }
    expect(visibleChanges(state, state, everything)).toBeUndefined()
    expect(visibleChanges(state, after, nothing)).toBeUndefined()
  })

  it('name what is new, and null what is gone', () => {
    const { platform, clock, phase, decisions, down, summoned, jury, owlcms } = state
    const rest = { platform, clock, phase, decisions, down, summoned, jury, owlcms }
    const after: PlatformState = { ...rest, fence: 8, shown: 'bad' }
    const changes = visibleChanges(state, after, everything)
    const anew = { lift: 8, started: 8, stopped: 8, votes: 8, pause: 8 }
    expect(changes).toEqual({ fence: 8, since: anew, shown: 'bad', reminded: null, attempt: null })
    expect(applyChanges(visibleState(state, everything), changes!)).toEqual(visibleState(after, everything))
  })

  it('show the lights when only the phase changed', () => {
    const after: PlatformState = { ...state, phase: { kind: 'decisionShown' } }
    expect(visibleChanges(state, after, nothing)).toEqual({
      phase: { kind: 'decisionShown' },
      decisions: { 1: 'good', 3: 'good' },
    })
  })
})
