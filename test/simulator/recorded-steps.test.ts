import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FieldOfPlay } from '../../src/simulator/field-of-play.ts'
import type { Lift } from '../../src/simulator/lifting-order.ts'
import { readDeviceMessage } from '../../src/simulator/owlcms-input.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FixedOrder } from './transcript.ts'

/**
 * The simulated owlcms against the real one: the devices' messages of test/recordings/steps-61.jsonl at their times,
 * and between them what its operator did, which the recording tells only by its effect. Whatever comes between two
 * such inputs must be the same, apart from its order.
 */
interface Line {
  readonly at: number
  readonly topic: string
  readonly payload: string
}

const recorded = readLines('steps-61.jsonl')

function readLines(file: string): Line[] {
  const text = readFileSync(new URL(`../recordings/${file}`, import.meta.url), 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { t: number; topic: string; payload: string })
  const start = lines[0]?.t ?? 0
  return lines.map(({ t, topic, payload }) => ({ at: t - start, topic, payload }))
}

const isInput = ({ topic }: Line): boolean => /^owlcms\/(refbox|clock|jurybox)\//.test(topic)

const lift = (athleteId: number, liftType: Lift['liftType'], session = 'F1'): Lift[] =>
  ([1, 2, 3] as const).map((attemptNumber) => ({
    athleteId,
    athleteName: `ATHLETE ${athleteId}`,
    attemptNumber,
    liftType,
    session,
  }))
const f1 = new FixedOrder([
  ...lift(4, 'SNATCH'),
  ...lift(5, 'SNATCH'),
  ...lift(4, 'CLEANJERK'),
  ...lift(5, 'CLEANJERK'),
])
const y1 = new FixedOrder(lift(1, 'SNATCH', 'Y1'))

/** What the operator did, in milliseconds from the first line, just before its first effect came. */
const operator: readonly (readonly [at: number, act: (fieldOfPlay: FieldOfPlay) => void])[] = [
  [1850, (fop) => fop.loadSession(f1)],
  // Withdrawals and weights in the marshal's list.
  ...[2740, 2830, 2890, 2990, 3065, 3140, 3190, 3530].map(
    (at) => [at, (fop: FieldOfPlay) => fop.weightChanged()] as const,
  ),
  [4050, (fop) => fop.loadSession(f1)],
  [4895, (fop) => fop.beginBreak('BEFORE_INTRODUCTION', 2000)],
  [7510, (fop) => fop.endCeremony()],
  [7970, (fop) => fop.beginCeremony('OFFICIALS_INTRODUCTION')],
  [8430, (fop) => fop.endCeremony()],
  [8890, (fop) => fop.beginBreak('FIRST_SNATCH', 2000)],
  [35_430, (fop) => fop.answerJury('confirm')],
  [45_990, (fop) => fop.weightChanged()],
  [47_070, (fop) => fop.weightChanged()],
  [133_945, (fop) => fop.answerJury('confirm')],
  [137_955, (fop) => fop.beginCeremony('MEDALS')],
  [138_410, (fop) => fop.endCeremony()],
  [138_875, (fop) => fop.loadSession(y1)],
]

/** What may differ, with the reason. Order may, within a step. */
const allowed = {
  /** The real one takes some milliseconds to hear and to say, so a clock that was stopped stands elsewhere. */
  clockMs: 100,
}

/** One step: an input, and what owlcms said until the next one. */
interface Step {
  readonly input: string
  readonly said: Said[]
}
interface Said {
  readonly what: string
  /** The clock's time at the end of `fop/start` and `fop/stop`. */
  readonly ms: number
}

function say(topic: string, payload: string): Said {
  const [, before = '', ms = ''] =
    /^(.*?)(-?[0-9]+)$/.exec(/\/fop\/(start|stop)\//.test(topic) ? payload : '') ?? []
  return ms === '' ? { what: `${topic} ${payload}`, ms: 0 } : { what: `${topic} ${before}`, ms: Number(ms) }
}

function sorted(said: Said[]): Said[] {
  return [...said].sort((a, b) => (a.what < b.what ? -1 : a.what > b.what ? 1 : a.ms - b.ms))
}

/** Steps by the inputs of both kinds, in the order of time. */
const inputs = [
  ...recorded.filter(isInput).map(({ at, topic, payload }) => ({
    at,
    name: `${topic} ${payload}`,
    act: (fieldOfPlay: FieldOfPlay) => {
      const bytes = new TextEncoder().encode(payload)
      const input = readDeviceMessage(topic, bytes, 'A', fieldOfPlay.abilities)
      if (input !== undefined) fieldOfPlay.handle(input)
    },
  })),
  ...operator.map(([at, act]) => ({ at, name: `operator: ${String(act)}`, act })),
].sort((a, b) => a.at - b.at)

function stepsOf(said: readonly Line[]): Step[] {
  return inputs.map(({ at, name }, index) => {
    const end = inputs[index + 1]?.at ?? Infinity
    const own = said.filter((line) => line.at >= at && line.at < end)
    return { input: `${at} ${name}`, said: sorted(own.map(({ topic, payload }) => say(topic, payload))) }
  })
}

function simulate(): Line[] {
  const clock = new FakeClock()
  const start = clock.now()
  const said: Line[] = []
  const fieldOfPlay = new FieldOfPlay({
    platform: 'A',
    clock,
    version: '61.0.0',
    firstCleanJerkBreakMs: 600_000,
    publish: (topic, payload) => said.push({ at: clock.now() - start, topic, payload }),
  })
  for (const { at, act } of inputs) {
    clock.advance(start + at - clock.now())
    act(fieldOfPlay)
  }
  clock.advance(30_000)
  fieldOfPlay.stop()
  return said
}

const fullTimes = [60_000, 120_000]

/** The recorded time where the simulated one is near enough. */
function near(said: Said[], real: Said[]): Said[] {
  return said.map((one, index) => {
    const ms = real[index]?.ms ?? NaN
    const isNear = Math.abs(one.ms - ms) <= allowed.clockMs && !fullTimes.includes(ms)
    return isNear ? { ...one, ms } : one
  })
}

describe('156 steps of the real owlcms, done by the simulated one', () => {
  const real = stepsOf(recorded.filter((line) => !isInput(line)))
  const simulated = stepsOf(simulate())

  it.each(real.map((step, index) => [step.input, index] as const))('%s', (_name, index) => {
    const expected = real[index]?.said ?? []
    expect(near(simulated[index]?.said ?? [], expected)).toEqual(expected)
  })

  it('the recording is played wholly', () => {
    expect(recorded.filter(isInput).length).toBeGreaterThan(100)
    expect(real.flatMap(({ said }) => said)).toHaveLength(recorded.filter((line) => !isInput(line)).length)
  })
})
