import type { PublishOutcome } from '../hub/upstream-link.ts'
import {
  bridgesSeen,
  owlcmsTrouble,
  readEvidence,
  type OwlcmsEvidence,
} from '../protocol/link/check-evidence.ts'
import type { CheckFinding } from '../protocol/contract/console-api.ts'
import { parseTopic, type Topic } from '../protocol/topic.ts'
import { passed, plain, troubled } from './finding.ts'
import type { NoSession, Session } from './session.ts'
import type { Visit } from './visit.ts'

/** The question to owlcms; any payload does (docs/owlcms.md 1.8). */
const questionTopic = topicOf('owlcms/config')
const answerTopic = topicOf('owlcms/fop/config')

/** Names shown of the platforms; more would fill the screen. */
const maxNames = 8

/** How the login went. */
export function connectStep(visit: Visit, opened: Session | NoSession): CheckFinding {
  const version = opened.protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1'
  if (opened.kind === 'open' || opened.connectMs !== undefined) {
    if (opened.kind === 'open' && opened.refusal !== undefined) {
      const { raw } = visit.faultOf(opened.refusal, opened.protocolVersion)
      return troubled('connect', 'warn', 'oneConnection', {
        raw: `${raw} (${version})`,
        ms: opened.connectMs,
      })
    }
    const who =
      visit.broker.username === undefined ? 'without a user name' : 'with this user name and password'
    return passed('connect', `The broker lets the bridge in ${who} (${version}).`, opened.connectMs)
  }
  const { code, raw } = visit.faultOf(opened.evidence, opened.protocolVersion)
  return troubled('connect', 'fail', code, { raw: `${raw} (${version})`, ms: opened.ms })
}

/** Whether the subscription was granted. */
export function subscribeStep(visit: Visit, opened: Session | NoSession): CheckFinding {
  if (opened.kind === 'open')
    return passed('subscribe', 'The broker lets the bridge listen to owlcms/#.', opened.subscribeMs)
  const { code, raw } = visit.faultOf(opened.evidence, opened.protocolVersion)
  return troubled('subscribe', 'fail', code, { raw, ms: opened.ms })
}

/** How the message went, and whether the question to owlcms already left for its sake. */
export interface RoundTrip {
  readonly finding: CheckFinding
  readonly asked: boolean
}

/**
 * Sends one message of our own under `owlcms/bridge/` and waits for it. A broker that keeps that topic for itself, as
 * another bridge does, gets the question to owlcms instead, which goes round in the same way.
 */
export async function roundTripStep(visit: Visit, session: Session, id: string): Promise<RoundTrip> {
  const own = topicOf(`owlcms/bridge/check-${id}/ping`)
  const first = await sendRound(visit, session, own, id, [own])
  // After a refusal brokers in the cloud cut the connection; a moment tells those from the others.
  if (first.outcome?.kind === 'refused') await session.until(visit.limits.cutMs, () => false)
  const refused = first.outcome?.kind === 'refused' && session.ended === undefined
  if (!refused) return { finding: judgeTrip(visit, session, first), asked: false }
  // A bridge may answer in owlcms's place, and keep a question to itself that was asked just before (R2).
  const second = await sendRound(visit, session, questionTopic, 'check', [questionTopic, answerTopic])
  if (second.outcome?.kind === 'refused') return { finding: judgeTrip(visit, session, first), asked: true }
  return { finding: judgeTrip(visit, session, second), asked: true }
}

interface Trip {
  /** Undefined when the broker gave no acknowledgement in time. */
  readonly outcome: PublishOutcome | undefined
  readonly returned: boolean
  readonly ms: number
}

async function sendRound(
  visit: Visit,
  session: Session,
  topic: Topic,
  payload: string,
  returning: readonly Topic[],
): Promise<Trip> {
  const { clock, limits } = visit
  const begun = clock.now()
  const before = session.heard.length
  let outcome: PublishOutcome | undefined
  void session.publish(topic, payload).then((answer) => (outcome = answer))
  const back = (): boolean => session.heard.slice(before).some((heard) => returning.includes(heard.topic))
  await session.until(
    limits.returnMs,
    () => outcome !== undefined && (outcome.kind !== 'delivered' || back()),
  )
  return { outcome, returned: back(), ms: clock.now() - begun }
}

function judgeTrip(visit: Visit, session: Session, trip: Trip): CheckFinding {
  const { outcome, returned, ms } = trip
  if (outcome?.kind === 'refused') {
    const raw = `PUBACK reason code 0x${outcome.reasonCode.toString(16).toUpperCase()}`
    return troubled('roundTrip', 'fail', 'publishRefused', { raw, ms })
  }
  if (session.ended !== undefined) {
    const { code, raw } = visit.faultOf(session.ended, session.protocolVersion)
    // MQTT 3.1.1 has no word for "forbidden": the broker hangs up right after the message.
    const cut = code === 'closedByBroker' || code === 'reset' || code === 'noPermission'
    return troubled('roundTrip', 'fail', cut ? 'publishRefused' : code, {
      raw: `${raw}, right after a PUBLISH`,
      ms,
    })
  }
  if (!returned || outcome === undefined) {
    const code = outcome === undefined ? 'notAcknowledged' : 'messageNotReturned'
    const missing = outcome === undefined ? 'no PUBACK' : 'nothing came back'
    const seconds = Math.round(ms / 100) / 10
    return troubled('roundTrip', 'fail', code, { raw: `${missing} within ${seconds} s`, ms })
  }
  if (ms > visit.limits.slowTripMs)
    return troubled('roundTrip', 'warn', 'slowRoundTrip', { raw: `${Math.round(ms)} ms`, ms })
  return passed('roundTrip', `A message came back after ${Math.round(ms)} ms.`, ms)
}

/** Asks owlcms once, and judges what was heard until a moment after its answer. */
export async function owlcmsStep(visit: Visit, session: Session, asked: boolean): Promise<CheckFinding> {
  const begun = visit.clock.now()
  const heard = (): OwlcmsEvidence => readEvidence(session.heard)
  if (!asked) void session.publish(questionTopic, 'check')
  await session.until(visit.limits.owlcmsMs, () => heard().answers.length > 0)
  const ms = visit.clock.now() - begun
  // A second owlcms answers a moment later, and so do the other platforms.
  await session.until(visit.limits.moreAnswersMs, () => false)
  if (session.ended !== undefined) {
    const fault = visit.faultOf(session.ended, session.protocolVersion)
    return troubled('owlcms', 'fail', fault.code, { raw: fault.raw, ms })
  }
  const evidence = heard()
  const trouble = owlcmsTrouble(evidence)
  const code = trouble === 'owlcmsSilent' && visit.broker.own !== undefined ? 'owlcmsNotHere' : trouble
  const raw = evidence.answers.map(describe).join('; ') || `no answer within ${Math.round(ms / 100) / 10} s`
  if (code === undefined) return passed('owlcms', `It answers: ${raw}.`, ms)
  const gentle = code === 'owlcmsOld' || code === 'owlcmsStarting'
  return troubled('owlcms', gentle ? 'warn' : 'fail', code, { raw: visit.safe(raw), ms })
}

function describe(config: OwlcmsEvidence['answers'][number]): string {
  const names = config.platforms.map((name) => plain(name, 30))
  const shown = names.slice(0, maxNames).join(', ')
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : ''
  const jury = config.jurySize === undefined ? '' : `, jury of ${config.jurySize}`
  const platforms = names.length === 1 ? `platform ${shown}` : `platforms ${shown}${more}`
  return `version ${plain(config.version, 20)}, ${names.length === 0 ? 'no platform yet' : platforms}${jury}`
}

/** Which other bridges share the broker. `own`: of the bridge that runs this check, if one does. */
export function bridgesStep(
  session: Session,
  name: string,
  own: { readonly id: string } | undefined,
): CheckFinding {
  const others = bridgesSeen(session.heard).filter(({ id }) => id !== own?.id)
  const twin = others.find((other) => own !== undefined && other.name === name)
  if (twin !== undefined)
    return troubled('bridges', 'warn', 'runsTwice', { raw: `version ${plain(twin.version, 20)}` })
  if (others.length === 0)
    return passed(
      'bridges',
      own === undefined
        ? 'No bridge is connected to this broker now.'
        : 'No other bridge is connected to this broker.',
    )
  const list = others
    .map((other) => `"${plain(other.name, 40)}" (version ${plain(other.version, 20)})`)
    .join(', ')
  return passed('bridges', `Connected to this broker: ${list}.`)
}

function topicOf(text: string): Topic {
  const topic = parseTopic(text)
  if (!topic.ok) throw new Error(`not a topic: ${topic.error}`)
  return topic.value
}
