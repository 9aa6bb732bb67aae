import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatMessage } from '../../src/protocol/owlcms/format.ts'
import type { OwlcmsMessage } from '../../src/protocol/owlcms/message.ts'
import { readTopic, type Verdict } from '../../src/protocol/owlcms/topics.ts'
import { parseMessage } from '../../src/protocol/owlcms/parse.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { initialPlatformState, reducePlatform } from '../../src/protocol/field/reduce.ts'
import { topicOf, parseTopic } from '../../src/protocol/topic.ts'
import { platformA } from './transcripts.ts'

/** What the real owlcms said (test/recordings/README.md), held against the parser and the state of a platform. */
const folder = new URL('../recordings/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl') && !name.includes('.states.'))

interface Line {
  readonly t: number
  readonly topic: string
  readonly payload: string
}

interface Said {
  readonly t: number
  readonly text: string
  readonly topic: string
  readonly message: OwlcmsMessage
}

function linesOf<T>(name: string): T[] {
  const text = readFileSync(new URL(name, folder), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

function said(name: string): Said[] {
  return linesOf<Line>(name).map(({ t, topic: name, payload }) => {
    return {
      t,
      text: payload,
      topic: name,
      message: parseMessage(topicOf(name), new TextEncoder().encode(payload)),
    }
  })
}

/** What the bridge knows before it hears anything: on a fresh link it asks owlcms for its version. */
function fresh(recording: readonly Said[]): PlatformState {
  const config = recording.find(({ message }) => message.kind === 'config')
  const start = initialPlatformState(platformA)
  return config === undefined ? start : reducePlatform(start, config.message, recording[0]?.t ?? 0)
}

it('there are recordings', () => {
  expect(names.length).toBeGreaterThanOrEqual(6)
})

describe.each(names)('%s', (name) => {
  const recording = said(name)
  const own = recording.filter(({ topic }) => {
    const parsed = parseTopic(topic)
    const place = parsed.ok ? readTopic(parsed.value) : { kind: 'unknown' }
    return place.kind === 'config' || place.kind === 'fop' || place.kind.startsWith('legacy')
  })

  it('is understood to its last message: owlcms says nothing that is unknown', () => {
    expect(own.length).toBeGreaterThan(50)
    expect(own.filter(({ message }) => message.kind === 'unknown')).toEqual([])
  })

  it('can be written again byte for byte', () => {
    const written = own.map(({ message }): readonly unknown[] => {
      const { topic, payload } = formatMessage(message)
      return [
        topic,
        message.kind === 'config'
          ? JSON.parse(new TextDecoder().decode(payload))
          : new TextDecoder().decode(payload),
      ]
    })
    expect(written).toEqual(
      own.map(({ topic, text, message }): readonly unknown[] => [
        topic,
        message.kind === 'config' ? JSON.parse(text) : text,
      ]),
    )
  })
})

/** owlcms's own state, as it wrote it down from inside. */
interface OwlcmsState {
  readonly t: number
  readonly fop: string
  readonly state: keyof typeof phases | 'BREAK' | null
  readonly breakType: string | null
  readonly ceremony: string | null
  readonly running: boolean
  readonly refs: readonly (boolean | null)[]
  readonly jury: readonly (boolean | null)[]
  /** Lot number, lifts done, weight. */
  readonly cur: readonly [number, number, number] | null
}

const phases = {
  INACTIVE: 'idle',
  CURRENT_ATHLETE_DISPLAYED: 'athleteCalled',
  TIME_RUNNING: 'clockRunning',
  TIME_STOPPED: 'clockStopped',
  DOWN_SIGNAL_VISIBLE: 'downSignal',
  DECISION_VISIBLE: 'decisionShown',
} as const

interface Moment {
  readonly owlcms: OwlcmsState
  readonly bridge: PlatformState
  /** The bridge has heard a message that tells the phase. */
  readonly joined: boolean
  /** What the lights showed last. */
  readonly lastShown: string
}

type Part = 'phase' | 'running' | 'referees' | 'jury' | 'athlete'

interface Difference {
  readonly name: string
  readonly why: string
  readonly part: Part
  readonly allows: (moment: Moment) => boolean
}

/** What owlcms knows and tells nobody. Anything else is a fault of the reducer. */
const allowed: readonly Difference[] = [
  {
    name: 'joined late',
    why: 'no message has told of the break yet that was on when the bridge came',
    part: 'phase',
    allows: ({ owlcms, bridge: { phase }, joined }) =>
      !joined &&
      owlcms.state === 'BREAK' &&
      (phase.kind === 'idle' || (phase.kind === 'ceremony' && phase.ceremony === owlcms.ceremony)),
  },
  {
    name: 'votes of before',
    why: 'votes that were cast before the bridge came are not told again',
    part: 'jury',
    allows: ({ bridge, joined }) => !joined && Object.keys(bridge.jury.votes).length === 0,
  },
  {
    name: 'lights of before',
    why: 'owlcms keeps the decisions of the lift before until the next clock start; nobody may take them for the next athlete',
    part: 'referees',
    allows: ({ owlcms, bridge, lastShown }) =>
      refereesOf(bridge) === '---' &&
      lightsOf(owlcms.refs) === lastShown &&
      bridge.phase.kind !== 'decisionShown',
  },
  {
    name: 'jury applied',
    why: 'a decision of the jury shows for 3.5 s without a message (docs/owlcms.md 2.1)',
    part: 'phase',
    allows: ({ owlcms, bridge: { phase } }) =>
      owlcms.state === 'DECISION_VISIBLE' &&
      phase.kind === 'break' &&
      (phase.breakType === 'JURY' || phase.breakType === 'CHALLENGE'),
  },
  {
    name: 'announcer alone',
    why: 'who decides alone is told as referee 2 only (docs/owlcms.md 4.5)',
    part: 'referees',
    allows: ({ owlcms, bridge }) =>
      bridge.phase.kind === 'decisionShown' &&
      /^-[+x]-$/.test(refereesOf(bridge)) &&
      lightsOf(owlcms.refs) === refereesOf(bridge).charAt(1).repeat(3),
  },
  {
    name: 'next athlete behind the lights',
    why: 'owlcms works out who is next while the lights still show the lift before; the bridge tells whose lights they are',
    part: 'athlete',
    allows: ({ bridge }) => bridge.phase.kind === 'decisionShown',
  },
  {
    name: 'stop untold',
    why: 'before 55.3 nobody tells that the clock was stopped',
    part: 'phase',
    allows: ({ owlcms, bridge }) =>
      isOld(bridge) && owlcms.state === 'TIME_STOPPED' && bridge.phase.kind === 'clockRunning',
  },
  {
    name: 'time untold',
    why: 'before 55.3 nobody tells the time; that it runs is in the phase',
    part: 'running',
    allows: ({ owlcms, bridge }) => isOld(bridge) && owlcms.running && bridge.clock.kind === 'unknown',
  },
]

const isOld = ({ tracking }: PlatformState): boolean => tracking?.announcesClock === false

const lightsOf = (lights: readonly (boolean | null)[]): string =>
  [0, 1, 2].map((at) => ({ null: '-', undefined: '-', true: '+', false: 'x' })[String(lights[at])]).join('')

const sign = (verdict: Verdict | 'hidden' | undefined): string =>
  verdict === undefined ? '-' : { good: '+', bad: 'x', hidden: '?' }[verdict]

const refereesOf = ({ decisions }: PlatformState): string =>
  ([1, 2, 3] as const).map((referee) => sign(decisions[referee])).join('')

function owlcmsPhase({ state, breakType, ceremony }: OwlcmsState): unknown {
  if (state !== 'BREAK') return { kind: phases[state ?? 'INACTIVE'] }
  return ceremony === null ? { kind: 'break', breakType } : { kind: 'ceremony', ceremony, breakType }
}

/** Milliseconds without a word from either: the reveal of votes waits for 200 ms, messages of one event for less. */
const settledMs = 300

class Comparison {
  readonly found: string[] = []
  readonly used = new Set<string>()
  moments = 0
  athletes = 0
  readonly #lots = new Map<string, number>()

  constructor(name: string) {
    const recording = said(`${name}.jsonl`)
    const end = recording.at(-1)?.t ?? 0
    const own = linesOf<OwlcmsState>(`${name}.states.jsonl`).filter(({ fop }) => fop === 'A')
    const before = own.findLast(({ t }) => t <= (recording[0]?.t ?? 0))
    let owlcms = before
    let bridge = fresh(recording)
    let joined = false
    let lastShown = '---'
    const all = [...recording, ...own.filter(({ t }) => t > (before?.t ?? 0) && t <= end)]
    all.sort((a, b) => a.t - b.t)
    for (const [index, item] of all.entries()) {
      if ('fop' in item) owlcms = item
      else {
        bridge = reducePlatform(bridge, item.message, item.t)
        joined ||= ['break', 'startLifting'].includes(item.message.kind)
      }
      if (owlcms?.state === 'DECISION_VISIBLE') lastShown = lightsOf(owlcms.refs)
      const next = all[index + 1]
      if (next !== undefined && next.t - item.t >= settledMs && owlcms !== undefined) {
        this.#compare({ owlcms, bridge, joined, lastShown })
      }
    }
  }

  #compare(moment: Moment): void {
    const { owlcms, bridge } = moment
    this.moments += 1
    const differs: Record<Part, boolean> = {
      phase: JSON.stringify(sorted(bridge.phase)) !== JSON.stringify(sorted(owlcmsPhase(owlcms))),
      running: (bridge.clock.kind === 'running') !== owlcms.running,
      referees: refereesOf(bridge) !== lightsOf(owlcms.refs),
      jury: !this.#sameVotes(moment),
      athlete: !this.#sameAthlete(moment),
    }
    for (const part of Object.keys(differs) as Part[]) {
      if (!differs[part]) continue
      const known = allowed.find((one) => one.part === part && one.allows(moment))
      if (known === undefined) this.found.push(`${part}: ${textOf(moment)}`)
      else this.used.add(known.name)
    }
  }

  /** A vote that is not revealed is known to be there, and no more. */
  #sameVotes({ owlcms, bridge: { jury } }: Moment): boolean {
    return ([1, 2, 3, 4, 5] as const).every((member) => {
      const vote = jury.votes[member]
      const own = owlcms.jury[member - 1] ?? null
      if (vote === undefined || own === null) return vote === undefined && own === null
      return vote === 'hidden' ? !jury.revealed : (vote === 'good') === own
    })
  }

  /** Names were replaced; each must stand for one lot number. Without `fop/start` the bridge names nobody. */
  #sameAthlete({ owlcms: { cur }, bridge: { attempt, phase } }: Moment): boolean {
    if (attempt?.athleteName === undefined) return true
    if (cur === null) return false
    const [lot, done] = cur
    if (phase.kind !== 'decisionShown') {
      this.athletes += 1
      if (!this.#lots.has(attempt.athleteName)) this.#lots.set(attempt.athleteName, lot)
    }
    return (
      this.#lots.get(attempt.athleteName) === lot &&
      attempt.attemptNumber === (done % 3) + 1 &&
      attempt.liftType === (done < 3 ? 'SNATCH' : 'CLEANJERK')
    )
  }
}

function textOf({ owlcms, bridge }: Moment): string {
  const { phase, clock, jury, attempt } = bridge
  return JSON.stringify({ bridge: { phase, clock, referees: refereesOf(bridge), jury, attempt }, owlcms })
}

function sorted(value: unknown): unknown {
  return Object.fromEntries(Object.entries(value as object).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

describe('the state of a platform beside the one that owlcms has', () => {
  const sessions = { 'session-61': new Comparison('session-61'), 'session-53': new Comparison('session-53') }

  it.each(Object.entries(sessions))(
    '%s: the same at each moment where both have settled',
    (name, { found, moments, athletes }) => {
      expect(found).toEqual([])
      expect(moments).toBeGreaterThan(80)
      if (name === 'session-61') expect(athletes).toBeGreaterThan(40)
    },
  )

  it('each difference that is allowed is one that happened', () => {
    const used = new Set(Object.values(sessions).flatMap((one) => [...one.used]))
    expect(allowed.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([])
  })
})

describe.each(['operator-61.jsonl', 'steps-61.jsonl'])('%s', (name) => {
  /** owlcms before 64 takes decisions in these states only (docs/owlcms.md 4.2), so its answer tells its state. */
  const takesDecisions = ['clockRunning', 'clockStopped', 'downSignal']
  const answerMs = 300

  it('the phase is one in which owlcms takes a decision exactly when owlcms took one', () => {
    const recording = said(name)
    let state = fresh(recording)
    let taken = 0
    let refused = 0
    const wrong: unknown[] = []
    for (const [index, { t, text, message }] of recording.entries()) {
      if (message.kind === 'refereeDecision') {
        const answered = recording
          .slice(index + 1)
          .some((later) => later.t - t < answerMs && later.message.kind === 'decision')
        if (answered) taken += 1
        else refused += 1
        if (takesDecisions.includes(state.phase.kind) !== answered)
          wrong.push({ t, text, phase: state.phase })
      }
      state = reducePlatform(state, message, t)
    }
    expect(wrong).toEqual([])
    expect([taken > 20, refused > 3]).toEqual([true, true])
  })
})
