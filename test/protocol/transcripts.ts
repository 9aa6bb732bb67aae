import { topicOf } from '../../src/protocol/topic.ts'
import { parseMessage } from '../../src/protocol/owlcms/parse.ts'
import type { OwlcmsMessage } from '../../src/protocol/owlcms/message.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { initialPlatformState, reducePlatform } from '../../src/protocol/field/reduce.ts'
import { documented, janeStarts, linesOf } from '../simulator/transcript.ts'

export const platformA = 'A' as Platform

/** One message of owlcms at its time. */
export interface Said {
  readonly at: number
  readonly message: OwlcmsMessage
}

/** Reads a topic without `owlcms/` and a payload. */
export function read(line: string): OwlcmsMessage {
  const [name = '', ...rest] = line.split(' ')
  const payload = new TextEncoder().encode(rest.join(' ').replace('{…}', janeStarts))
  const message = parseMessage(topicOf(`owlcms/${name}`), payload)
  if (message.kind === 'unknown') throw new Error(`not a message: ${line}`)
  return message
}

/** Reads lines like `12000 fop/stop/A 48000`. */
export function transcript(lines: string): Said[] {
  return lines
    .split('\n')
    .map((line) => /^\s*(\d+) (.+)$/.exec(line))
    .filter((found) => found !== null)
    .map((found) => ({ at: Number(found[1]), message: read((found[2] ?? '').trim()) }))
}

export function fold(
  said: readonly Said[],
  from: PlatformState = initialPlatformState(platformA),
): PlatformState {
  return said.reduce((state, { at, message }) => reducePlatform(state, message, at), from)
}

/** A state without what is the reducer's own. */
export function shown(state: PlatformState) {
  return Object.fromEntries(
    Object.entries(state).filter(([name]) => !['tracking', 'fence', 'owlcms'].includes(name)),
  )
}

/** A platform on which the first athlete is called, far enough back in time. */
export const called = fold(
  transcript(`
    0 fop/startLifting/A
    0 fop/liftingOrderUpdated/A
  `),
)

/** What owlcms says in a timeline, from 10000 on, when an athlete has been called. */
const said = (timeline: string): string => linesOf(timeline, '> owlcms/', 10_000)

const [t1, t2] = [said(documented.t1), said(documented.t2)]

/** The timelines of docs/owlcms.md 4.9 as owlcms speaks. */
export const timelines = {
  t1,
  t2,
  t3: said(documented.t3),
  t4: said(documented.t4),
  t5: `${t2.split('34300')[0]}
    32500 fop/resetDecisions/A reset
    32500 fop/startLifting/A
    32500 fop/liftingOrderUpdated/A
    32500 fop/start/A {…} 38700`,
  t6: `${t1}
    33400 fop/stop/A 60000
    33400 fop/juryDeliberation/A`,
  t7: `
    10000 fop/stop/A 60000
    10000 fop/juryDeliberation/A
    10000 fop/summon/A 2
    10000 summon/A/2 on`,
  t8: `
    10000 fop/resetDecisions/A reset
    10000 fop/start/A {…} 60000
    12000 fop/stop/A 58000
    15000 fop/decision/A 1 good
    15005 fop/stop/A 58000
    15005 fop/down/A
    15005 fop/decision/A 1 good
    15005 fop/decision/A 2 good
    15010 fop/decision/A 1 good
    15010 fop/decision/A 2 good
    15010 fop/decision/A 3 bad
    18010 fop/refereesDecision/A good
    21510 fop/break/A GROUP_DONE
    27510 fop/resetDecisions/A reset
    27510 fop/liftingOrderUpdated/A
    28510 fop/startLifting/A
    28510 fop/liftingOrderUpdated/A`,
} as const

/** The next athlete's clock starts a minute after a timeline that ends with an athlete called. */
export const nextStart = (said: readonly Said[]): Said[] => {
  const at = (said.at(-1)?.at ?? 0) + 60_000
  return transcript(`
    ${at} fop/resetDecisions/A reset
    ${at} fop/start/A {"athleteName":"MÜLLER, Zoë","attemptNumber":2,"liftType":"SNATCH","session":"W1"} 60000`)
}
