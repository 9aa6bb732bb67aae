import mqtt from 'mqtt'
import { startBridge, type Bridge } from '../../src/bridge/bridge.ts'
import type { BridgeDependencies } from '../../src/bridge/dependencies.ts'
import { loadConfig } from '../../src/config/config.ts'
import { runDemo, type Demo } from '../../src/demo/demo.ts'
import type { FrontDoor } from '../../src/http/door/front-door.ts'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import type { ProcessUsage } from '../../src/metrics/runtime-metrics.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { systemClock } from '../../src/support/clock.ts'
import type { Limits } from '../../src/support/limits.ts'
import type { TestCertificates } from './certificates.ts'
import { until } from './eventually.ts'
import { later } from './later.ts'
import { recordingLog, silentLog } from './silent-log.ts'
import { startTestBroker, type TestBroker } from './tls-broker.ts'

export interface TestBridge extends Bridge {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Every log line at debug level, as written. */
  readonly logLines: readonly string[]
}

/** What the test's own process costs. */
export function testUsage(): ProcessUsage {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return {
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    cpuSeconds: (user + system) / 1e6,
    startedAtSeconds: performance.timeOrigin / 1000,
  }
}

/** What a test may put in place of the usual parts. */
export interface TestBridgeParts
  extends
    Partial<Pick<BridgeDependencies, 'random'>>,
    Pick<BridgeDependencies, 'deriveKey' | 'demoPlatform'> {
  readonly pageFiles?: PageFiles
  readonly door?: FrontDoor
  readonly limits?: Partial<Limits>
}

/** A whole bridge in this process, on a free port, with the settings given as environment variables. */
export async function startTestBridge(
  settings: Readonly<Record<string, string>>,
  { pageFiles = new Map(), door, limits, ...more }: TestBridgeParts = {},
): Promise<TestBridge> {
  const loaded = loadConfig({ PORT: '0', HOST: '127.0.0.1', BRIDGE_LOG_LEVEL: 'debug', ...settings }, [])
  if (loaded.kind === 'faulty') throw new Error(JSON.stringify(loaded.faults))
  const { log, lines } = recordingLog()
  const dependencies = { clock: systemClock, random: Math.random, log, version: '0.0.0-test' }
  const bridge = await startBridge(
    loaded.config,
    // Presses of a device that has just connected count, unless a test is about that.
    { ...dependencies, ...more, pageFiles, usage: testUsage, limits: { flushWindowMs: 0, ...limits } },
    door,
  )
  return Object.assign(bridge, { url: `http://127.0.0.1:${bridge.port}`, logLines: lines })
}

/** Of the broker in {@link startTestHall}. */
export const hallLogin = { username: 'hall', password: 'secret' } as const

/** A broker, with TLS where there are certificates, and a bridge that is connected to it; both go with the test. */
export async function startTestHall(
  certificates: TestCertificates | undefined,
  settings: Readonly<Record<string, string>> = {},
  parts: TestBridgeParts = {},
): Promise<{ readonly broker: TestBroker; readonly bridge: TestBridge }> {
  const tls = certificates && ({ transport: 'tls', certificate: certificates.valid } as const)
  const broker = later(await startTestBroker({ ...(tls ?? { transport: 'tcp' }), ...hallLogin }))
  const scheme = certificates === undefined ? 'mqtt' : 'mqtts'
  const given = {
    OWLCMS_MQTTSERVER: `${scheme}://localhost:${broker.port}`,
    OWLCMS_MQTTUSERNAME: hallLogin.username,
    OWLCMS_MQTTPASSWORD: hallLogin.password,
    ...(certificates && { BRIDGE_MQTT_CA: certificates.ca }),
    ...settings,
  }
  const bridge = later(await startTestBridge(given, parts))
  await until(() => bridge.ready)
  return { broker, bridge }
}

export type Device = Awaited<ReturnType<typeof connectDevice>>

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
) {
  const { subscribe, ...connect } = options
  const client = await mqtt.connectAsync(url, { ...connect, queueQoSZero: false }, false)
  const heard: string[] = []
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`))
  client.on('error', () => undefined)
  if (subscribe !== undefined) await client.subscribeAsync(subscribe, { qos: 1 })
  return {
    client,
    /** `topic payload` of everything received. */
    heard,
    /** Publishes at QoS 1; resolves with the broker's answer, rejects when refused. */
    press: async (topic: string, payload: string) => {
      await client.publishAsync(topic, payload, { qos: 1 })
    },
    stop: () => client.endAsync(true),
  }
}

/** The demo as `npm run demo` starts it, on free ports. */
export function startTestDemo(pageFiles: PageFiles): Promise<Demo> {
  return runDemo({
    // Nobody takes longer than he must.
    random: () => 0,
    clock: systemClock,
    log: silentLog,
    startBridge: async ({ username, password, demoPlatform }) => {
      const own = { BRIDGE_BROKER: 'own', BRIDGE_BROKER_PORT: '0' }
      const login = { OWLCMS_MQTTUSERNAME: username, OWLCMS_MQTTPASSWORD: password }
      const parts = { pageFiles, demoPlatform: demoPlatform as Platform }
      const bridge = await startTestBridge({ ...own, ...login }, parts)
      return { port: bridge.port, owlcmsPort: bridge.owlcmsPort!, stop: () => bridge.stop() }
    },
  })
}
