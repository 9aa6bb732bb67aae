import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { WebSocket } from 'ws'
import type { Seat } from '../../src/protocol/contract/seat.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { pause } from './fleet.ts'

/** Where everybody meets. */
export interface Venue {
  readonly bridgePort: number
  /** Of plain MQTT. */
  readonly hallPort: number
  readonly brokerPort: number
  /** The broker's own. */
  readonly username: string
  readonly password: string
  readonly tokenOf: (seat: Seat) => Promise<string>
}

/** What the officials saw, in milliseconds. */
export interface Figures {
  /** From a press to the bridge's answer that the broker has it. */
  readonly answers: number[]
  /** From a press to the words of owlcms that follow it, at another official's box. */
  readonly echoes: number[]
  readonly pings: number[]
  /** Each press that was refused, or of which nothing was heard, and why. */
  readonly refused: string[]
}

/** One message of a recording, `t` in milliseconds. */
interface Line {
  readonly t: number
  readonly topic: string
  readonly payload: string
}

/** Messages of owlcms itself that belong to a platform; the rest but these and questions for its config was pressed. */
const owlcmsSays = /^owlcms\/(fop|decisionRequest|summon|led)\//
const notPlayed = /^owlcms\/(config|fop\/config|bridge\/.*)$/

/** Milliseconds in which owlcms's answer to a press follows it in the recordings. */
const answersWithinMs = 100
/** How often a pause looks whether it is over. */
const lookMs = 100
const patienceMs = 5_000

/** A whole session of the real owlcms, pressed by officials: 17 lifts in 170 s (test/recordings/README.md). */
export function recordedSession(name = 'session-61'): readonly Line[] {
  return readFileSync(resolve(`test/recordings/${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ topic }) => !notPlayed.test(topic))
}

/** Somebody who presses: resolves when it is answered, rejects when it is refused. */
interface Official {
  press(topic: string, payload: string): Promise<unknown>
  close(): void
}

type Name = 'referee1' | 'referee2' | 'referee3' | 'timekeeper' | 'jury'
type Officials = Readonly<Record<Name, Official>>

/**
 * owlcms at the broker, and the officials of a platform at the bridge: two referees and the timekeeper with a seat's link each (two
 * keypads, one box), the third referee and the jury's table with boxes that know the broker's password.
 */
export class PlayedPlatform {
  readonly #name: string
  readonly #owlcms: MqttClient
  readonly #officials: Officials
  readonly #keypads: readonly Keypad[]
  readonly #figures: Figures
  /** Who waits for a message at the broker, and at the jury's table. */
  readonly #atBroker = new Map<string, () => void>()
  readonly #atTable = new Map<string, () => void>()

  static async open(
    name: string,
    venue: Venue,
    owlcms: MqttClient,
    figures: Figures,
  ): Promise<PlayedPlatform> {
    const { bridgePort, username, password, tokenOf } = venue
    const platform = name as Platform
    const gate = `ws://127.0.0.1:${bridgePort}`
    const box = async (who: string, login: string, filter: string): Promise<MqttClient> => {
      const options = { clientId: `${who} ${name}`, username, password: login, protocolVersion: 5 } as const
      const client = await mqtt.connectAsync(`${gate}/mqtt`, options, false)
      await client.subscribeAsync(filter, { qos: 0 })
      return client
    }
    const own = `owlcms/fop/decision/${name}`
    const seat = (number: 1 | 2) => tokenOf({ platform, role: 'referee', number })
    const keypads = [
      await Keypad.open(gate, name, await seat(1)),
      await Keypad.open(gate, name, await tokenOf({ platform, role: 'timekeeper' })),
    ] as const
    const table = await box('jury', password, 'owlcms/#')
    const played = new PlayedPlatform(name, owlcms, figures, keypads, {
      referee1: keypads[0],
      timekeeper: keypads[1],
      referee2: asOfficial(await box('referee 2', await seat(2), own)),
      referee3: asOfficial(await box('referee 3', password, own)),
      jury: asOfficial(table),
    })
    table.on('message', (topic, payload) => heard(played.#atTable, topic, payload))
    owlcms.on('message', (topic, payload) => heard(played.#atBroker, topic, payload))
    return played
  }

  private constructor(
    name: string,
    owlcms: MqttClient,
    figures: Figures,
    keypads: readonly Keypad[],
    officials: Officials,
  ) {
    this.#name = name
    this.#owlcms = owlcms
    this.#figures = figures
    this.#keypads = keypads
    this.#officials = officials
  }

  /** Plays the recording again and again, so many times as fast as it was, until it is over. */
  async play(recording: readonly Line[], speed: number, isOver: () => boolean): Promise<void> {
    const lines = recording.map((line) => ({ ...line, topic: onPlatform(line.topic, this.#name) }))
    while (!isOver()) {
      const startedAt = performance.now()
      for (let at = 0; at < lines.length && !isOver(); at += 1) {
        const line = lines[at]!
        const due = startedAt + (line.t - lines[0]!.t) / speed
        while (due > performance.now() && !isOver()) await pause(Math.min(due - performance.now(), lookMs))
        if (owlcmsSays.test(line.topic)) this.#say(line)
        else if (await this.#pressed(line, lines[at + 1])) at += 1
      }
    }
  }

  /** Pings on all keypads, one after another, until it is over. */
  async ping(everyMs: number, isOver: () => boolean): Promise<void> {
    for (let at = 0; !isOver(); at += 1) {
      const took = await this.#keypads[at % this.#keypads.length]!.ping()
      if (took === undefined) this.#figures.refused.push('ping')
      else this.#figures.pings.push(took)
      await pause(everyMs)
    }
  }

  close(): void {
    for (const official of Object.values(this.#officials)) official.close()
  }

  #say({ topic, payload }: Line): void {
    this.#owlcms.publish(topic, payload, { qos: 1 })
  }

  /** Presses, and says what owlcms said to it as soon as it is there. Whether the next line is said with that. */
  async #pressed(line: Line, next: Line | undefined): Promise<boolean> {
    const { answers, echoes, refused } = this.#figures
    const answered = next !== undefined && owlcmsSays.test(next.topic) && next.t - line.t <= answersWithinMs
    const began = performance.now()
    const arrived = within(this.#atBroker, line)
    const echoed = answered ? within(this.#atTable, next) : undefined
    const press = this.#officials[whoPresses(line)].press(line.topic, line.payload).then(
      () => answers.push(performance.now() - began),
      (error: unknown) => refused.push(`${line.topic} ${line.payload}: ${String(error)}`),
    )
    if (await arrived) {
      if (answered) this.#say(next)
    } else refused.push(`${line.topic} ${line.payload}: not at the broker`)
    if ((await echoed) === true) echoes.push(performance.now() - began)
    else if (answered) refused.push(`${line.topic} ${line.payload}: no echo`)
    await press
    return answered
  }
}

/** owlcms: answers who asks for its config, and hears all. */
export async function owlcmsAt(venue: Venue, platforms: readonly string[]): Promise<MqttClient> {
  const { brokerPort, username, password } = venue
  const owlcms = await mqtt.connectAsync(
    `mqtt://127.0.0.1:${brokerPort}`,
    { clientId: 'A_owlcms_played', username, password },
    false,
  )
  owlcms.setMaxListeners(0)
  const config = JSON.stringify({ jurySize: 3, platforms, version: '61.0.0' })
  owlcms.on('message', (topic) => {
    if (topic === 'owlcms/config') owlcms.publish('owlcms/fop/config', config, { qos: 1 })
  })
  await owlcms.subscribeAsync('owlcms/#', { qos: 0 })
  owlcms.publish('owlcms/fop/config', config, { qos: 1 })
  return owlcms
}

function whoPresses({ topic, payload }: Line): Name {
  if (topic.startsWith('owlcms/clock/')) return 'timekeeper'
  const referee = topic.startsWith('owlcms/refbox/decision/') ? payload.split(' ', 1)[0] : undefined
  return referee === '1' ? 'referee1' : referee === '2' ? 'referee2' : referee === '3' ? 'referee3' : 'jury'
}

function asOfficial(client: MqttClient): Official {
  client.on('error', () => undefined)
  return {
    press: (topic, payload) => client.publishAsync(topic, payload, { qos: 1 }),
    close: () => client.end(true),
  }
}

/** A phone: pings and presses on /ws. */
class Keypad implements Official {
  readonly #socket: WebSocket
  readonly #platform: string
  readonly #waiting = new Map<string, (answer: string | undefined) => void>()
  #presses = 0

  static async open(gate: string, platform: string, token: string): Promise<Keypad> {
    const socket = new WebSocket(`${gate}/ws`)
    const keypad = new Keypad(socket, platform)
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'start', schema: 1, token, platforms: [platform] }))
    if ((await keypad.#answer('started')) === undefined) throw new Error('a keypad did not get in')
    return keypad
  }

  private constructor(socket: WebSocket, platform: string) {
    this.#socket = socket
    this.#platform = platform
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const { type, id, text } = JSON.parse(data.toString()) as { type: string; id?: string; text?: string }
      if (type === 'ack' || type === 'error') this.#waiting.get(id ?? '')?.(text ?? '')
      else this.#waiting.get(type)?.('')
    })
  }

  /** Milliseconds to the answer; undefined: none. */
  async ping(): Promise<number | undefined> {
    const began = performance.now()
    const pong = this.#answer('pong')
    this.#socket.send('{"type":"ping"}')
    return (await pong) === undefined ? undefined : performance.now() - began
  }

  async press(topic: string, payload: string): Promise<void> {
    const id = `press ${(this.#presses += 1)}`
    const [referee, value] = payload.split(' ')
    const command = topic.startsWith('owlcms/clock/')
      ? { kind: 'clock', command: payload }
      : { kind: 'refereeDecision', referee: Number(referee), value }
    const answer = this.#answer(id)
    this.#socket.send(JSON.stringify({ type: 'press', id, platform: this.#platform, command }))
    const text = await answer
    if (text !== '') throw new Error(text ?? 'no answer')
  }

  close(): void {
    this.#socket.terminate()
  }

  #answer(to: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(undefined), patienceMs)
      const end = (answer: string | undefined): void => {
        clearTimeout(timer)
        this.#waiting.delete(to)
        resolve(answer)
      }
      this.#waiting.set(to, end)
    })
  }
}

const keyOf = (topic: string, payload: string): string => `${topic} ${payload}`

function heard(waiting: Map<string, () => void>, topic: string, payload: Buffer): void {
  waiting.get(keyOf(topic, payload.toString()))?.()
}

/** Whether the message came in time. */
function within(waiting: Map<string, () => void>, { topic, payload }: Line): Promise<boolean> {
  return new Promise((resolve) => {
    const key = keyOf(topic, payload)
    const end = (came: boolean): void => {
      clearTimeout(timer)
      waiting.delete(key)
      resolve(came)
    }
    const timer = setTimeout(() => end(false), patienceMs)
    waiting.set(key, () => end(true))
  })
}

/** The recordings are of platform A. */
function onPlatform(topic: string, platform: string): string {
  return topic.replace(/\/A(?=\/|$)/, `/${platform}`)
}
