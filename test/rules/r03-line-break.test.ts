import type { IClientPublishOptions, MqttClient } from 'mqtt'
import { describe, expect, it } from 'vitest'
import type { PressOutcome } from '../../src/hub/hub.ts'
import type { ClientLimits } from '../../src/support/limits.ts'
import { publication } from '../support/fake-upstream.ts'
import { mqttJs, Script, ScriptedBridge, ScriptedLine, type MqttJs } from '../support/scripted-line.ts'

const oneWayMs = 40
const answerMs = 30
const decision = 'owlcms/refbox/decision/A'

interface Case {
  /** Makes the bridge refuse what is said next. */
  readonly before?: (hall: Hall) => Promise<void> | void
  readonly says: readonly [topic: string, payload: string, options?: IClientPublishOptions]
  /** All is well again before the line breaks; without it only when the client is back. */
  readonly after?: (hall: Hall) => void
  /** Whether an MQTT 3 client gets its acknowledgement on the same connection. */
  readonly acknowledged: boolean
  readonly limits?: Partial<ClientLimits>
}

const outage = { before: ({ bridge }: Hall) => bridge.stage.link(false), acknowledged: false } as const
const lost = {
  before: ({ bridge }: Hall) => void (bridge.outcome = { kind: 'lost' }),
  acknowledged: false,
} as const
const upAgain = { after: ({ bridge }: Hall) => bridge.stage.link(true) } as const

/** Every way in which a message can end but `delivered`; those of the link also when it is still down at the reconnect. */
const cases: Readonly<Record<Exclude<PressOutcome['kind'], 'delivered' | 'drill'>, readonly Case[]>> = {
  offline: [
    { ...outage, ...upAgain, says: [decision, '1 bad'] },
    { ...outage, says: [decision, '1 bad'] },
    { ...outage, ...upAgain, says: ['owlcms/test/A', 'on'] },
    { ...outage, says: ['owlcms/test/A', 'on'] },
    { ...outage, says: ['owlcms/config', 'x'] },
  ],
  lost: [
    { ...lost, says: [decision, '1 bad'] },
    { ...lost, says: ['owlcms/test/A', 'on'] },
    {
      ...lost,
      after: ({ bridge }) => void (bridge.outcome = { kind: 'delivered' }),
      says: ['owlcms/test/A', 'on'],
    },
  ],
  refused: [
    {
      before: ({ bridge }) => void (bridge.outcome = { kind: 'refused', reasonCode: 0x87 }),
      says: ['owlcms/new/A', 'on'],
      acknowledged: true,
    },
  ],
  denied: [
    { says: ['node-red/status', 'online', { retain: true }], acknowledged: true },
    { says: ['tele/tasmota/LWT', 'Online', { retain: true }], acknowledged: true },
    { says: ['owlcms/fop/down/A', ''], acknowledged: true },
    { says: ['owlcms/refbox/decision/A\u0001', '1 bad'], acknowledged: true },
  ],
  invalid: [{ says: [decision, '1 maybe'], acknowledged: true }],
  deaf: [
    {
      before: (hall) => hall.hear('owlcms/fop/startup/A', 'on'),
      says: [decision, '1 bad'],
      acknowledged: true,
    },
  ],
  tooLate: [
    {
      before: async (hall) => {
        hall.hear('owlcms/fop/start/A', '{} 60000')
        for (const referee of [1, 2, 3]) hall.hear('owlcms/fop/decision/A', `${referee} good`)
        hall.hear('owlcms/fop/down/A')
        await hall.script.play(3_000)
        hall.hear('owlcms/fop/refereesDecision/A', 'good')
      },
      says: [decision, '1 bad'],
      after: (hall) => hall.hear('owlcms/fop/startLifting/A'),
      acknowledged: true,
    },
  ],
  redelivered: [{ says: [decision, '1 bad', { dup: true }], acknowledged: true }],
  held: [
    {
      // The line has broken a moment ago.
      before: async (hall) => {
        await hall.breakLine()
        await hall.script.play(4 * oneWayMs)
      },
      says: [decision, '1 bad'],
      acknowledged: true,
    },
  ],
  tooFast: [
    { says: [decision, '1 bad'], acknowledged: true, limits: { messageBurst: 1, messagesPerSecond: 1 } },
  ],
}

/** A client of the real MQTT.js with a subscription and a will, on a line that can break. */
class Hall {
  readonly script = new Script()
  readonly bridge: ScriptedBridge
  readonly client: MqttClient
  readonly heard: string[] = []
  #lines: ScriptedLine[] = []

  constructor(library: MqttJs, clean: boolean, limits: Partial<ClientLimits> = {}, brokerMs = answerMs) {
    this.bridge = new ScriptedBridge(this.script, brokerMs, limits)
    const delays = { toBridge: () => oneWayMs, toClient: () => oneWayMs }
    const connect = (): ScriptedLine => {
      const line = new ScriptedLine(this.script, this.bridge, delays)
      this.#lines.push(line)
      return line
    }
    const will = { topic: 'node-red/status', payload: Buffer.from('offline'), qos: 1, retain: true } as const
    this.client = mqttJs(library, connect, { clean, will })
    this.client.on('connect', () => this.client.subscribe('owlcms/fop/#', { qos: 1 }))
    this.client.on('message', (topic, payload) => this.heard.push(`${topic} ${payload.toString()}`))
  }

  async breakLine(): Promise<void> {
    const before = this.#lines.length
    this.#lines.at(-1)?.break()
    while (this.#lines.length === before) await new Promise((resolve) => setImmediate(resolve))
  }

  /** owlcms says something. */
  hear(topic: string, payload = ''): void {
    this.bridge.stage.hub.receive(publication(topic, payload))
  }

  /** A press, and what owlcms says to it: which of both got through. */
  async talk(name: string): Promise<{ readonly heard: boolean; readonly pressed: boolean }> {
    const press = `owlcms/refbox/decision/${name}`
    this.client.publish(press, '1 good', { qos: 1 })
    this.hear(`owlcms/fop/decision/${name}`, '1 good')
    await this.script.play(1_000)
    return {
      heard: this.heard.includes(`owlcms/fop/decision/${name} 1 good`),
      pressed: this.bridge.arrived.includes(`${press} 1 good`),
    }
  }

  stop(): void {
    this.client.end(true)
    for (const line of this.#lines) line.break()
  }
}

const table = Object.entries(cases).flatMap(([outcome, ways]) =>
  ways.flatMap((way) =>
    ([1, 2] as const).flatMap((qos) =>
      [true, false].flatMap((clean) =>
        ([4, 5] as const).map((library) => ({
          ...{ outcome, way, qos, clean, library },
          said:
            `${way.says[0]} ${way.says[1]}` + (way.acknowledged || way.after ? '' : ', link still broken'),
          session: clean ? 'a clean session' : 'a kept session',
        })),
      ),
    ),
  ),
)

describe('an MQTT 3.1.1 client whose line breaks after a message that did not get through (R3)', () => {
  it.each(table)(
    '$outcome: $said at QoS $qos, with $session on MQTT.js $library: it is neither deaf nor mute',
    async ({ outcome, way, qos, clean, library }) => {
      const hall = new Hall(library, clean, way.limits)
      try {
        await hall.script.play(20_000)
        await way.before?.(hall)
        const [topic, payload, options = {}] = way.says
        let acknowledged = false
        const say = (): void => {
          hall.client.publish(topic, payload, { ...options, qos }, (error) => (acknowledged ||= !error))
        }
        say()
        // The burst is one: the second is too fast.
        if (way.limits !== undefined) say()
        await hall.script.play(10_000)
        expect(hall.bridge.stage.logLines.join('\n')).toContain(`"outcome":"${outcome}"`)
        expect(acknowledged).toBe(way.acknowledged)
        const inTime = hall.bridge.arrived.length
        const late = (): readonly string[] =>
          hall.bridge.arrived.slice(inTime).filter((line) => line.startsWith(`${decision} `))
        for (const name of ['once', 'twice']) {
          way.after?.(hall)
          await hall.breakLine()
          await hall.script.play(10_000)
          hall.bridge.stage.link(true)
          hall.bridge.outcome = { kind: 'delivered' }
          await hall.script.play(1_000)
          expect(await hall.talk(name)).toEqual({ heard: true, pressed: true })
        }
        expect(late()).toEqual([])
      } finally {
        hall.stop()
      }
    },
  )
})

describe('an MQTT 3.1.1 client whose line breaks before the broker has answered (R3)', () => {
  it.each(
    [decision, 'owlcms/test/A'].flatMap((topic) =>
      ([1, 2] as const).flatMap((qos) =>
        [true, false].flatMap((clean) =>
          ([4, 5] as const).map((library) => ({ topic, qos, clean, library })),
        ),
      ),
    ),
  )(
    '$topic at QoS $qos, clean session $clean, on MQTT.js $library: it is neither deaf nor mute once the broker has',
    async ({ topic, qos, clean, library }) => {
      const hall = new Hall(library, clean, {}, 9_000)
      try {
        await hall.script.play(20_000)
        hall.client.publish(topic, '1 good', { qos })
        await hall.script.play(1_000)
        await hall.breakLine()
        await hall.script.play(25_000)
        expect(await hall.talk('again')).toEqual({ heard: true, pressed: true })
        // A press is passed on once; what is none may be repeated at QoS 1, and at QoS 2 in a new session.
        const passedOn = hall.bridge.arrived.filter((line) => line.startsWith(`${topic} `))
        expect(passedOn).toHaveLength(topic === decision || (qos === 2 && !clean) ? 1 : 2)
      } finally {
        hall.stop()
      }
    },
  )
})
