import { noEnd, type FromDevice, type FromOwlcms, type OwlcmsMessage } from './message.ts'
import { parseTopic, type Topic } from '../topic.ts'

const encoder = new TextEncoder()

/**
 * The topic and payload of a message, as owlcms or a device would send it. Parsing them gives the message back.
 * Throws when the platform's name makes no valid topic.
 */
export function formatMessage(message: OwlcmsMessage): {
  readonly topic: Topic
  readonly payload: Uint8Array
} {
  if (message.kind === 'unknown') return { topic: message.topic, payload: message.payload }
  const [topic, payload] = write(message)
  const parsed = parseTopic(topic)
  if (!parsed.ok) throw new Error(`no topic can be made for this platform: ${parsed.error}`)
  return { topic: parsed.value, payload: encoder.encode(payload) }
}

function write(message: FromOwlcms | FromDevice): readonly [topic: string, payload: string] {
  switch (message.kind) {
    case 'config':
      return ['owlcms/fop/config', JSON.stringify(message.config)]
    case 'configRequest':
      return ['owlcms/config', '']
    case 'startup':
      return [
        `owlcms/${message.legacy ? 'led' : 'fop/startup'}/${message.platform}`,
        message.on ? 'on' : 'off',
      ]
    case 'clockStarted':
      return [
        `owlcms/fop/start/${message.platform}`,
        `${JSON.stringify(message.attempt)} ${message.remainingMs}`,
      ]
    case 'clockStopped':
      return [`owlcms/fop/stop/${message.platform}`, String(message.remainingMs)]
    case 'timeRemaining':
      return [`owlcms/fop/timeRemaining/${message.platform}`, String(message.seconds)]
    case 'athleteClock':
    case 'breakClock':
      return [
        `owlcms/fop/${message.kind}/${message.platform}`,
        `${message.change} ${message.remainingMs ?? noEnd}`,
      ]
    case 'decision':
      return [`owlcms/fop/decision/${message.platform}`, `${message.referee} ${message.value}`]
    case 'decisionRequest':
      return message.legacy
        ? [`owlcms/decisionRequest/${message.platform}/${message.referee}`, message.on ? 'on' : 'off']
        : [`owlcms/fop/decisionRequest/${message.platform}`, String(message.referee)]
    case 'refereesDecision':
      return [`owlcms/fop/refereesDecision/${message.platform}`, message.value]
    case 'summon':
      return message.legacy
        ? [`owlcms/summon/${message.platform}/${message.official}`, message.on ? 'on' : 'off']
        : [`owlcms/fop/summon/${message.platform}`, String(message.official)]
    case 'juryMemberDecision':
      return [`owlcms/fop/juryMemberDecision/${message.platform}`, `${message.member} ${message.value}`]
    case 'break':
      return [`owlcms/fop/break/${message.platform}`, message.breakType]
    case 'ceremony':
      return [
        `owlcms/fop/ceremony/${message.platform}`,
        `${message.ceremony} ${message.on ? 'start' : 'stop'}`,
      ]
    case 'resetDecisions':
      return [`owlcms/fop/resetDecisions/${message.platform}`, 'reset']
    case 'down':
    case 'juryDeliberation':
    case 'challenge':
    case 'startLifting':
    case 'liftingOrderUpdated':
      return [`owlcms/fop/${message.kind}/${message.platform}`, '']
    case 'refereeDecision':
    case 'downEmitted':
    case 'clock':
    case 'juryBreak':
    case 'juryVote':
    case 'juryDecision':
    case 'summonRequest':
    case 'test':
      return writeDevice(message)
    default:
      return message satisfies never
  }
}

function writeDevice(
  message: Exclude<FromDevice, { readonly kind: 'configRequest' }>,
): readonly [string, string] {
  const { platform } = message
  switch (message.kind) {
    case 'refereeDecision':
      return [
        `owlcms/${message.legacy ? 'decision' : 'refbox/decision'}/${platform}`,
        `${message.referee} ${message.value}`,
      ]
    case 'downEmitted':
      return [`owlcms/refbox/downEmitted/${platform}`, '']
    case 'clock':
      return [`owlcms/clock/${platform}`, message.command]
    case 'juryBreak':
      return [`owlcms/jurybox/break/${platform}`, message.command]
    case 'juryVote':
      return [`owlcms/jurybox/juryMember/decision/${platform}`, `${message.member} ${message.value}`]
    case 'juryDecision':
      return [`owlcms/jurybox/decision/${platform}`, message.value]
    case 'summonRequest':
      return [
        `owlcms/jurybox/summon/${platform}`,
        message.who === 0 ? 'all' : message.who === 4 ? 'controller' : String(message.who),
      ]
    case 'test':
      return [`owlcms/test/${platform}`, String(message.sentAt)]
    default:
      return message satisfies never
  }
}
