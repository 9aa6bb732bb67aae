import { topicOf } from '../../src/protocol/topic.ts'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { whyStale, type PressKind } from '../../src/protocol/field/fence.ts'
import type { OwlcmsMessage } from '../../src/protocol/owlcms/message.ts'
import { parseMessage } from '../../src/protocol/owlcms/parse.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { initialPlatformState, reducePlatform } from '../../src/protocol/field/reduce.ts'
import { randomFrom } from '../support/random.ts'
import { swapMessages } from './random-hall.ts'
import { platformA } from './transcripts.ts'

/** Messages of one event come within it in the recordings, and those of two further apart. */
const oneEventMs = 60

interface Said {
  readonly at: number
  readonly topic: string
  readonly payload: string
  readonly message: OwlcmsMessage
}

/** What owlcms said about platform A, without what devices sent. */
function read(file: string): Said[] {
  const text = readFileSync(new URL(`../recordings/${file}`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { t: number; topic: string; payload: string })
    .filter(({ topic }) => /^owlcms\/(fop|led|decisionRequest|summon)\//.test(topic))
    .map(({ t, topic, payload }) => {
      return {
        at: t,
        topic,
        payload,
        message: parseMessage(topicOf(topic), new TextEncoder().encode(payload)),
      }
    })
}

function eventsOf(said: readonly Said[]): Said[][] {
  const events: Said[][] = []
  for (const one of said) {
    const last = events.at(-1)
    if (last !== undefined && one.at - (last.at(-1)?.at ?? 0) < oneEventMs) last.push(one)
    else events.push([one])
  }
  return events
}

/** The state after each event; each message of one comes at the time of its place. */
function play(events: readonly (readonly Said[])[]): PlatformState[] {
  let state = initialPlatformState(platformA)
  return events.map((event) => {
    const times = event.map(({ at }) => at).sort((a, b) => a - b)
    event.forEach(({ message }, index) => {
      state = reducePlatform(state, message, times[index] ?? 0)
    })
    return state
  })
}

/** Index of the event, and whose clock starts in it: his name, or, before 55.3, nobody's. */
interface Start {
  readonly index: number
  readonly name: string
}

function startsOf(events: readonly (readonly Said[])[], isNamed: boolean): Start[] {
  return events.flatMap((event, index) => {
    const named = event.find(({ message }) => message.kind === 'clockStarted')?.message
    if (named?.kind === 'clockStarted') return [{ index, name: JSON.stringify(named.attempt) }]
    // A session that is loaded resets the decisions, too.
    const isReset = !isNamed && event.some(({ message }) => message.kind === 'resetDecisions')
    return isReset ? [{ index, name: String(index) }] : []
  })
}

const kinds = [
  'refereeDecision',
  'announcerDecision',
  'downEmitted',
  'clockStart',
  'clockToggle',
  'clockStop',
] as const

/** Presses for one attempt that the fence lets through for another one: none. */
function astray(events: readonly (readonly Said[])[], starts: readonly Start[]): string[] {
  const states = play(events)
  return starts.flatMap(({ index, name }, number) => {
    const before = starts[number - 1]
    if (before === undefined || before.name === name) return []
    const now = states[index]
    const seen = states[before.index]
    if (now === undefined || seen === undefined) throw new Error('each event has a state')
    return kinds
      .filter((kind: PressKind) => whyStale(kind, seen.fence, now) === undefined)
      .map((kind) => `${kind} made for ${before.name} passes at ${name}`)
  })
}

const files = [
  ['session-53.jsonl', false],
  ['session-61.jsonl', true],
  ['operator-61.jsonl', true],
  ['own-simulation-61.jsonl', true],
  ['clock-start-53.jsonl', false],
  ['steps-61.jsonl', true],
] as const

describe.each(files)('%s: the fence rises at each change of the attempt', (file, isNamed) => {
  const events = eventsOf(read(file))
  const starts = startsOf(events, isNamed)

  it('as it came', () => {
    expect(starts.length).toBeGreaterThan(8)
    expect(astray(events, starts)).toEqual([])
  })

  it('with any two neighbours of one event swapped', () => {
    let swapped = 0
    for (const [index, event] of events.entries()) {
      for (let place = 1; place < event.length; place += 1) {
        const [left, right] = [event[place - 1], event[place]]
        if (left === undefined || right === undefined) continue
        const other = [...event.slice(0, place - 1), right, left, ...event.slice(place + 1)]
        swapped += 1
        expect({ at: event[0]?.at, astray: astray(events.with(index, other), starts) }).toEqual({
          at: event[0]?.at,
          astray: [],
        })
      }
    }
    expect(swapped).toBeGreaterThan(20)
  })

  it('with all events in any order of their messages', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = randomFrom(seed)
      const mixed = events.map((event) =>
        swapMessages(
          event.map((one) => [one.topic, one.payload, one] as const),
          random,
        ).map(({ message }) => message[2]),
      )
      expect({ seed, astray: astray(mixed, starts) }).toEqual({ seed, astray: [] })
    }
  })
})
