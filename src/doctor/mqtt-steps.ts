import type { PublishOutcome } from '../hub/upstream-link.ts'
import {
  bridgesSeen,
  owlcmsTrouble,
  readEvidence,
  type OwlcmsEvidence,
} from '../protocol/link/check-evidence.ts'
import { topicOf, type Topic } from '../protocol/topic.ts'
import { replayMs } from '../upstream/replay.ts'
import type { CheckTexts } from '../texts/check-texts.ts'
import { passed, plain, troubled, type StepResult } from './finding.ts'
import type { NoSession, Session } from './session.ts'
import type { Visit } from './visit.ts'

/** The question to owlcms; any payload does (docs/owlcms.md 1.8). */
const questionTopic = topicOf('owlcms/config')
/** Always the same, so that a check which was broken off leaves nothing that the next one doesn't clear. */
const keptTopic = topicOf('owlcms/bridge/check/kept')
const answerTopic = topicOf('owlcms/fop/config')

/** Names shown of the platforms; more would fill the screen. */
const maxNames = 8

/** How the login went. */
export function connectStep(visit: Visit, opened: Session | NoSession): StepResult {
  const version = opened.protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1'
  if (opened.kind === 'open' || opened.connectMs !== undefined) {
    if (opened.kind === 'open' && opened.refusal !== undefined) {
      const { raw } = visit.faultOf(opened.refusal, opened.protocolVersion)
      return troubled('connect', 'warn', 'oneConnection', {
        raw: `${raw} (${version})`,
        ms: opened.connectMs,
      })
    }
    const { login } = visit.texts
    const says = visit.broker.username === undefined ? login.anonymous : login.named
    return passed('connect', says(version), opened.connectMs)
  }
  const { code, raw } = visit.faultOf(opened.evidence, opened.protocolVersion)
  return troubled('connect', 'fail', code, { raw: `${raw} (${version})`, ms: opened.ms })
}

/** Whether the subscription was granted. */
export function subscribeStep(visit: Visit, opened: Session | NoSession): StepResult {
  if (opened.kind === 'open') return passed('subscribe', visit.texts.listens, opened.subscribeMs)
  const { code, raw } = visit.faultOf(opened.evidence, opened.protocolVersion)
  return troubled('subscribe', 'fail', code, { raw, ms: opened.ms })
}

/** How the message went, and whether the question to owlcms already left for its sake. */
export interface RoundTrip {
  readonly finding: StepResult
  readonly asked: boolean
  /** The broker turned a dot in the topic into a slash, as RabbitMQ does. */
  readonly losesDots: boolean
}

/**
 * Sends one message of our own under `owlcms/bridge/` and waits for it. A broker that keeps that topic for itself, as
 * another bridge does, gets the question to owlcms instead, which goes round in the same way.
 */
export async function roundTripStep(visit: Visit, session: Session, id: string): Promise<RoundTrip> {
  const own = topicOf(`owlcms/bridge/check-${id}/ping.pong`)
  const slashed = topicOf(own.replaceAll('.', '/'))
  const first = await sendRound(visit, session, own, id, [own, slashed])
  const losesDots = session.heard.some(({ topic }) => topic === slashed)
  // After a refusal brokers in the cloud cut the connection; a moment tells those from the others.
  if (first.outcome?.kind === 'refused') await session.until(visit.limits.cutMs, () => false)
  const refused = first.outcome?.kind === 'refused' && session.ended === undefined
  if (!refused) return { finding: judgeTrip(visit, session, first), asked: false, losesDots }
  // A bridge may answer in owlcms's place, and keep a question to itself that was asked just before (R2).
  const second = await sendRound(visit, session, questionTopic, 'check', [questionTopic, answerTopic])
  const trip = second.outcome?.kind === 'refused' ? first : second
  return { finding: judgeTrip(visit, session, trip), asked: true, losesDots }
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

function judgeTrip(visit: Visit, session: Session, trip: Trip): StepResult {
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
  return passed('roundTrip', visit.texts.cameBack(Math.round(ms)), ms)
}

/** Asks owlcms once, and judges what was heard until a moment after its answer. */
export async function owlcmsStep(
  visit: Visit,
  session: Session,
  { asked, losesDots }: Pick<RoundTrip, 'asked' | 'losesDots'>,
): Promise<StepResult> {
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
  const trouble = owlcmsTrouble(evidence, losesDots)
  const code = trouble === 'owlcmsSilent' && visit.broker.own !== undefined ? 'owlcmsNotHere' : trouble
  const { owlcms: words } = visit.texts
  const answers = evidence.answers.map((answer) => describe(answer, words)).join('; ')
  if (code === undefined) return passed('owlcms', words.answers(answers), ms)
  const raw = answers || `no answer within ${Math.round(ms / 100) / 10} s`
  const gentle = code === 'owlcmsOld' || code === 'owlcmsStarting'
  return troubled('owlcms', gentle ? 'warn' : 'fail', code, { raw: visit.safe(raw), ms })
}

function describe(config: OwlcmsEvidence['answers'][number], words: CheckTexts['owlcms']): string {
  const names = config.platforms.map((name) => plain(name, 30))
  const shown = names.slice(0, maxNames).join(', ')
  const all = names.length > maxNames ? words.more(shown, names.length - maxNames) : shown
  const platforms = names.length === 1 ? words.platform(shown) : words.platforms(all)
  return [
    words.version(plain(config.version, 20)),
    names.length === 0 ? words.noPlatform : platforms,
    ...(config.jurySize === undefined ? [] : [words.jury(config.jurySize)]),
  ].join(', ')
}

/**
 * Whether the broker gives back what it keeps to who subscribes as a bridge does. One retained message, taken back at once.
 * Undefined: nobody can tell, since it doesn't take such a message or has gone.
 */
export async function replays(visit: Visit, session: Session): Promise<boolean | undefined> {
  const probe = (retain: boolean): boolean =>
    session.heard.some((heard) => heard.topic === keptTopic && heard.retain === retain)
  const outcome = await session.publish(keptTopic, 'check', true)
  if (outcome.kind !== 'delivered') return undefined
  await session.until(visit.limits.returnMs, () => probe(false))
  const granted = session.subscribeAgain()
  const came = await session.until(replayMs, () => probe(true))
  void session.publish(keptTopic, '', true)
  return came || ((await granted) && session.ended === undefined ? false : undefined)
}

/** Which other bridges share the broker. `own`: of the bridge that runs this check, if one does. `forgets`: it keeps nothing of ours. */
export function bridgesStep(
  { texts: { bridges: words, owlcms } }: Visit,
  session: Session,
  name: string,
  own: { readonly id: string } | undefined,
  forgets: boolean,
): StepResult {
  const others = bridgesSeen(session.heard).filter(({ id }) => id !== own?.id)
  const twin = others.find((other) => own !== undefined && other.name === name)
  if (twin !== undefined)
    return troubled('bridges', 'warn', 'runsTwice', { raw: `version ${plain(twin.version, 20)}` })
  if (forgets) return troubled('bridges', 'warn', 'notReplayed')
  if (others.length === 0) return passed('bridges', own === undefined ? words.none : words.noOther)
  const list = others
    .map((other) => `"${plain(other.name, 40)}" (${owlcms.version(plain(other.version, 20))})`)
    .join(', ')
  return passed('bridges', words.here(list))
}
