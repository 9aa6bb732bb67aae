import { noEnd, type FromDevice, type FromOwlcms, type OwlcmsMessage } from './message.ts'
import type { Platform } from './topics.ts'
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

type Written = readonly [topic: string, payload: string]

function write(message: FromOwlcms | FromDevice): Written {
  switch (message.kind) {
    case 'config':
      return ['owlcms/fop/config', JSON.stringify(message.config)]
    case 'configRequest':
      return ['owlcms/config', '']
    case 'startup':
      return message.legacy
        ? [`owlcms/led/${message.platform}`, onOff(message)]
        : fop('startup', message, onOff(message))
    case 'clockStarted':
      return fop('start', message, `${JSON.stringify(message.attempt)} ${message.remainingMs}`)
    case 'clockStopped':
      return fop('stop', message, String(message.remainingMs))
    case 'timeRemaining':
      return fop(message.kind, message, String(message.seconds))
    case 'athleteClock':
    case 'breakClock':
      return fop(message.kind, message, `${message.change} ${message.remainingMs ?? noEnd}`)
    case 'decision':
      return fop(message.kind, message, `${message.referee} ${message.value}`)
    case 'decisionRequest':
      return message.legacy
        ? [`owlcms/decisionRequest/${message.platform}/${message.referee}`, onOff(message)]
        : fop(message.kind, message, String(message.referee))
    case 'refereesDecision':
      return fop(message.kind, message, message.value)
    case 'summon':
      return message.legacy
        ? [`owlcms/summon/${message.platform}/${message.official}`, onOff(message)]
        : fop(message.kind, message, String(message.official))
    case 'juryMemberDecision':
      return fop(message.kind, message, `${message.member} ${message.value}`)
    case 'break':
      return fop(message.kind, message, message.breakType)
    case 'ceremony':
      return fop(message.kind, message, `${message.ceremony} ${message.on ? 'start' : 'stop'}`)
    case 'resetDecisions':
      return fop(message.kind, message, 'reset')
    case 'down':
    case 'juryDeliberation':
    case 'challenge':
    case 'startLifting':
    case 'liftingOrderUpdated':
      return fop(message.kind, message, '')
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

function fop(name: string, { platform }: { readonly platform: Platform }, payload: string): Written {
  return [`owlcms/fop/${name}/${platform}`, payload]
}

function onOff({ on }: { readonly on: boolean }): 'on' | 'off' {
  return on ? 'on' : 'off'
}

function writeDevice(message: Exclude<FromDevice, { readonly kind: 'configRequest' }>): Written {
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
