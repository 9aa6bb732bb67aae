import mqtt, { type MqttClient } from 'mqtt'
import { WebSocket } from 'ws'
import type { PressState } from '../../src/console/stream/presses.ts'
import type { ErrorReason, ServerMessage } from '../../src/protocol/contract/stream-message.ts'
import { retryHintMs } from '../../src/protocol/contract/close-codes.ts'

/** One press of a device, on a platform of its own, so that it can be told from all others. */
export interface TestPress {
  readonly topic: string
  /** Which connection of the device was up when it was made; 0: none. */
  readonly connection: number
  /** On which connection it was acknowledged. */
  ackedOn?: number
}

/** A device as real ones are: MQTT.js with its own defaults, which keep presses and send them again. */
export class StubbornDevice {
  readonly presses: TestPress[] = []
  readonly client: MqttClient
  /** Grows with each connection; `connected` is false between two of them. */
  connection = 0
  readonly #name: string

  constructor(port: number, name: string, login: { readonly username: string; readonly password: string }) {
    this.#name = name
    const protocolVersion = this.#name.endsWith('5') ? 5 : 4
    this.client = mqtt.connect(`ws://127.0.0.1:${port}/mqtt`, { ...login, clientId: name, protocolVersion })
    // `connect` comes only after MQTT.js has sent its stored presses again.
    this.client.on('packetreceive', ({ cmd }) => {
      if (cmd === 'connack') this.connection += 1
    })
    this.client.on('error', () => undefined)
  }

  press(): void {
    const { connected } = this.client
    const press: TestPress = {
      topic: `owlcms/refbox/decision/${this.#name} ${this.presses.length}`,
      connection: connected ? this.connection : 0,
    }
    this.presses.push(press)
    this.client.publish(press.topic, '1 good', { qos: 1 }, (error?: Error | null) => {
      if (error === undefined || error === null) press.ackedOn = this.connection
    })
  }

  async stop(): Promise<void> {
    await this.client.endAsync(true)
  }
}

/** A screen on `/ws` that comes back when it is told to, and after half a second when nobody listens. */
export class Screen {
  readonly messages: Record<string, unknown>[] = []
  /** What each connection ended with. */
  readonly ends: { readonly code: number; readonly reason: string; readonly hintMs: number | undefined }[] =
    []
  /** How often it was told hello, and so was really in. */
  greeted = 0
  readonly #port: number
  #socket: WebSocket | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(port: number) {
    this.#port = port
    this.#connect()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#socket?.terminate()
  }

  #connect(): void {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/ws`)
    this.#socket = socket
    let open = false
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Record<string, unknown>
      if (message['type'] === 'hello') {
        open = true
        socket.send(JSON.stringify({ type: 'start', schema: 1 }))
      }
      if (message['type'] === 'started') this.greeted += 1
      this.messages.push(message)
    })
    socket.on('close', (code, reasonBytes) => {
      const reason = reasonBytes.toString()
      const hintMs = retryHintMs(reason)
      if (open) this.ends.push({ code, reason, hintMs })
      if (!this.#stopped) this.#timer = setTimeout(() => this.#connect(), hintMs ?? 500)
    })
  }
}

/** A press of one official, and what became of it, as the keypad was told. */
export interface MadePress {
  readonly value: string
  readonly at: number
  /** The lift that was on, where it counts. */
  readonly lift?: number
  ends: Exclude<PressState['kind'], 'refused'> | ErrorReason
}

/** It came to the broker. */
export type ArrivedPress = Pick<MadePress, 'value' | 'at' | 'lift'>

/** The bridge's word on a press. */
export function hearPress(made: MadePress, message: ServerMessage): void {
  if (message.type === 'ack') made.ends = message.outcome === 'drill' ? 'drill' : 'acked'
  else if (message.type === 'receipt') made.ends = message.outcome
  else if (message.type === 'error') made.ends = message.reason
}

const reached: readonly string[] = ['acked', 'taken', 'notTaken', 'delivered']
/** Nobody told what became of it. */
const untold: readonly string[] = ['sending', 'lost']

/**
 * What of the arrivals the presses of one official don't explain, each by one press of its value and lift and at most so old, in their
 * order. Presses of which the keypad was told that they arrived must have, those of which nobody told may have, and no others.
 */
export function unexplained(
  made: readonly MadePress[],
  arrived: readonly ArrivedPress[],
  maxAgeMs: number,
): string | undefined {
  /** Ways to explain the first so many arrivals by the presses looked at so far. */
  let possible = new Set([0])
  for (const { value, at, ends, lift } of made) {
    const next = new Set<number>()
    for (const count of possible) {
      const one = arrived[count]
      const fits =
        one?.value === value && (one.lift ?? lift) === lift && one.at >= at && one.at - at <= maxAgeMs
      if (fits && (untold.includes(ends) || reached.includes(ends))) next.add(count + 1)
      if (!reached.includes(ends)) next.add(count)
    }
    const most = Math.max(...possible)
    if (next.size === 0) return `${value} (${ends}) at ${at} in lift ${lift}, after ${most} arrivals`
    possible = next
  }
  if (possible.has(arrived.length)) return undefined
  const most = Math.max(...possible)
  return `arrival ${most} of ${arrived.length}: ${JSON.stringify(arrived[most])}`
}
