import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildEarlier, type Earlier } from './earlier.ts'
import { pause } from './load/fleet.ts'
import type { Door } from './load/line.ts'
import { benchSecret } from './load/tokens.ts'
import { runs, type Pinning } from './machine.ts'

/** A server under test. */
export interface Server {
  readonly pid: number
  /** Where subscribers connect. */
  readonly door: Door
  /** Where the publisher connects: at the broker behind the bridge, at the others directly. */
  readonly publisherDoor: Door
  /** Where devices without WebSocket connect to a bridge that has such a port. */
  readonly tcpPort?: number
  stop(): Promise<void>
}

/** aedes last: it is the slowest and no bar needs it, should the time run out. */
export const serverNames = [
  'bridge',
  'earlier',
  'hivemq',
  'own',
  'mosquitto',
  'limit',
  'limitCoalesced',
  'plain',
  'aedes',
] as const
export type ServerName = (typeof serverNames)[number]

export const serverLabels: Readonly<Record<ServerName, string>> = {
  bridge: 'owlcms-bridge',
  earlier: 'owlcms-bridge, earlier',
  hivemq: 'owlcms-bridge, HiveMQ CE behind it',
  own: 'owlcms-bridge, its own broker',
  mosquitto: 'Mosquitto (WebSocket)',
  aedes: 'aedes over ws',
  limit: 'limit, write per message',
  limitCoalesced: 'limit, coalesced',
  plain: 'plain bridge: ws and MQTT.js',
}

const root = fileURLToPath(new URL('../../', import.meta.url))
/** The program as it is shipped, where its start or its memory is measured. */
export const shippedProgram = [join(root, 'dist/main.js'), 'start', '--strict']
/** The bridge for a load generator. */
const loadedProgram = join(root, 'artifacts/bench/bridge-program.js')
const children = new Set<ChildProcess>()
const folders = new Set<string>()
// Whatever happens: nothing stays behind.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const bridgeSettings = (port: number): NodeJS.ProcessEnv => ({
  BRIDGE_ALLOW_ANONYMOUS: 'true',
  PORT: String(port),
  HOST: '127.0.0.1',
  BRIDGE_LOG_LEVEL: 'warn',
  BRIDGE_SECRET: benchSecret,
  BRIDGE_VIEWERS: 'open',
})

const startTimeoutMs = 15_000

/** Starts servers, each in a process of its own, on free ports of 127.0.0.1. */
export class Servers {
  readonly #pinning: Pinning
  readonly #profile: boolean
  #upstream: Server | undefined
  #hivemq: Server | undefined
  readonly #earlierCommit: string | undefined
  #earlier: Earlier | undefined

  /**
   * `profile`: the bridge writes CPU profiles to artifacts/profiles when it ends. `earlierCommit`: of the program that is put beside
   * today's.
   */
  constructor(pinning: Pinning, profile: boolean, earlierCommit?: string) {
    this.#pinning = pinning
    this.#profile = profile
    this.#earlierCommit = earlierCommit
  }

  static hasMosquitto(): boolean {
    return mosquittoProgram() !== undefined
  }

  /** The broker behind the bridge, on the load's processor; always the same one. */
  async upstream(): Promise<Server> {
    this.#upstream ??= await this.#mosquitto(this.#pinning.load)
    return this.#upstream
  }

  /** HiveMQ Community Edition in the place of {@link upstream}. Throws, with words, where it can't be built. */
  async hivemq(): Promise<Server> {
    this.#hivemq ??= await this.#startHiveMq()
    return this.#hivemq
  }

  async stop(): Promise<void> {
    await Promise.all([this.#upstream?.stop(), this.#hivemq?.stop()])
  }

  /** `collectable`: the server is a Node program that collects garbage on SIGUSR2. */
  async start(name: ServerName, options: { readonly collectable?: boolean } = {}): Promise<Server> {
    const node = [process.execPath]
    if (options.collectable === true) {
      node.push(
        '--expose-gc',
        '--import',
        fileURLToPath(new URL('peers/collect-on-signal.js', import.meta.url)),
      )
    }
    switch (name) {
      case 'bridge':
        return (await this.startBridge(node)).server
      case 'earlier': {
        const { program, settings } = this.buildEarlier()
        return (await this.startBridge(node, program, settings)).server
      }
      case 'hivemq': {
        const { port } = (await this.hivemq()).publisherDoor
        return (await this.startBridge(node, undefined, { OWLCMS_MQTTPORT: String(port) })).server
      }
      case 'own':
        return this.#own(node)
      case 'plain':
        return this.#plain(node)
      case 'mosquitto':
        return this.#mosquitto(this.#pinning.server)
      case 'aedes':
        return this.#aedes(node)
      case 'limit':
      case 'limitCoalesced':
        return this.#limit(node, name === 'limit' ? 'write' : 'coalesce')
      default:
        return name satisfies never
    }
  }

  /** The program of the other commit, built once. */
  buildEarlier(): Earlier {
    if (this.#earlierCommit === undefined) throw new Error('no earlier commit was named')
    this.#earlier ??= buildEarlier(this.#earlierCommit, temporaryFolder())
    return this.#earlier
  }

  /** Milliseconds from starting the process to the first good answer of each address. */
  async startBridge(
    node = [process.execPath],
    program: readonly string[] = [loadedProgram],
    settings: NodeJS.ProcessEnv = {},
  ): Promise<{ readonly server: Server; readonly liveMs: number; readonly readyMs: number }> {
    const upstream = await this.upstream()
    const port = await freePort()
    const startedAt = performance.now()
    const profiling = this.#profile
      ? ['--cpu-prof', `--cpu-prof-dir=${join(root, 'artifacts/profiles')}`]
      : []
    const child = this.#spawn([...node, ...profiling, ...program], this.#pinning.server, {
      ...bridgeSettings(port),
      OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
      OWLCMS_MQTTPORT: String(upstream.publisherDoor.port),
      ...settings,
    })
    const liveMs = (await untilAnswer(child, port, '/livez')) - startedAt
    const readyMs = (await untilAnswer(child, port, '/readyz')) - startedAt
    const stop = this.#profile ? 'SIGTERM' : 'SIGKILL'
    const publisherDoor = {
      ...upstream.publisherDoor,
      port: Number(settings['OWLCMS_MQTTPORT'] ?? upstream.publisherDoor.port),
    }
    const server = running(child, { port, webSocket: true }, publisherDoor, stop)
    return { server, liveMs, readyMs }
  }

  /** The publisher is owlcms, on a port of its own. */
  async #own(node: readonly string[]): Promise<Server> {
    const [port, venuePort, owlcmsPort] = [await freePort(), await freePort(), await freePort()]
    const child = this.#spawn([...node, loadedProgram], this.#pinning.server, {
      ...bridgeSettings(port),
      BRIDGE_BROKER: 'own',
      BRIDGE_VENUE_PORT: String(venuePort),
      BRIDGE_BROKER_PORT: String(owlcmsPort),
    })
    await untilAnswer(child, port, '/livez')
    const server = running(child, { port, webSocket: true }, { port: owlcmsPort, webSocket: false })
    return { ...server, tcpPort: venuePort }
  }

  /** With a broker of its own behind it, as the bridge has one. */
  async #plain(node: readonly string[]): Promise<Server> {
    const [port, broker] = [await freePort(), await this.#mosquitto(this.#pinning.load)]
    const program = fileURLToPath(new URL('peers/plain.js', import.meta.url))
    const ports = [String(port), String(broker.publisherDoor.port)]
    const child = this.#spawn([...node, program, ...ports], this.#pinning.server)
    await untilListening(child, port)
    const server = running(child, { port, webSocket: true }, broker.publisherDoor)
    const stop = async (): Promise<void> => {
      await Promise.all([server.stop(), broker.stop()])
    }
    return { ...server, stop }
  }

  async #mosquitto(cpu: string | undefined): Promise<Server> {
    const program = mosquittoProgram()
    if (program === undefined) throw new Error('mosquitto is missing (apt install mosquitto)')
    const folder = temporaryFolder()
    const [port, webSocketPort] = [await freePort(), await freePort()]
    const settings = [
      `user ${userInfo().username}`,
      'persistence false',
      'log_dest none',
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      `listener ${webSocketPort} 127.0.0.1`,
      'protocol websockets',
    ]
    const file = join(folder, 'mosquitto.conf')
    writeFileSync(file, `${settings.join('\n')}\n`)
    // It warns when it is run as root, which is of no interest here.
    const child = this.#spawn([program, '-c', file], cpu, {}, true)
    await untilListening(child, port)
    await untilListening(child, webSocketPort)
    return running(child, { port: webSocketPort, webSocket: true }, { port, webSocket: false })
  }

  /** Configured as it is installed (bench/peers/HiveMq.java). */
  async #startHiveMq(): Promise<Server> {
    const folder = temporaryFolder()
    const port = await freePort()
    const program = join(root, 'bench/peers/HiveMq.java')
    const command = ['java', '-cp', `${await hivemqLibraries()}/*`, program, folder, String(port)]
    const child = this.#spawn(command, this.#pinning.load, {}, true)
    await untilListening(child, port, 4 * startTimeoutMs)
    return running(child, { port, webSocket: false }, { port, webSocket: false })
  }

  async #aedes(node: readonly string[]): Promise<Server> {
    const [port, tcpPort] = [await freePort(), await freePort()]
    const program = fileURLToPath(new URL('peers/aedes.js', import.meta.url))
    const child = this.#spawn([...node, program, String(port), String(tcpPort)], this.#pinning.server)
    await untilListening(child, port)
    await untilListening(child, tcpPort)
    return running(child, { port, webSocket: true }, { port: tcpPort, webSocket: false })
  }

  async #limit(node: readonly string[], mode: 'write' | 'coalesce'): Promise<Server> {
    const port = await freePort()
    const program = fileURLToPath(new URL('peers/limit.js', import.meta.url))
    const child = this.#spawn([...node, program, String(port), mode], this.#pinning.server)
    await untilListening(child, port)
    return running(child, { port, webSocket: true }, { port, webSocket: true })
  }

  #spawn(
    command: readonly string[],
    cpu: string | undefined,
    settings: NodeJS.ProcessEnv = {},
    quiet = false,
  ): ChildProcess {
    const [program = '', ...args] = cpu === undefined ? command : ['taskset', '-c', cpu, ...command]
    const child = spawn(program, args, {
      stdio: ['ignore', quiet ? 'ignore' : 'inherit', quiet ? 'ignore' : 'inherit'],
      env: { ...settings, PATH: process.env['PATH'] },
    })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
}

function running(
  child: ChildProcess,
  door: Door,
  publisherDoor: Door,
  stopSignal: NodeJS.Signals = 'SIGKILL',
): Server {
  if (child.pid === undefined) throw new Error('the server has no process')
  return { pid: child.pid, door, publisherDoor, stop: () => end(child, stopSignal) }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'owlcms-bridge-bench-'))
  folders.add(folder)
  return folder
}

/** The jars of HiveMQ Community Edition, where the interoperability suite lays them; fetched if it has not run. */
async function hivemqLibraries(): Promise<string> {
  const folder = join(root, 'node_modules/.cache/interop/hivemq/target/dependency')
  if (existsSync(folder)) return folder
  const pom = join(root, 'test/interop/hivemq/pom.xml')
  const command = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`]
  try {
    await promisify(execFile)('mvn', command)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`needs java 17 and the libraries of HiveMQ CE: mvn ${command.join(' ')}`, {
      cause: error,
    })
  }
  return folder
}

function mosquittoProgram(): string | undefined {
  return ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((name) => runs(name, ['-h']))
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilListening(child: ChildProcess, port: number, timeoutMs?: number): Promise<void> {
  const isListening = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
  await untilTrue(child, isListening, timeoutMs)
}

/** When the path first gave a good answer; throws when the process ends or takes longer than 15 s. */
export async function untilAnswer(child: ChildProcess, port: number, path: string): Promise<number> {
  await untilTrue(child, async () => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      await response.body?.cancel()
      return response.ok
    } catch {
      return false // not listening yet
    }
  })
  return performance.now()
}

async function untilTrue(
  child: ChildProcess,
  look: () => Promise<boolean>,
  timeoutMs = startTimeoutMs,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await look())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the server ended at its start')
    if (performance.now() > deadline) throw new Error(`the server was not there within ${timeoutMs} ms`)
    await pause(3)
  }
}
