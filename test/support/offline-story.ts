import { ScriptedBridge, ScriptedLine, Script, mqttJs, type MqttJs } from './scripted-line.ts'

/** What a client does, and what its line does to it. */
export interface OfflineStory {
  readonly library: MqttJs
  readonly protocolVersion: 4 | 5
  readonly clean: boolean
  /** `onConnect`: as most programs do. `atOnce`: before it is connected. `never`: a button that only sends. */
  readonly subscribes: 'onConnect' | 'atOnce' | 'never'
  /** QoS of each press made without a line; more than there is time to count, if need be. */
  readonly queue: readonly (0 | 1 | 2)[]
  /** Other messages before each press, as sensors and Node-RED send them. */
  readonly others: 0 | 1
  /** Presses at QoS 1 whose answer the broken line swallowed; none when it was never connected. */
  readonly unanswered: number
  /** The bridge has never seen it connected. */
  readonly firstConnection: boolean
  /** Milliseconds one way until CONNACK. */
  readonly beforeMs: number
  /** Milliseconds one way after it. */
  readonly afterMs: number
  /** Milliseconds more for the next packets, in turn. */
  readonly jitterMs: readonly number[]
  /** Which of the packets after CONNACK comes 1 s late, if any. */
  readonly lateAt: number | undefined
  /** Milliseconds that the broker needs for an answer. */
  readonly brokerMs: number
}

export const plainStory: OfflineStory = {
  ...{ library: 5, protocolVersion: 4, clean: true, subscribes: 'onConnect', queue: [0], others: 0 },
  ...{ unanswered: 0, firstConnection: false, beforeMs: 20, afterMs: 20, jitterMs: [0], lateAt: undefined },
  brokerMs: 30,
}

export interface Ending {
  /** Old presses that reached the broker. */
  readonly late: readonly string[]
  /** Milliseconds between the client's `connect` (its queue is sent) and its first press after it that got through. */
  readonly freshAfterMs: number
  readonly heldBack: number
}

const press = (name: string): string => `owlcms/refbox/decision/${name}`

/**
 * Plays it with the real MQTT.js: connected, the line breaks and the bridge is new, the official presses meanwhile,
 * the line is back. Then fresh presses, `freshAt` ms after `connect` each, of the QoS of the last old one.
 */
export async function playOffline(story: OfflineStory, freshAt: readonly number[]): Promise<Ending> {
  const script = new Script()
  let bridge = new ScriptedBridge(script, story.brokerMs)
  const lines: ScriptedLine[] = []
  let connections = 0
  let pieces = 0
  const delayAfter = (): number => {
    const piece = pieces++
    const jitter = story.jitterMs[piece % story.jitterMs.length] ?? 0
    return story.afterMs + jitter + (piece === story.lateAt ? 1_000 : 0)
  }
  const again = (): ScriptedLine => {
    let connack = false
    const toClient = (): number => {
      if (connack) return delayAfter()
      connack = true
      return story.beforeMs
    }
    const toBridge = (): number => (connack ? delayAfter() : story.beforeMs)
    return new ScriptedLine(script, bridge, { toBridge, toClient })
  }
  const first = (): ScriptedLine => {
    if (story.firstConnection) return again()
    return new ScriptedLine(script, bridge, { toBridge: () => 5, toClient: () => 5 })
  }
  const connect = (): ScriptedLine => {
    connections += 1
    const made = connections === 1 ? first() : again()
    lines.push(made)
    return made
  }
  const { library, protocolVersion, clean } = story
  const client = mqttJs(library, connect, { protocolVersion, clean })
  try {
    const subscribe = (): void => {
      client.subscribe('owlcms/fop/#', { qos: 0 })
    }
    if (story.subscribes === 'atOnce') subscribe()
    const queueUp = (): void => {
      story.queue.forEach((qos, at) => {
        if (story.others === 1) client.publish(`owlcms/test/A${at}`, 'on', { qos: 1 })
        client.publish(press(`old-${at}`), '1 bad', { qos })
      })
    }
    if (!story.firstConnection) {
      if (story.subscribes === 'onConnect') client.once('connect', subscribe)
      await script.play(30_000)
      for (let at = 0; at < story.unanswered; at += 1)
        client.publish(press(`old-u${at}`), '1 bad', { qos: 1 })
      bridge = new ScriptedBridge(script, story.brokerMs)
      lines[0]?.break()
      const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)))
      await closed
    } else if (story.subscribes === 'onConnect') client.once('connect', subscribe)
    queueUp()
    // MQTT.js tries again a millisecond later, on its own clock.
    while (connections < (story.firstConnection ? 1 : 2))
      await new Promise((resolve) => setImmediate(resolve))
    let connectedAt = Number.NaN
    const fresh = new Map<string, number>()
    client.once('connect', () => {
      connectedAt = script.clock.now()
      const qos = story.queue.at(-1) ?? 0
      for (const [at, ms] of freshAt.entries()) {
        script.after(ms, () => {
          fresh.set(press(`fresh-${at}`), ms)
          client.publish(press(`fresh-${at}`), '1 good', { qos })
        })
      }
    })
    for (let second = 0; Number.isNaN(connectedAt) && second < 1_000; second += 1) await script.play(1_000)
    await script.play((freshAt.at(-1) ?? 0) + 20_000)
    const through = bridge.arrived.map((each) => fresh.get(each.split(' ')[0] ?? '') ?? Infinity)
    return {
      late: bridge.arrived.filter((each) => each.includes('/old-')),
      freshAfterMs: Math.min(Infinity, ...through),
      heldBack: bridge.hub.counters.heldBack,
    }
  } finally {
    client.end(true)
    for (const each of lines) each.break()
  }
}
