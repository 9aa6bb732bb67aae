import mqtt, { type MqttClient } from 'mqtt'
import { startBridge, type Bridge } from '../../src/bridge.ts'
import { loadConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/support/clock.ts'
import { recordingLog } from './silent-log.ts'

export interface TestBridge extends Bridge {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Every log line at debug level, as written. */
  readonly logLines: readonly string[]
}

/** A whole bridge in this process, on a free port, with the settings given as environment variables. */
export async function startTestBridge(settings: Readonly<Record<string, string>>): Promise<TestBridge> {
  const loaded = loadConfig(
    { PORT: '0', HOST: '127.0.0.1', BRIDGE_LOG_LEVEL: 'debug', BRIDGE_FLUSH_WINDOW_MS: '0', ...settings },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error(JSON.stringify(loaded.faults))
  const { log, lines } = recordingLog()
  const bridge = await startBridge(loaded.config, {
    clock: systemClock,
    random: Math.random,
    log,
    version: '0.0.0-test',
    pageScripts: new Map(),
  })
  return {
    url: `http://127.0.0.1:${bridge.port}`,
    logLines: lines,
    port: bridge.port,
    venuePort: bridge.venuePort,
    get ready() {
      return bridge.ready
    },
    issue: (...wish) => bridge.issue(...wish),
    stop: () => bridge.stop(),
  }
}

export interface Device {
  readonly client: MqttClient
  /** `topic payload` of everything received. */
  readonly heard: string[]
  /** Publishes at QoS 1; resolves with the broker's answer, rejects when refused. */
  press(topic: string, payload: string): Promise<void>
  stop(): Promise<void>
}

/** A device as real ones are: an unmodified MQTT.js client. Resolves when connected and subscribed. */
export async function connectDevice(
  url: string,
  options: {
    readonly username: string
    readonly password: string
    readonly subscribe?: string
    readonly protocolVersion?: 4 | 5
    readonly ca?: string
    readonly clientId?: string
  },
): Promise<Device> {
  const { subscribe, ...connect } = options
  const client = await mqtt.connectAsync(url, { ...connect, queueQoSZero: false }, false)
  const heard: string[] = []
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`))
  client.on('error', () => undefined)
  if (subscribe !== undefined) await client.subscribeAsync(subscribe, { qos: 1 })
  return {
    client,
    heard,
    press: async (topic, payload) => {
      await client.publishAsync(topic, payload, { qos: 1 })
    },
    stop: () => client.endAsync(true),
  }
}
