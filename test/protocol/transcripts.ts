import { topicOf } from '../../src/protocol/topic.ts'
import { parseMessage } from '../../src/protocol/owlcms/parse.ts'
import type { OwlcmsMessage } from '../../src/protocol/owlcms/message.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { initialPlatformState, reducePlatform } from '../../src/protocol/field/reduce.ts'

export const platformA = 'A' as Platform

/** One message of owlcms at its time. */
export interface Said {
  readonly at: number
  readonly message: OwlcmsMessage
}

const jane = '{"athleteName":"DOE, Jane","attemptNumber":1,"liftType":"SNATCH","session":"W1"}'

/** Reads a topic without `owlcms/` and a payload. */
export function read(line: string): OwlcmsMessage {
  const [name = '', ...rest] = line.split(' ')
  const payload = new TextEncoder().encode(rest.join(' ').replace('{…}', jane))
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

/** The timelines of docs/owlcms.md 4.9 as owlcms speaks; each starts at 10000 with an athlete called. */
export const timelines = {
  t1: `
    10000 fop/resetDecisions/A reset
    10000 fop/start/A {…} 60000
    22000 fop/stop/A 48000
    26000 fop/decision/A 1 good
    26400 fop/stop/A 48000
    26400 fop/down/A
    26400 fop/decision/A 1 good
    26400 fop/decision/A 3 good
    26900 fop/decision/A 1 good
    26900 fop/decision/A 2 good
    26900 fop/decision/A 3 good
    29900 fop/refereesDecision/A good
    33400 fop/liftingOrderUpdated/A`,
  t2: `
    10000 fop/resetDecisions/A reset
    10000 fop/start/A {…} 60000
    30000 fop/decision/A 1 bad
    30500 fop/decision/A 1 bad
    30500 fop/decision/A 2 good
    31300 fop/stop/A 38700
    31300 fop/down/A
    31300 fop/decision/A 1 bad
    31300 fop/decision/A 2 good
    31300 fop/decision/A 3 bad
    34300 fop/refereesDecision/A bad
    37800 fop/liftingOrderUpdated/A`,
  t3: `
    10000 fop/resetDecisions/A reset
    10000 fop/start/A {…} 120000
    40000 fop/timeRemaining/A 90
    100000 fop/timeRemaining/A 30
    110000 fop/stop/A 20000
    114000 fop/decision/A 1 good
    114300 fop/stop/A 20000
    114300 fop/down/A
    114300 fop/decision/A 1 good
    114300 fop/decision/A 2 good
    115800 fop/decisionRequest/A 3
    115800 decisionRequest/A/3 on
    120000 decisionRequest/A/3 off
    120000 fop/decision/A 1 good
    120000 fop/decision/A 2 good
    120000 fop/decision/A 3 bad
    123000 fop/refereesDecision/A good
    126500 fop/liftingOrderUpdated/A`,
  t4: `
    10000 fop/stop/A 60000
    10000 fop/challenge/A
    14000 fop/summon/A 1
    14000 summon/A/1 on
    14000 fop/summon/A 2
    14000 summon/A/2 on
    14000 fop/summon/A 3
    14000 summon/A/3 on
    40000 fop/juryMemberDecision/A 2 hidden
    41000 fop/juryMemberDecision/A 1 hidden
    43000 fop/juryMemberDecision/A 3 hidden
    43200 fop/juryMemberDecision/A 1 good
    43200 fop/juryMemberDecision/A 2 good
    43200 fop/juryMemberDecision/A 3 bad
    63500 fop/startLifting/A
    63500 fop/liftingOrderUpdated/A`,
  t5: `
    10000 fop/resetDecisions/A reset
    10000 fop/start/A {…} 60000
    30000 fop/decision/A 1 bad
    30500 fop/decision/A 1 bad
    30500 fop/decision/A 2 good
    31300 fop/stop/A 38700
    31300 fop/down/A
    31300 fop/decision/A 1 bad
    31300 fop/decision/A 2 good
    31300 fop/decision/A 3 bad
    32500 fop/resetDecisions/A reset
    32500 fop/startLifting/A
    32500 fop/liftingOrderUpdated/A
    32500 fop/start/A {…} 38700`,
  t6: `
    10000 fop/resetDecisions/A reset
    10000 fop/start/A {…} 60000
    22000 fop/stop/A 48000
    26000 fop/decision/A 1 good
    26400 fop/stop/A 48000
    26400 fop/down/A
    26400 fop/decision/A 1 good
    26400 fop/decision/A 3 good
    26900 fop/decision/A 1 good
    26900 fop/decision/A 2 good
    26900 fop/decision/A 3 good
    29900 fop/refereesDecision/A good
    33400 fop/liftingOrderUpdated/A
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
