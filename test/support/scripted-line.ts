import { createRequire } from 'node:module'
import { Duplex } from 'node:stream'
import type * as Mqtt from 'mqtt'
import { tcpFraming } from '../../src/downstream/transport/tcp-listener.ts'
import type { Transport, TransportEvents } from '../../src/downstream/transport/transport.ts'
import type { PublishOutcome, UpstreamLink } from '../../src/hub/upstream-link.ts'
import type { ClientLimits } from '../../src/support/limits.ts'
import { stageAbove } from '../rules/stage.ts'
import { FakeClock } from './fake-clock.ts'
import { line } from './fake-upstream.ts'

/** What happens when, on the test's clock. Between two events real programs (MQTT.js) get their turns. */
export class Script {
  readonly clock = new FakeClock()
  #events: { readonly at: number; readonly order: number; readonly happen: () => void }[] = []
  #order = 0

  after(ms: number, happen: () => void): void {
    this.#events.push({ at: this.clock.now() + ms, order: (this.#order += 1), happen })
  }

  /** Plays everything that is due within the next `ms`. */
  async play(ms: number): Promise<void> {
    const until = this.clock.now() + ms
    for (;;) {
      await turns()
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order)
      const next = this.#events[0]
      if (next === undefined || next.at > until) break
      this.#events.shift()
      this.clock.advance(next.at - this.clock.now())
      next.happen()
      this.clock.finishTurn()
    }
    this.clock.advance(until - this.clock.now())
    await turns()
  }
}

/** Lets everything that waits for no timer happen. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A bridge without sockets, above a link that answers after `answerMs` with what the test says. */
export class ScriptedBridge {
  readonly stage: ReturnType<typeof stageAbove>
  /** `topic payload` of what the broker got. */
  readonly arrived: string[] = []
  outcome: PublishOutcome = { kind: 'delivered' }

  constructor(script: Script, answerMs: number, limits: Partial<ClientLimits> = {}) {
    const publish: UpstreamLink['publish'] = (publication, settled) => {
      const { outcome } = this
      if (!link.ready) {
        settled({ kind: 'offline' })
        return
      }
      if (outcome.kind === 'delivered') this.arrived.push(line(publication))
      script.after(answerMs, () => settled(outcome))
    }
    const link = { ready: true, room: true, publish }
    this.stage = stageAbove(link, script.clock, limits)
  }
}

/** Milliseconds that the next piece needs, in each direction. */
export interface Delays {
  readonly toBridge: () => number
  readonly toClient: () => number
}

/** One connection between a program and a bridge; what was sent first arrives first, however long that one takes. */
export class ScriptedLine {
  readonly client: Duplex
  readonly #script: Script
  readonly #delays: Delays
  #events: TransportEvents | undefined
  #broken = false
  #free = { toBridge: 0, toClient: 0 }

  constructor(script: Script, bridge: ScriptedBridge, delays: Delays) {
    this.#script = script
    this.#delays = delays
    this.client = new Duplex({
      read: () => undefined,
      // MQTT.js corks its packets, so that each comes in one piece.
      writev: (chunks, done) => {
        const bytes = Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer))
        this.#carry('toBridge', () => this.#events?.bytes(bytes))
        done()
      },
      destroy: (error, done) => {
        this.break()
        done(error)
      },
    })
    this.client.on('error', () => undefined)
    bridge.stage.gateway.accept(this.#transport())
  }

  /** The line breaks: what is under way is lost, and both ends notice. */
  break(): void {
    if (this.#broken) return
    this.#broken = true
    const events = this.#events
    this.#events = undefined
    events?.closed()
    this.client.destroy()
  }

  #carry(direction: 'toBridge' | 'toClient', arrive: () => void): void {
    const now = this.#script.clock.now()
    const at = Math.max(this.#free[direction], now + this.#delays[direction]())
    this.#free[direction] = at
    this.#script.after(at - now, () => {
      if (!this.#broken) arrive()
    })
  }

  #transport(): Transport {
    const end = (): void => this.#carry('toClient', () => this.break())
    return {
      ...{ framing: tcpFraming, remoteAddress: '192.0.2.1', bufferedBytes: 0 },
      open: (events) => (this.#events = events),
      write: (frames) => {
        const bytes = Buffer.from(frames)
        this.#carry('toClient', () => this.client.push(bytes))
      },
      close: end,
      stopReading: () => undefined,
      destroy: end,
    }
  }
}

export type MqttJs = 4 | 5

type ClientClass = new (build: () => Duplex, options: Mqtt.IClientOptions) => Mqtt.MqttClient

/** The real MQTT.js of this major version, on lines that `connect` makes, one for each attempt, a real millisecond apart. */
export function mqttJs(
  major: MqttJs,
  connect: () => ScriptedLine,
  options: Mqtt.IClientOptions,
): Mqtt.MqttClient {
  const load = createRequire(import.meta.url)
  const { MqttClient } = load(major === 4 ? 'mqtt4' : 'mqtt') as { readonly MqttClient: ClientClass }
  const client = new MqttClient(() => connect().client, {
    ...{ username: 'hall', password: 'secret', clientId: 'box', keepalive: 0, reconnectPeriod: 1 },
    ...{ protocolId: 'MQTT', protocolVersion: 4, clean: true, resubscribe: true, connectTimeout: 600_000 },
    ...options,
  })
  client.on('error', () => undefined)
  return client
}
