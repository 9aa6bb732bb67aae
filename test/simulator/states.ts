import type { FieldOfPlayOptions, FieldOfPlayState } from '../../src/simulator/field-of-play.ts'
import { jane, Stage, zoe } from './transcript.ts'

type Options = Partial<FieldOfPlayOptions>

const reds = [1, 2, 3].map((referee) => `owlcms/refbox/decision/A ${referee} bad`)
const clock = (word: string) => `owlcms/clock/A ${word}`

/** After these presses, each a second after the one before. */
function pressed(options: Options, lines: string[]): Stage {
  const stage = new Stage([jane, zoe], options).displayFirst()
  lines.forEach((line, index) => {
    const space = line.indexOf(' ')
    stage.pressAt(index * 1000, line.slice(0, space), line.slice(space + 1))
  })
  stage.restart()
  return stage
}

/**
 * A stage in the wanted state, with nothing said yet; time starts there. The clock had 60 s: it runs
 * since 0 s in TIME_RUNNING, and stands at 59 s afterwards. BREAK is TECHNICAL; the lights are red.
 */
export const inState: Record<FieldOfPlayState, (options?: Options) => Stage> = {
  INACTIVE: (options = {}) => {
    const stage = new Stage(undefined, options)
    stage.fieldOfPlay.loadSession(stage.order)
    stage.restart()
    return stage
  },
  BREAK: (options = {}) => pressed(options, ['owlcms/jurybox/break/A technical']),
  CURRENT_ATHLETE_DISPLAYED: (options = {}) => pressed(options, []),
  TIME_RUNNING: (options = {}) => pressed(options, [clock('start')]),
  TIME_STOPPED: (options = {}) => pressed(options, [clock('start'), clock('stop')]),
  DOWN_SIGNAL_VISIBLE: (options = {}) =>
    pressed(options, [clock('start'), clock('stop'), ...reds.slice(0, 2)]),
  DECISION_VISIBLE: (options = {}) => {
    const stage = pressed(options, [clock('start'), clock('stop'), ...reds])
    stage.clock.advance(3000)
    stage.restart()
    return stage
  },
}

/** In the order of the columns of docs/owlcms.md 4.2. */
export const states = Object.keys(inState) as FieldOfPlayState[]
