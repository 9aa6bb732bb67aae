import { describe, expect, it } from 'vitest'
import type { FieldOfPlayOptions } from '../../src/simulator/field-of-play.ts'
import type { Lift } from '../../src/simulator/lifting-order.ts'
import { documented, jane, janeStarts, Stage, zoe } from './transcript.ts'

interface Timeline {
  readonly name: string
  readonly lifts?: readonly Lift[]
  readonly options?: Partial<FieldOfPlayOptions>
  readonly lines: string
}

const { t1, t2, t3, t4: t4Decided } = documented
const t4 = t4Decided.split('\n').slice(0, -4).join('\n')

const t4Cancelled = `${t4}
  t+40000  < owlcms/jurybox/decision/A good
  t+50000  ! cancel
  t+50000  > owlcms/fop/startLifting/A
  t+50000  > owlcms/fop/liftingOrderUpdated/A
`

const t4AtOnce = `${t4}
  t+40000  < owlcms/jurybox/decision/A good
  t+43500  > owlcms/fop/startLifting/A
  t+43500  > owlcms/fop/liftingOrderUpdated/A
`

const t4Withdrawn = `${t4}
  t+35000  < owlcms/jurybox/break/A stop
  t+35000  > owlcms/fop/startLifting/A
  t+35000  > owlcms/fop/liftingOrderUpdated/A
`

const t5 = `${t2.split('\n').slice(0, -2).join('\n')}
  t+22500  < owlcms/clock/A start
  t+22500  > owlcms/fop/resetDecisions/A reset
  t+22500  > owlcms/fop/startLifting/A
  t+22500  > owlcms/fop/liftingOrderUpdated/A
  t+22500  > owlcms/fop/start/A ${janeStarts} 38700
  t+30000  < owlcms/clock/A stop
  t+30000  > owlcms/fop/stop/A 31200
`

const t6 = `${t1.split('\n').slice(0, -1).join('\n')}
  t+18000  < owlcms/jurybox/break/A technical
  t+18500  < owlcms/jurybox/break/A deliberation
  t+23400  > owlcms/fop/liftingOrderUpdated/A
  t+23400  > owlcms/fop/stop/A 60000
  t+23400  > owlcms/fop/juryDeliberation/A
`

const t7 = `
  t+0      < owlcms/jurybox/summon/A 2
  t+0      > owlcms/fop/stop/A 60000
  t+0      > owlcms/fop/juryDeliberation/A
  t+0      > owlcms/fop/summon/A 2
  t+0      > owlcms/summon/A/2 on
`

const withoutClock = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => !/fop\/(start|stop)\//.test(line))
    .join('\n')

const timelines: Timeline[] = [
  { name: 'T1 good lift', lines: t1 },
  {
    name: 'T1 before 55.3, without fop/start and fop/stop',
    options: { version: '55.2.9' },
    lines: withoutClock(t1),
  },
  { name: 'T2 no-lift 2–1, the clock stopped by the down signal', lines: t2 },
  { name: 'T5 premature reds wiped by a restart: no result', lines: t5 },
  { name: 'T6 breaks asked for during the lights: only the last happens, after them', lines: t6 },
  { name: 'T7 summon outside a break', lines: t7 },
]

/**
 * Plays the `<` lines of a timeline, and the announcer's answers on `!` lines, at their times and gives back all `>` lines, the expected
 * ones and the ones that were said, up to a minute after the last line.
 */
function play(stage: Stage, timeline: string): { expected: string[]; said: string[] } {
  const lines = timeline
    .split('\n')
    .map((line) => line.trim().replace(/^(t\+\d+) +/, '$1 '))
    .filter((line) => line !== '')
  for (const line of lines) {
    const [, ms, sign, topic = '', payload = ''] = /^t\+(\d+) ([<>!]) (\S+) ?(.*)$/.exec(line) ?? []
    if (sign === '>') continue
    if (sign === '<') stage.pressAt(Number(ms), topic, payload)
    else if (topic === 'confirm' || topic === 'cancel') {
      stage.advanceTo(Number(ms))
      stage.fieldOfPlay.answerJury(topic)
    } else throw new Error(`not a line of a timeline: ${line}`)
  }
  stage.clock.advance(60_000)
  return { expected: lines.filter((line) => line.includes(' > ')), said: stage.said() }
}

describe('timelines of docs/owlcms.md 4.9, whole transcripts', () => {
  it.each(timelines)('$name', ({ lifts, options, lines }) => {
    const stage = new Stage(lifts, options).displayFirst()
    const { expected, said } = play(stage, lines)
    expect(said).toEqual(expected)
  })

  it('T3 third referee late, two-minute clock of an athlete who follows herself', () => {
    const stage = new Stage([jane, jane, zoe]).displayFirst()
    play(stage, t1)
    stage.restart()
    const { expected, said } = play(stage, t3)
    expect(said).toEqual(expected)
    expect(stage.order.results).toEqual(['good', 'good'])
  })

  it.each([
    { name: 'confirmed by the announcer', lines: t4Decided, results: ['good'], options: {} },
    { name: 'cancelled by the announcer', lines: t4Cancelled, results: ['bad'], options: {} },
    { name: 'withdrawn', lines: t4Withdrawn, results: ['bad'], options: {} },
    {
      name: 'not announcer-controlled',
      lines: t4AtOnce,
      results: ['good'],
      options: { announcerConfirmsJury: false },
    },
  ])('T4 jury challenge after a no-lift, $name', ({ lines, results, options }) => {
    const stage = new Stage([jane, zoe, jane], options).displayFirst()
    play(stage, t2)
    stage.restart()
    const { expected, said } = play(stage, lines)
    expect({ said, results: stage.order.results, state: stage.fieldOfPlay.view().state }).toEqual({
      said: expected,
      results,
      state: 'CURRENT_ATHLETE_DISPLAYED',
    })
  })

  it('results: T1 good, T2 bad, T5 none', () => {
    const results = [t1, t2, t5].map((lines) => {
      const stage = new Stage().displayFirst()
      play(stage, lines)
      return stage.order.results
    })
    expect(results).toEqual([['good'], ['bad'], []])
  })
})
