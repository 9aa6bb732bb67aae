import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as Mqtt from 'mqtt'
import type { Requirement } from '../../support/requirements.ts'
import { javaCommand, pahoGo, pahoJava, pahoPython, type Foreign } from './foreign.ts'
import { startLineProcess, Lines } from './lines.ts'

export type Transport = 'tcp' | 'ws' | 'wss'

export interface ClientOptions {
  readonly transport: Transport
  readonly port: number
  readonly clientId: string
  readonly user: string
  readonly password: string
  /** A file with the certificate to trust, for `wss`. */
  readonly caFile: string
  /** Where its presses go. */
  readonly pressTopic: string
}

/**
 * A running client. It subscribes `owlcms/fop/#` at QoS 0 and says, in lines: "connected" each time it is
 * connected and subscribed, "heard TOPIC PAYLOAD", "published" when its QoS 1 publication was acknowledged,
 * "lost CAUSE" when its connection broke. It connects again by itself, as its library or its program does.
 */
export interface Client {
  readonly lines: Lines
  /** Of the library, as it tells itself. */
  readonly version: string
  /** Publishes, at the QoS of its kind: 1 unless said otherwise. */
  press(payload: string): void
  stop(): Promise<void>
}

/** A library or program that officials' devices are built on. */
export interface ClientKind {
  readonly name: string
  readonly needs: readonly Requirement[]
  readonly transports: readonly Transport[]
  /** Starts it and waits until it is connected and subscribed. */
  start(options: ClientOptions): Promise<Client>
}

const everyTransport: readonly Transport[] = ['tcp', 'ws', 'wss']

function serverUri({ transport, port }: ClientOptions): string {
  return `${transport}://127.0.0.1:${port}${transport === 'tcp' ? '' : '/mqtt'}`
}

/** The clients of this suite that are programs of ours around a foreign library (same arguments, same lines). */
function lineClient(name: string, program: Foreign, command: readonly string[]): ClientKind {
  return {
    ...{ name, needs: program.needs, transports: everyTransport },
    start: async (options) => {
      const caFile = options.transport === 'wss' ? options.caFile : '-'
      const { lines, tell, kill } = startLineProcess(
        [...command, serverUri(options), options.clientId, caFile],
        [options.user, options.password],
      )
      await lines.said('connected')
      const version = lines.all.shift()?.replace('version ', '') ?? 'unknown'
      return {
        ...{ lines, version, stop: kill },
        press: (payload) => tell(`publish ${options.pressTopic} ${payload}`),
      }
    },
  }
}

/**
 * MQTT.js runs inside the test. Blue Owl presses at QoS 0 (docs/owlcms.md 3.1). After a reconnect it sends its unacknowledged
 * publications again and holds back everything else, its SUBSCRIBE and its "connect" event too, until each has its PUBACK. A
 * press that the bridge dropped gets none.
 */
function mqttJsClient(name: string, qos: 0 | 1, library: 'mqtt' | 'mqtt4'): ClientKind {
  return {
    ...{ name, needs: [], transports: everyTransport },
    start: async (options) => {
      const { connect, version } = loadMqttJs(library)
      const lines = new Lines()
      const { user: username, password, clientId } = options
      const client = connect(serverUri(options).replace('tcp:', 'mqtt:'), {
        ...{ username, password, clientId, reconnectPeriod: 1_000 },
        ...(options.transport === 'wss' ? { ca: readFileSync(options.caFile) } : {}),
      })
      let connects = 0
      client.on('connect', () => {
        connects += 1
        // Only once, as Blue Owl does: the library subscribes again by itself.
        if (connects > 1) lines.add('connected')
        else client.subscribe('owlcms/fop/#', { qos: 0 }, () => lines.add('connected'))
      })
      client.on('message', (topic, payload) => lines.add(`heard ${topic} ${payload.toString()}`))
      client.on('close', () => lines.add('lost'))
      client.on('error', (error) => lines.add(`failed ${error.message}`))
      await lines.said('connected')
      return {
        ...{ lines, version },
        press: (payload) => {
          client.publish(options.pressTopic, payload, { qos }, () => lines.add('published'))
        },
        stop: () => new Promise<void>((resolve) => client.end(true, {}, () => resolve())),
      }
    },
  }
}

/** Version 4 is the development dependency `mqtt4`, an alias. */
export function loadMqttJs(name: 'mqtt' | 'mqtt4') {
  const load = createRequire(import.meta.url)
  const { version } = load(`${name}/package.json`) as { readonly version: string }
  const library = load(name) as Pick<typeof Mqtt, 'connect'>
  return { version, connect: library.connect.bind(library) }
}

/** Every client library of the suite (issue 3, "Interoperability suite"). */
export const clientKinds: readonly ClientKind[] = [
  lineClient(
    'Paho Java',
    pahoJava,
    javaCommand(pahoJava, 'interop.Client', ['-Xmx64m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']),
  ),
  lineClient('Paho Go', pahoGo, [join(pahoGo.folder, 'client')]),
  lineClient('Paho Python', pahoPython, [
    join(pahoPython.folder, 'venv', 'bin', 'python'),
    join(pahoPython.folder, 'client.py'),
  ]),
  mqttJsClient('MQTT.js 5', 0, 'mqtt'),
  mqttJsClient('MQTT.js 4', 0, 'mqtt4'),
  { ...mqttJsClient('MQTT.js 5 at QoS 1', 1, 'mqtt'), transports: ['ws'] },
  { ...mqttJsClient('MQTT.js 4 at QoS 1', 1, 'mqtt4'), transports: ['ws'] },
]
