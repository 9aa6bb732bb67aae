import { isCommand, readTopic, type CommandKind } from '../protocol/owlcms/topics.ts'
import { filterMatches, type Topic, type TopicFilter } from '../protocol/topic.ts'
import type { Step, TriedSeat } from './steps.ts'

/** A PUBLISH as the device sent it, before anybody mended it. */
export interface SentByDevice {
  readonly topic: Topic
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

export type Verdict = 'right' | 'wrong' | 'note' | 'not seen'

export interface Finding {
  readonly check: CheckName
  readonly verdict: Verdict
  /** One sentence, with what to do when it is wrong. */
  readonly words: string
}

export type CheckName =
  | 'topic'
  | 'platform'
  | 'payload'
  | 'right button'
  | 'once'
  | 'retain'
  | 'QoS'
  | 'listens'
  | 'silence'
  | 'restart of owlcms'
  | 'comes back'
  | 'late flush'
  | 'client ID'

export interface TrialReport {
  readonly seat: string
  /** `right`: nothing is wrong and every button was seen. */
  readonly outcome: 'right' | 'wrong' | 'incomplete'
  readonly findings: readonly Finding[]
  /** Every message of the device, in order, for whoever wants to look. */
  readonly heard: readonly Heard[]
}

interface Heard {
  readonly step: string
  /** Moment, in milliseconds of this run. */
  readonly atMs: number
  /** Milliseconds since the step began. */
  readonly afterMs: number
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
}

/** Two of one message within this are one press that bounced, or a program that sends twice. */
const bounceMs = 400
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

/**
 * Judges one device by what came from it during a trial. Pure: whoever runs the trial tells it the steps, the messages and
 * the state of the line, each with its moment.
 */
export class DeviceExaminer {
  readonly #seat: TriedSeat
  readonly #steps: {
    readonly step: Step
    readonly at: number
    readonly heard: Heard[]
  }[] = []
  readonly #filters = new Set<TopicFilter>()
  readonly #clientIds = new Set<string>()
  #messages: SentByDevice[] = []
  #cutAt: number | undefined
  #backAt: number | undefined
  #openedAt: number | undefined

  constructor(seat: TriedSeat) {
    this.#seat = seat
  }

  /** The next step began. */
  begins(step: Step, at: number): void {
    this.#steps.push({ step, at, heard: [] })
  }

  /** Something came from the device. Returns whether it is what the step waits for. */
  published(message: SentByDevice, at: number): boolean {
    const now = this.#steps.at(-1)
    // What comes before the first step, such as a request for the config, is the device's own business.
    if (now === undefined || message.topic === 'owlcms/config' || readTopic(message.topic).kind === 'test')
      return false
    this.#messages.push(message)
    const payload = new TextDecoder().decode(message.payload)
    now.heard.push({
      step: now.step.name,
      atMs: at,
      afterMs: Math.round(at - now.at),
      topic: message.topic,
      payload,
      qos: message.qos,
      retain: message.retain,
    })
    return (
      now.step.expected !== undefined &&
      kindOf(message.topic) === kindOf(this.#topic(now.step.expected.topic))
    )
  }

  subscribed(filter: TopicFilter): void {
    this.#filters.add(filter)
  }

  connected(clientId: string, at: number): void {
    this.#clientIds.add(clientId)
    if (this.#openedAt !== undefined) this.#backAt ??= at
  }

  /** The trial cut the device's line. */
  cut(at: number): void {
    this.#cutAt = at
  }

  /** From here on the device is let in again. */
  opened(at: number): void {
    this.#openedAt = at
  }

  report(): TrialReport {
    const findings = [
      this.#topics(),
      this.#platform(),
      this.#payloads(),
      this.#buttons(),
      this.#once(),
      this.#retain(),
      this.#qos(),
      ...this.#listens(),
      this.#silence(),
      this.#restart(),
      this.#comesBack(),
      this.#flush(),
      this.#clientId(),
    ].filter((finding) => finding !== undefined)
    const outcome = findings.some(({ verdict }) => verdict === 'wrong')
      ? 'wrong'
      : findings.some(({ verdict }) => verdict === 'not seen')
        ? 'incomplete'
        : 'right'
    const { role, number, platform } = this.#seat
    const heard = this.#steps.flatMap((step) => step.heard)
    return {
      seat: `${role}${role === 'referee' || role === 'juryMember' ? `-${number}` : ''} on ${platform}`,
      outcome,
      findings,
      heard,
    }
  }

  #topic(name: string): Topic {
    return `owlcms/${name}/${this.#seat.platform}` as Topic
  }

  #topics(): Finding {
    const foreign = this.#messages.find(({ topic }) => kindOf(topic) === undefined)
    if (foreign !== undefined) {
      return wrong(
        'topic',
        `It published on "${foreign.topic}", which owlcms doesn't read: use ${this.#wantedTopics()}.`,
      )
    }
    if (this.#messages.length === 0) return notSeen('topic', 'Nothing came from the device.')
    const legacy = this.#messages.some(({ topic }) => topic.startsWith('owlcms/decision/'))
    return legacy
      ? {
          check: 'topic',
          verdict: 'note',
          words: 'It uses owlcms/decision/…, which still works; new devices use owlcms/refbox/decision/….',
        }
      : right('topic', 'Every message came on a topic that owlcms reads.')
  }

  #wantedTopics(): string {
    const names = this.#steps.flatMap(({ step }) =>
      step.expected === undefined ? [] : [this.#topic(step.expected.topic)],
    )
    return [...new Set(names)].join(', ')
  }

  #platform(): Finding | undefined {
    const { platform } = this.#seat
    const told = this.#messages.flatMap(({ topic }) => {
      const meaning = readTopic(topic)
      return 'platform' in meaning ? [meaning.platform] : []
    })
    if (told.length === 0) return undefined
    const other = told.find((name) => name !== platform)
    return other === undefined
      ? right('platform', `Its platform is "${platform}", letter for letter.`)
      : wrong('platform', `Its platform is "${other}"; owlcms's is "${platform}". Capitals and spaces count.`)
  }

  #payloads(): Finding {
    for (const { step, heard } of this.#steps) {
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
    return this.#messages.length === 0
      ? notSeen('payload', 'Nothing came from the device.')
      : right('payload', 'Every payload is written as owlcms expects it.')
  }

  #buttons(): Finding {
    const missing: string[] = []
    for (const { step, heard } of this.#steps) {
      if (step.expected === undefined) continue
      const wanted = step.expected
      const first = heard.find(({ topic }) => kindOf(topic as Topic) === kindOf(this.#topic(wanted.topic)))
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

  #once(): Finding {
    for (const { heard } of this.#steps) {
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

  #retain(): Finding {
    return this.#messages.some(({ retain }) => retain)
      ? wrong(
          'retain',
          'It sets the retain flag: the broker would send it again whenever owlcms reconnects. Clear it.',
        )
      : right('retain', 'It retains nothing.')
  }

  #qos(): Finding {
    const used = [...new Set(this.#messages.map(({ qos }) => qos))].sort().join(', ')
    if (used === '') return notSeen('QoS', 'Nothing came from the device.')
    return used === '2'
      ? {
          check: 'QoS',
          verdict: 'note',
          words: 'It publishes at QoS 2: owlcms subscribes at 0, so QoS 1 proves as much and is faster.',
        }
      : {
          check: 'QoS',
          verdict: 'right',
          words: `It publishes at QoS ${used}.${used === '0' ? ' With QoS 1 it would know that the message arrived.' : ''}`,
        }
  }

  #listens(): Finding[] {
    const { role, number, platform } = this.#seat
    return spokenTo[role].map(([what, patterns]): Finding => {
      const topics = patterns.map(
        (pattern) => pattern.replace('/n', `/${number}`).replace('/F', () => `/${platform}`) as Topic,
      )
      const hears = topics.some((topic) => [...this.#filters].some((filter) => filterMatches(filter, topic)))
      return hears
        ? right('listens', `It listens to ${what}. Check yourself whether it lights up or beeps.`)
        : {
            check: 'listens',
            verdict: 'note',
            words: `It doesn't listen to ${what} (${topics.join(' or ')}).`,
          }
    })
  }

  /** Where nothing was asked for; the flush after the cut is told apart. */
  #silence(): Finding {
    const loud = this.#steps
      .filter(
        ({ step }) =>
          step.expected === undefined && step.act !== 'restartOwlcms' && step.name !== 'line back',
      )
      .flatMap(({ heard }) => heard)
      .at(0)
    return loud === undefined
      ? right('silence', 'It sends nothing unasked.')
      : wrong('silence', `It sent ${JSON.stringify(loud.payload)} unasked (${loud.step}).`)
  }

  #restart(): Finding | undefined {
    const during = this.#steps.find(({ step }) => step.act === 'restartOwlcms')
    const after = this.#steps.find(({ step }) => step.name === 'after a restart')
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

  #comesBack(): Finding | undefined {
    if (this.#cutAt === undefined || this.#openedAt === undefined) return undefined
    if (this.#backAt === undefined)
      return wrong(
        'comes back',
        'It did not reconnect after its connection was cut. It must try again by itself, for ever.',
      )
    const tookMs = Math.round(this.#backAt - this.#openedAt)
    return tookMs > comesBackMs
      ? wrong(
          'comes back',
          `It took ${Math.round(tookMs / 1000)} s to reconnect; a lift is over by then. Try every 1 to 5 s.`,
        )
      : right('comes back', `It reconnected ${(tookMs / 1000).toFixed(1)} s after it could.`)
  }

  #flush(): Finding | undefined {
    const back = this.#steps.find(({ step }) => step.name === 'line back')
    if (back === undefined || this.#backAt === undefined) return undefined
    const since = this.#backAt
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

  #clientId(): Finding | undefined {
    const ids = [...this.#clientIds]
    if (ids.length === 0) return undefined
    if (ids.some((id) => id.includes('_owlcms_')))
      return wrong('client ID', 'Its client ID contains "_owlcms_", which marks owlcms itself: use another.')
    return ids.length === 1
      ? right('client ID', `Its client ID stays "${ids[0] ?? ''}".`)
      : {
          check: 'client ID',
          verdict: 'note',
          words:
            'It uses a new client ID for each connection. With a fixed one of its own it would be recognised at once.',
        }
  }
}

/** What a device's topic stands for, aliases included; undefined when owlcms doesn't read it. */
function kindOf(topic: Topic): CommandKind | undefined {
  const meaning = readTopic(topic)
  return isCommand(meaning) ? meaning.kind : undefined
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

function right(check: CheckName, words: string): Finding {
  return { check, verdict: 'right', words }
}

function wrong(check: CheckName, words: string): Finding {
  return { check, verdict: 'wrong', words }
}

function notSeen(check: CheckName, words: string): Finding {
  return { check, verdict: 'not seen', words }
}
