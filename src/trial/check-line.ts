import type { Topic } from '../protocol/topic.ts'
import { filterMatches } from '../protocol/topic.ts'
import { note, notSeen, right, wrong, type Finding } from './finding.ts'
import type { TriedSeat } from './steps.ts'
import type { Trace } from './trace.ts'

/** What a device sends later than this after its line is back may be a new press of an impatient person. */
const flushMs = 5_000
/** A device that takes longer to come back costs a lift. */
const comesBackMs = 10_000

/** The topics by which owlcms speaks to each role's device (docs/owlcms.md 2.1); one of each group is enough. */
const spokenTo: Readonly<
  Record<TriedSeat['role'], readonly (readonly [what: string, topics: readonly string[]])[]>
> = {
  referee: [
    ['the reminder', ['owlcms/fop/decisionRequest/F', 'owlcms/decisionRequest/F/n']],
    ['the jury’s summons', ['owlcms/fop/summon/F', 'owlcms/summon/F/n']],
  ],
  timekeeper: [],
  juryMember: [['the referees’ decisions', ['owlcms/fop/decision/F']]],
  juryPresident: [['the referees’ decisions', ['owlcms/fop/decision/F']]],
}

/** What is right and wrong with how a device listens, keeps quiet, and bears that owlcms or its line goes away. */
export function lineFindings(trace: Trace): readonly (Finding | undefined)[] {
  return [
    ...checkListens(trace),
    checkSilence(trace),
    checkRestart(trace),
    checkComesBack(trace),
    checkFlush(trace),
    checkClientId(trace),
  ]
}

function checkListens(trace: Trace): Finding[] {
  const { role, number, platform } = trace.seat
  return spokenTo[role].map(([what, patterns]): Finding => {
    const topics = patterns.map(
      (pattern) => pattern.replace('/n', `/${number}`).replace('/F', () => `/${platform}`) as Topic,
    )
    const hears = topics.some((topic) => [...trace.filters].some((filter) => filterMatches(filter, topic)))
    return hears
      ? right('listens', `It listens to ${what}. Check yourself whether it lights up or beeps.`)
      : note('listens', `It doesn't listen to ${what} (${topics.join(' or ')}).`)
  })
}

/** Where nothing was asked for; the flush after the cut is told apart. */
function checkSilence(trace: Trace): Finding {
  const loud = trace.steps
    .filter(
      ({ step }) => step.expected === undefined && step.act !== 'restartOwlcms' && step.name !== 'line back',
    )
    .flatMap(({ heard }) => heard)
    .at(0)
  return loud === undefined
    ? right('silence', 'It sends nothing unasked.')
    : wrong('silence', `It sent ${JSON.stringify(loud.payload)} unasked (${loud.step}).`)
}

function checkRestart(trace: Trace): Finding | undefined {
  const during = trace.steps.find(({ step }) => step.act === 'restartOwlcms')
  const after = trace.steps.find(({ step }) => step.name === 'after a restart')
  if (during === undefined || after === undefined) return undefined
  const sent = during.heard.at(0)
  if (sent !== undefined)
    return wrong(
      'restart of owlcms',
      `It sent ${JSON.stringify(sent.payload)} by itself when owlcms came back.`,
    )
  return after.heard.length === 0
    ? notSeen('restart of owlcms', 'Nothing came from the device after owlcms had restarted.')
    : right('restart of owlcms', 'It stays quiet while owlcms restarts, and goes on afterwards.')
}

function checkComesBack(trace: Trace): Finding | undefined {
  if (trace.cutAt === undefined || trace.openedAt === undefined) return undefined
  if (trace.backAt === undefined)
    return wrong(
      'comes back',
      'It did not reconnect after its connection was cut. It must try again by itself, for ever.',
    )
  const tookMs = Math.round(trace.backAt - trace.openedAt)
  return tookMs > comesBackMs
    ? wrong(
        'comes back',
        `It took ${Math.round(tookMs / 1000)} s to reconnect; a lift is over by then. Try every 1 to 5 s.`,
      )
    : right('comes back', `It reconnected ${(tookMs / 1000).toFixed(1)} s after it could.`)
}

function checkFlush(trace: Trace): Finding | undefined {
  const back = trace.steps.find(({ step }) => step.name === 'line back')
  if (back === undefined || trace.backAt === undefined) return undefined
  const since = trace.backAt
  const late = back.heard.filter(({ atMs }) => atMs - since < flushMs)
  const [first] = late
  if (first !== undefined) {
    return wrong(
      'late flush',
      `${late.length} ${late.length === 1 ? 'message' : 'messages'} kept while the connection was cut came when it was back (${JSON.stringify(first.payload)}): too late, and on the next athlete. Turn the offline queue off (MQTT.js: queueQoSZero false, and publish only while connected).`,
    )
  }
  return right('late flush', 'It kept nothing that was pushed while the connection was cut.')
}

function checkClientId(trace: Trace): Finding | undefined {
  const ids = [...trace.clientIds]
  if (ids.length === 0) return undefined
  if (ids.some((id) => id.includes('_owlcms_')))
    return wrong('client ID', 'Its client ID contains "_owlcms_", which marks owlcms itself: use another.')
  return ids.length === 1
    ? right('client ID', `Its client ID stays "${ids[0] ?? ''}".`)
    : note(
        'client ID',
        'It uses a new client ID for each connection. With a fixed one of its own it would be recognised at once.',
      )
}
