import { describe, expect, it } from 'vitest'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import type { Topic, TopicFilter } from '../../src/protocol/topic.ts'
import type { CheckName, TrialReport } from '../../src/trial/finding.ts'
import { stepsFor, triedRoles, type Step, type TriedRole } from '../../src/trial/steps.ts'
import { startTrial, type DeviceEvents } from '../../src/trial/trial.ts'
import { MemoryHall } from '../simulator/memory-hall.ts'

const platform = 'Größe 2' as Platform

/** A person and a device with one habit each that may be bad. */
interface Habits {
  readonly role?: TriedRole
  /** What it makes of a message before it sends it. */
  readonly spoil?: (message: { topic: string; payload: string }) => { topic: string; payload: string }
  readonly times?: number
  readonly retain?: boolean
  readonly keepsWhatIsPressedOffline?: boolean
  readonly comesBackAfterMs?: number
  readonly filters?: readonly string[]
  readonly clientIds?: readonly string[]
  readonly restless?: boolean
  readonly never?: readonly string[]
}

/** Plays the whole trial against such a device. */
async function tried(habits: Habits = {}): Promise<TrialReport> {
  const { clock, broker, owlcms } = new MemoryHall({ platforms: [platform], announcerConfirmsJury: false })
  const seat = { platform, role: habits.role ?? 'referee', number: 2 }
  const steps = new Map(stepsFor(seat).map((step) => [step.words, step]))
  let events: DeviceEvents | undefined
  let online = true
  let connects = 0
  const kept: (() => void)[] = []

  const connect = (): void => {
    online = true
    const ids = habits.clientIds ?? ['box-2']
    events?.connected(ids[connects % ids.length] ?? 'box-2')
    connects += 1
    for (const filter of habits.filters ?? ['owlcms/fop/#']) events?.subscribed(filter as TopicFilter)
    for (const press of kept.splice(0)) press()
  }
  const send = ({ topic, payload }: { topic: string; payload: string }): void => {
    events?.published({
      topic: topic as Topic,
      payload: new TextEncoder().encode(payload),
      qos: 1,
      retain: habits.retain ?? false,
    })
    broker.press(topic, payload)
  }
  const press = (message: { topic: string; payload: string }): void => {
    const spoilt = habits.spoil?.(message) ?? message
    for (let time = 0; time < (habits.times ?? 1); time += 1) {
      if (online) send(spoilt)
      else if (habits.keepsWhatIsPressedOffline === true) kept.push(() => send(spoilt))
    }
  }
  const react = (step: Step): void => {
    if (habits.never?.includes(step.name) === true) return
    const wanted = step.expected
    if (wanted !== undefined) press({ topic: `owlcms/${wanted.topic}/${platform}`, payload: wanted.payload })
    else if (step.act === 'cutLine' || habits.restless === true) {
      press({ topic: `owlcms/refbox/decision/${platform}`, payload: '2 bad' })
    }
  }

  const trial = startTrial({
    seat,
    owlcms,
    clock,
    random: () => 0.5,
    line: {
      listen: (given) => (events = given),
      cut: () => (online = false),
      open: () => {
        clock.setTimer(habits.comesBackAfterMs ?? 1_000, connect)
      },
    },
    say(words) {
      const step = steps.get(words)
      if (step !== undefined) clock.setTimer(800, () => react(step))
    },
  })
  connect()
  let report: TrialReport | undefined
  void trial.done.then((result) => (report = result))
  for (let turn = 0; turn < 3_000 && report === undefined; turn += 1) {
    clock.advance(500)
    await Promise.resolve()
  }
  await owlcms.stop()
  if (report === undefined) throw new Error('the trial never ended')
  return report
}

const verdictOf = (report: TrialReport, check: CheckName) =>
  report.findings.filter((finding) => finding.check === check).map(({ verdict }) => verdict)

describe('a trial of a device', () => {
  it.each(triedRoles)('finds nothing wrong with a good device of a %s', async (role) => {
    const report = await tried({ role })
    expect(report.findings.filter(({ verdict }) => verdict !== 'right')).toEqual([])
    expect(report.outcome).toBe('right')
  })

  const faults: readonly (readonly [what: string, habits: Habits, check: CheckName])[] = [
    ['its own topic', { spoil: ({ payload }) => ({ topic: 'owlcms/referee/2', payload }) }, 'topic'],
    [
      'another spelling of the platform',
      { spoil: ({ topic, payload }) => ({ topic: topic.replace('Größe', 'grösse'), payload }) },
      'platform',
    ],
    [
      'a capital letter',
      { spoil: ({ topic, payload }) => ({ topic, payload: payload.replace('good', 'Good') }) },
      'payload',
    ],
    [
      'a line break at the end',
      { spoil: ({ topic, payload }) => ({ topic, payload: `${payload}\n` }) },
      'payload',
    ],
    [
      'swapped wires',
      { spoil: ({ topic, payload }) => ({ topic, payload: payload.endsWith('good') ? '2 bad' : '2 good' }) },
      'right button',
    ],
    [
      'another referee’s number',
      { spoil: ({ topic, payload }) => ({ topic, payload: payload.replace('2', '3') }) },
      'right button',
    ],
    ['a bouncing button', { times: 2 }, 'once'],
    ['the retain flag', { retain: true }, 'retain'],
    ['messages that nobody asked for', { restless: true }, 'silence'],
    ['an offline queue', { keepsWhatIsPressedOffline: true }, 'late flush'],
    ['a line that never comes back', { comesBackAfterMs: 600_000 }, 'comes back'],
    ['a line that comes back late', { comesBackAfterMs: 11_000 }, 'comes back'],
    ['owlcms’s own mark in its client ID', { clientIds: ['A_owlcms_1'] }, 'client ID'],
  ]
  it.each(faults)('finds %s', async (_what, habits, check) => {
    const report = await tried(habits)
    expect(verdictOf(report, check)).toContain('wrong')
    expect(report.outcome).toBe('wrong')
  })

  it('says what it did not see, instead of calling it right', async () => {
    const report = await tried({ never: ['red'] })
    expect(verdictOf(report, 'right button')).toEqual(['not seen'])
    expect(report.findings.find(({ check }) => check === 'right button')?.words).toContain('red')
    expect(report.outcome).toBe('incomplete')
  })

  it('notes what works and could be better', async () => {
    const report = await tried({
      filters: ['owlcms/led/#'],
      clientIds: ['owlcms-17', 'owlcms-530'],
      spoil: ({ topic, payload }) => ({ topic: topic.replace('refbox/decision', 'decision'), payload }),
    })
    expect(verdictOf(report, 'listens')).toEqual(['note', 'note'])
    expect(report.findings.find(({ check }) => check === 'listens')?.words).toContain(
      `owlcms/fop/decisionRequest/${platform} or owlcms/decisionRequest/${platform}/2`,
    )
    expect(verdictOf(report, 'client ID')).toEqual(['note'])
    expect(verdictOf(report, 'topic')).toEqual(['note'])
    expect(report.outcome).toBe('right')
  })
})
