import { readTopic } from '../protocol/owlcms/topics.ts'
import type { Topic } from '../protocol/topic.ts'
import { note, notSeen, right, wrong, type Finding, type Heard } from './finding.ts'
import { kindOf, topicOf, type Trace } from './trace.ts'

/** Two of one message within this are one press that bounced, or a program that sends twice. */
const bounceMs = 400

/** What is right and wrong with what a device sent: where, what, how often and how. */
export function messageFindings(trace: Trace): readonly (Finding | undefined)[] {
  return [
    checkTopics(trace),
    checkPlatform(trace),
    checkPayloads(trace),
    checkButtons(trace),
    checkOnce(trace),
    checkRetain(trace),
    checkQos(trace),
  ]
}

function checkTopics(trace: Trace): Finding {
  const foreign = trace.messages.find(({ topic }) => kindOf(topic) === undefined)
  if (foreign !== undefined) {
    return wrong(
      'topic',
      `It published on "${foreign.topic}", which owlcms doesn't read: use ${wantedTopics(trace)}.`,
    )
  }
  if (trace.messages.length === 0) return notSeen('topic', 'Nothing came from the device.')
  const legacy = trace.messages.some(({ topic }) => topic.startsWith('owlcms/decision/'))
  return legacy
    ? note('topic', 'It uses owlcms/decision/…, which still works; new devices use owlcms/refbox/decision/….')
    : right('topic', 'Every message came on a topic that owlcms reads.')
}

function wantedTopics(trace: Trace): string {
  const names = trace.steps.flatMap(({ step }) =>
    step.expected === undefined ? [] : [topicOf(trace, step.expected.topic)],
  )
  return [...new Set(names)].join(', ')
}

function checkPlatform(trace: Trace): Finding | undefined {
  const { platform } = trace.seat
  const told = trace.messages.flatMap(({ topic }) => {
    const meaning = readTopic(topic)
    return 'platform' in meaning ? [meaning.platform] : []
  })
  if (told.length === 0) return undefined
  const other = told.find((name) => name !== platform)
  return other === undefined
    ? right('platform', `Its platform is "${platform}", letter for letter.`)
    : wrong('platform', `Its platform is "${other}"; owlcms's is "${platform}". Capitals and spaces count.`)
}

function checkPayloads(trace: Trace): Finding {
  for (const { step, heard } of trace.steps) {
    if (step.expected === undefined) continue
    const odd = heard.find(
      ({ topic, payload }) => kindOf(topic as Topic) !== undefined && !wellFormed(topic as Topic, payload),
    )
    if (odd !== undefined)
      return wrong(
        'payload',
        `It sent ${JSON.stringify(odd.payload)} instead of ${JSON.stringify(step.expected.payload)}. ${asOwlcmsReads(odd)}`,
      )
  }
  return trace.messages.length === 0
    ? notSeen('payload', 'Nothing came from the device.')
    : right('payload', 'Every payload is written as owlcms expects it.')
}

function checkButtons(trace: Trace): Finding {
  const missing: string[] = []
  for (const { step, heard } of trace.steps) {
    if (step.expected === undefined) continue
    const wanted = step.expected
    const first = heard.find(({ topic }) => kindOf(topic as Topic) === kindOf(topicOf(trace, wanted.topic)))
    if (first === undefined) missing.push(step.name)
    else if (tidy(first.payload) !== wanted.payload) {
      return wrong(
        'right button',
        `Asked for ${JSON.stringify(wanted.payload)} (${step.name}), it sent ${JSON.stringify(first.payload)}: check the number and the wiring.`,
      )
    }
  }
  return missing.length === 0
    ? right('right button', 'Every button sent what it stands for.')
    : notSeen('right button', `Nothing came for: ${missing.join(', ')}.`)
}

function checkOnce(trace: Trace): Finding {
  for (const { heard } of trace.steps) {
    for (const [index, message] of heard.entries()) {
      const before = heard[index - 1]
      if (
        before !== undefined &&
        before.topic === message.topic &&
        before.payload === message.payload &&
        message.atMs - before.atMs < bounceMs
      ) {
        return wrong(
          'once',
          `It sent ${JSON.stringify(message.payload)} twice within ${Math.round(message.atMs - before.atMs)} ms: debounce the button (300 ms).`,
        )
      }
    }
  }
  return right('once', 'Each push sent one message.')
}

function checkRetain(trace: Trace): Finding {
  return trace.messages.some(({ retain }) => retain)
    ? wrong(
        'retain',
        'It sets the retain flag: the broker would send it again whenever owlcms reconnects. Clear it.',
      )
    : right('retain', 'It retains nothing.')
}

function checkQos(trace: Trace): Finding {
  const used = [...new Set(trace.messages.map(({ qos }) => qos))].sort().join(', ')
  if (used === '') return notSeen('QoS', 'Nothing came from the device.')
  return used === '2'
    ? note('QoS', 'It publishes at QoS 2: owlcms subscribes at 0, so QoS 1 proves as much and is faster.')
    : right(
        'QoS',
        `It publishes at QoS ${used}.${used === '0' ? ' With QoS 1 it would know that the message arrived.' : ''}`,
      )
}

/** Whether the payload is canonical (docs/owlcms.md 2.2), whatever it says. */
function wellFormed(topic: Topic, payload: string): boolean {
  switch (kindOf(topic)) {
    case 'refereeDecision':
      return /^[0-3] (good|bad)$/.test(payload)
    case 'juryVote':
      return /^[1-5] (good|bad)$/.test(payload)
    case 'juryDecision':
      return /^(good|bad)$/.test(payload)
    case 'clock':
      return /^(start|stop|60|120|toggle)$/.test(payload)
    case 'juryBreak':
      return /^(technical|deliberation|challenge|stop)$/.test(payload)
    case 'summonRequest':
      return /^([1-3]|all|controller)$/.test(payload)
    case 'downEmitted':
    case undefined:
    default:
      return true
  }
}

function tidy(payload: string): string {
  return payload.trim().toLowerCase().split(/\s+/).join(' ')
}

/** What becomes of an odd payload at owlcms (docs/owlcms.md 1.4). */
function asOwlcmsReads({ topic, payload }: Pick<Heard, 'topic' | 'payload'>): string {
  const kind = kindOf(topic as Topic)
  if (kind === 'refereeDecision' || kind === 'juryVote' || kind === 'juryDecision') {
    const last = payload.trim().split(' ').at(-1)
    return last === 'good'
      ? 'owlcms understands it, others may not: send exactly that.'
      : 'owlcms takes anything but exactly "good" for a red light.'
  }
  return 'owlcms may ignore it: send exactly that.'
}
