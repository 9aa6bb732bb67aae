import fc from 'fast-check'
import type { Packet } from 'mqtt-packet'
import { expect, it } from 'vitest'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import { isMomentary, readTopic } from '../../src/protocol/owlcms/topics.ts'
import { filterMatches, topicOf } from '../../src/protocol/topic.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { filter, setStage, type Stage } from '../rules/stage.ts'

type Version = 3 | 4 | 5
type QoS = 0 | 1 | 2

/** What may happen to a client that keeps its session, one after the other and in any order. */
type Step =
  | { readonly do: 'connect'; readonly clean: boolean; readonly receiveMaximum: number }
  | { readonly do: 'breaks' | 'leaves' | 'reads' | 'linkDown' | 'linkUp' }
  | { readonly do: 'subscribes'; readonly filter: string; readonly qos: QoS }
  | { readonly do: 'unsubscribes'; readonly filter: string }
  | { readonly do: 'owlcms'; readonly topic: string; readonly qos: 0 | 1 }
  | { readonly do: 'acknowledges'; readonly which: number }
  /** `arrives`: false where the line breaks with it. */
  | { readonly do: 'says'; readonly what: 'press' | 'other'; readonly qos: QoS; readonly arrives: boolean }
  | { readonly do: 'again' | 'releases'; readonly which: number }
  | { readonly do: 'broker'; readonly which: number; readonly outcome: PublishOutcome }
  | { readonly do: 'waits'; readonly ms: number }

const filters = ['owlcms/fop/#', 'owlcms/fop/+/A', 'owlcms/new/A', '#'] as const
const topics = ['fop/resetDecisions/A', 'fop/decision/A', 'fop/down/A', 'new/A'].map((t) => `owlcms/${t}`)
const outcomes: readonly PublishOutcome[] = [
  { kind: 'delivered' },
  { kind: 'delivered' },
  { kind: 'refused', reasonCode: 0x97 },
]

/** One publication of the client, as often as it was sent. */
interface Said {
  readonly topic: string
  readonly payload: string
  readonly qos: QoS
  readonly id: number
  readonly isPress: boolean
  /** PUBACK, PUBREC or PUBCOMP that ends it has come. */
  isOver: boolean
  isReceived: boolean
  /** The connection that it was last sent on. */
  line: number
  /** How often it went up, and what became of that. */
  times: number
  readonly ends: PublishOutcome['kind'][]
}

/** What the client is to hear. */
interface Due {
  readonly text: string
  readonly topic: string
  readonly qos: 0 | 1
  /** Its connection when it was said, by number; undefined while it was away. */
  readonly line: number | undefined
  /** May it be told on a later line: a signal of the moment never, and no more than there is room for. */
  readonly later: 'surely' | 'perhaps' | 'never'
  isHeard: boolean
  isAcknowledged: boolean
}

const room = 5

/** A client with a session, on a line whose last packets may be lost, and the bridge and broker above it. */
class Hall {
  readonly stage: Stage
  readonly #version: Version
  #client: MemoryClient | undefined
  #line = 0
  #window = room
  readonly #filters = new Map<string, QoS>()
  #due: Due[] = []
  /** Packets read and not acknowledged, by identifier. */
  readonly #unanswered = new Map<number, string>()
  #said: Said[] = []
  #isUp = true
  #keepsSeconds = 0
  #keptUntil = -Infinity
  #number = 0

  constructor(version: Version) {
    this.#version = version
    this.stage = setStage({ maxOutboundInFlight: room, flushWindowMs: 0, maxUnacknowledgedPresses: 1_000 })
  }

  step(step: Step): void {
    switch (step.do) {
      case 'connect': {
        this.#connect(step.clean, step.receiveMaximum)
        return
      }
      case 'breaks': {
        this.#gone(() => this.#client?.drop())
        return
      }
      case 'leaves': {
        this.#gone(() => this.#client?.send({ cmd: 'disconnect' }))
        return
      }
      case 'reads': {
        this.#read()
        return
      }
      case 'linkDown':
      case 'linkUp': {
        this.#link(step.do === 'linkUp')
        return
      }
      case 'subscribes': {
        this.#subscribe(step.filter, step.qos)
        return
      }
      case 'unsubscribes':
        if (this.#client === undefined) return
        this.#client.send({ cmd: 'unsubscribe', messageId: 60_000, unsubscriptions: [step.filter] })
        this.#filters.delete(step.filter)
        return
      case 'owlcms': {
        this.#hear(step.topic, step.qos)
        return
      }
      case 'acknowledges': {
        this.#acknowledge(step.which)
        return
      }
      case 'says': {
        this.#say(step.what === 'press', step.qos, step.arrives)
        return
      }
      case 'again': {
        this.#sayAgain(step.which)
        return
      }
      case 'releases': {
        this.#release(step.which)
        return
      }
      case 'broker': {
        this.#settle(step.which, step.outcome)
        return
      }
      case 'waits': {
        this.#wait(step.ms)
        return
      }
      default:
        step satisfies never
    }
  }

  /** Back with its session, and everything answered. */
  end(): void {
    this.#link(true)
    this.#connect(false, room)
    for (let round = 0; round < 20; round += 1) {
      for (let which = 0; which < 30; which += 1) {
        this.#release(which)
        this.#settle(0, { kind: 'delivered' })
      }
      this.#read()
      for (let which = 0; which < room; which += 1) this.#acknowledge(0)
      this.stage.clock.advance(10)
    }
    const missing = this.#due.filter(({ qos, later, isHeard }) => qos > 0 && later === 'surely' && !isHeard)
    expect(missing).toEqual([])
  }

  #connect(clean: boolean, receiveMaximum: number): void {
    this.#gone(() => this.#client?.drop())
    const { stage } = this
    const v5 = this.#version === 5
    const isBack = !clean && stage.clock.now() < this.#keptUntil
    const client = new MemoryClient(stage.gateway, stage.clock, this.#version)
    client.send({
      ...{
        cmd: 'connect',
        clientId: 'box',
        clean,
        keepalive: 45,
        username: 'hall',
        password: Buffer.from('secret'),
      },
      ...{ protocolId: this.#version === 3 ? 'MQIsdp' : 'MQTT', protocolVersion: this.#version },
      ...(v5 ? { properties: { sessionExpiryInterval: 200, receiveMaximum } } : {}),
    })
    this.#client = client
    this.#line += 1
    this.#keepsSeconds = v5 ? 200 : clean ? 0 : 300
    this.#window = v5 ? Math.min(receiveMaximum, room) : room
    if (!isBack) {
      this.#filters.clear()
      this.#due = []
      this.#said = []
    }
    const [connack, ...packets] = client.take()
    expect(connack).toMatchObject({ cmd: 'connack', sessionPresent: isBack && this.#version !== 3 })
    for (const packet of packets) this.#packet(packet)
  }

  #gone(how: () => void): void {
    if (this.#client === undefined) return
    how()
    this.#client = undefined
    this.#unanswered.clear()
    this.#keptUntil = this.stage.clock.now() + this.#keepsSeconds * 1_000
  }

  #wait(ms: number): void {
    for (let left = ms; left > 0; left -= 20_000) {
      this.#client?.send({ cmd: 'pingreq' })
      this.stage.clock.advance(Math.min(left, 20_000))
      this.#closedByBridge()
    }
  }

  #link(up: boolean): void {
    if (up === this.#isUp) return
    this.#isUp = up
    if (!up) {
      const { sent } = this.stage.upstream
      this.stage.upstream.ready = false
      for (const { publication: one, settled } of sent.splice(0)) {
        this.#saidAs(one.topic)?.ends.push('lost')
        settled({ kind: 'lost' })
      }
    }
    this.stage.link(up)
    this.#closedByBridge()
  }

  #subscribe(name: string, qos: QoS): void {
    if (this.#client === undefined) return
    const subscriptions = [{ topic: name, qos, nl: false, rap: false, rh: 0 }]
    this.#client.send({ cmd: 'subscribe', messageId: 60_001, subscriptions })
    this.#filters.set(name, qos)
  }

  #hear(topic: string, qos: 0 | 1): void {
    this.#number += 1
    const text = String(this.#number)
    const granted = [...this.#filters]
      .filter(([name]) => filterMatches(filter(name), topicOf(topic)))
      .map(([, most]) => Math.min(most, qos) as 0 | 1)
    this.stage.hub.receive(publication(topic, text, qos))
    this.stage.clock.finishTurn()
    if (granted.length === 0) return
    const waiting = this.#due.filter((due) => due.qos > 0 && due.later !== 'never' && !due.isAcknowledged)
    const isAway = this.#client === undefined
    const isFalseLater = isMomentary(readTopic(topicOf(topic)))
    this.#due.push({
      text,
      topic,
      qos: Math.max(...granted) as 0 | 1,
      line: isAway ? undefined : this.#line,
      later: isFalseLater ? 'never' : isAway && waiting.length >= room ? 'perhaps' : 'surely',
      isHeard: false,
      isAcknowledged: false,
    })
  }

  #read(): void {
    const client = this.#client
    if (client === undefined) return
    for (const packet of client.take()) this.#packet(packet)
    this.#closedByBridge()
  }

  #packet(packet: Packet): void {
    if (packet.cmd === 'publish') this.#published(packet)
    else if (packet.cmd === 'puback' || packet.cmd === 'pubrec') {
      const said = this.#said.findLast(({ id, isOver }) => id === packet.messageId && !isOver)
      if (said === undefined) throw new Error(`${packet.cmd} of nothing`)
      const isGood = (packet.reasonCode ?? 0) < 0x80
      const { ends } = said
      if (this.#version === 5 && isGood) expect(ends).toContain('delivered')
      // What will never be passed on is acknowledged to MQTT 3 as well.
      else if (this.#version !== 5) {
        const isTrue = ends.includes('delivered') || ends.includes('refused') || said.isPress
        expect([isTrue, ends]).toEqual([true, ends])
      }
      if (packet.cmd === 'pubrec' && isGood) said.isReceived = true
      else said.isOver = true
    } else if (packet.cmd === 'pubcomp') {
      const said = this.#said.findLast(({ id, isOver }) => id === packet.messageId && !isOver)
      if (said !== undefined) said.isOver = true
    }
  }

  #published(packet: Extract<Packet, { cmd: 'publish' }>): void {
    const text = packet.payload.toString()
    const due = this.#due.find((one) => one.text === text)
    if (due === undefined) throw new Error(`${packet.topic} ${text}: not for it, or of a session before`)
    expect([text, packet.qos]).toEqual([text, due.qos])
    // A signal of the moment is told on the line of that moment or never.
    if (due.qos === 0 || due.later === 'never') expect([text, due.line]).toEqual([text, this.#line])
    if (due.isHeard && !packet.dup) throw new Error(`${text} came twice as a new one`)
    if (due.isAcknowledged) throw new Error(`${text} came again after its acknowledgement`)
    const later = this.#due.slice(this.#due.indexOf(due) + 1)
    if (
      !due.isHeard &&
      later.some(({ isHeard, topic, qos }) => isHeard && topic === due.topic && qos === due.qos)
    )
      throw new Error(`${text} came after a later one`)
    due.isHeard = true
    if (packet.qos === 0) return
    const id = packet.messageId ?? 0
    if (this.#unanswered.has(id)) throw new Error(`identifier ${id} means two`)
    this.#unanswered.set(id, text)
    if (this.#unanswered.size > this.#window)
      throw new Error(`${this.#unanswered.size} at once, where ${this.#window} are taken [MQTT-3.3.4-9]`)
  }

  #acknowledge(which: number): void {
    const ids = [...this.#unanswered.keys()]
    const id = ids[which % ids.length]
    if (id === undefined || this.#client === undefined) return
    const due = this.#due.find(({ text }) => text === this.#unanswered.get(id))
    if (due !== undefined) due.isAcknowledged = true
    this.#unanswered.delete(id)
    this.#client.send({ cmd: 'puback', messageId: id })
  }

  #say(isPress: boolean, qos: QoS, arrives: boolean): void {
    if (this.#client === undefined) return
    this.#number += 1
    // The lowest one that is free, as most clients do.
    const used = new Set(this.#said.flatMap((said) => (said.isOver ? [] : [said.id])))
    let id = 1
    while (used.has(id)) id += 1
    const topic = `owlcms/${isPress ? 'refbox/decision' : 'new'}/P${this.#number}`
    const one = { topic, payload: isPress ? '1 good' : 'x', qos, id, isPress }
    const said: Said = { ...one, isOver: qos === 0, isReceived: false, line: this.#line, times: 0, ends: [] }
    this.#said.push(said)
    if (arrives) this.#send(said, false)
    else this.#gone(() => this.#client?.drop())
  }

  /** As a client does on a new connection, for what has no answer [MQTT-4.4.0-1]. */
  #sayAgain(which: number): void {
    const open = this.#said.filter(
      ({ isOver, isReceived, line }) => !isOver && !isReceived && line !== this.#line,
    )
    const said = open[which % open.length]
    if (said === undefined || this.#client === undefined) return
    said.line = this.#line
    this.#send(said, true)
  }

  #send(said: Said, dup: boolean): void {
    const before = this.stage.upstream.sent.length
    const { topic, payload, qos, id } = said
    const packet = { cmd: 'publish', topic, payload, qos, dup, retain: false } as const
    this.#client?.send(qos === 0 ? packet : { ...packet, messageId: id })
    const passedOn = this.stage.upstream.sent.slice(before).filter((sent) => sent.publication.topic === topic)
    const isThere = said.times > said.ends.length || said.ends.includes('delivered')
    const mayGo = dup && (said.isPress || (qos === 2 && isThere)) ? 0 : 1
    if (passedOn.length > mayGo) throw new Error(`${topic} went up ${said.times} times before`)
    said.times += passedOn.length
  }

  #release(which: number): void {
    const open = this.#said.filter(({ isOver, isReceived }) => !isOver && isReceived)
    const said = open[which % open.length]
    if (said !== undefined) this.#client?.send({ cmd: 'pubrel', messageId: said.id })
  }

  #settle(which: number, outcome: PublishOutcome): void {
    const { sent } = this.stage.upstream
    const [one] = sent.splice(which % Math.max(1, sent.length), 1)
    if (one === undefined) return
    this.#saidAs(one.publication.topic)?.ends.push(outcome.kind)
    one.settled(outcome)
  }

  #saidAs(topic: string): Said | undefined {
    return this.#said.find((said) => said.topic === topic)
  }

  #closedByBridge(): void {
    if (this.#client?.closed === undefined) return
    throw new Error(`ended: ${this.#client.closed.reason}`)
  }
}

const which = fc.nat(20)
const qos = fc.constantFrom<QoS>(0, 1, 2)
/** The same, as often as `weight` says beside the others. */
const often = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary })
const only = <Word extends string>(word: Word) => fc.constant(word)
const step: fc.Arbitrary<Step> = fc.oneof(
  often(
    4,
    fc.record({
      do: only('connect'),
      clean: fc.constantFrom(false, false, true),
      receiveMaximum: fc.integer({ min: 1, max: 8 }),
    }),
  ),
  often(2, fc.record({ do: fc.constantFrom('breaks', 'leaves') })),
  often(6, fc.record({ do: only('reads') })),
  often(4, fc.record({ do: fc.constantFrom('linkUp', 'linkUp', 'linkUp', 'linkDown') })),
  often(3, fc.record({ do: only('subscribes'), filter: fc.constantFrom(...filters), qos })),
  often(1, fc.record({ do: only('unsubscribes'), filter: fc.constantFrom(...filters) })),
  often(
    8,
    fc.record({ do: only('owlcms'), topic: fc.constantFrom(...topics), qos: fc.constantFrom<0 | 1>(0, 1) }),
  ),
  often(4, fc.record({ do: only('acknowledges'), which })),
  often(
    6,
    fc.record({
      do: only('says'),
      what: fc.constantFrom('press', 'other'),
      qos,
      arrives: fc.constantFrom(true, true, true, false),
    }),
  ),
  often(6, fc.record({ do: fc.constantFrom('again', 'releases'), which })),
  often(6, fc.record({ do: only('broker'), which, outcome: fc.constantFrom(...outcomes) })),
  often(1, fc.record({ do: only('waits'), ms: fc.constantFrom(10, 250_000, 400_000) })),
)

it.each<Version>([3, 4, 5])(
  'a session of MQTT level %i that is kept: each publication once, in order and in time, and no acknowledgement that is untrue (property)',
  (version) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const hall = new Hall(version)
        for (const each of steps) hall.step(each)
        hall.end()
      }),
      {
        numRuns: 60,
        examples: [
          // Came back with a smaller window than what it had left unacknowledged, and once more before it had it all.
          [
            [
              { do: 'connect', clean: false, receiveMaximum: 5 },
              { do: 'subscribes', filter: '#', qos: 1 },
              ...Array.from({ length: 4 }, () => ({ do: 'owlcms', topic: 'owlcms/new/A', qos: 1 }) as const),
              { do: 'connect', clean: false, receiveMaximum: 1 },
              { do: 'acknowledges', which: 0 },
            ],
          ],
        ],
      },
    )
  },
)
