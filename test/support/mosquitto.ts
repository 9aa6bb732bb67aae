import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { ServerCertificate } from './certificates.ts'
import { freePort } from './program.ts'
import { requirement } from './requirements.ts'

export interface MosquittoOptions {
  readonly transport: 'tcp' | 'tls' | 'ws' | 'wss'
  /** Needed for `tls` and `wss`. */
  readonly certificate?: ServerCertificate
  /** User name to password. Without users anybody may connect. */
  readonly users?: Readonly<Record<string, string>>
  /** Lines of an ACL file. */
  readonly acl?: readonly string[]
  /** More lines of its configuration, before the listener's. */
  readonly settings?: readonly string[]
  /** More lines for its listener. */
  readonly listener?: readonly string[]
}

/** Starts Debian's Mosquitto on a free port of 127.0.0.1 and waits until it listens. */
export async function startMosquitto(options: MosquittoOptions): Promise<Mosquitto> {
  const { path: binary, reason } = requirement('mosquitto')
  if (binary === undefined) throw new Error(reason)
  const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-mosquitto-'))
  try {
    await writeSecrets(folder, options)
    for (let attempt = 1; ; attempt += 1) {
      const isSecure = options.transport === 'tls' || options.transport === 'wss'
      const port = await freePort(isSecure ? 8000 : undefined)
      const spare = await freePort()
      await writeFile(join(folder, 'mosquitto.conf'), configuration(folder, port, spare, options))
      const broker = new Mosquitto(binary, folder, port)
      try {
        await broker.restart()
        return broker
      } catch (error) {
        // Somebody else took the port between our look and its start.
        if (attempt === 5) throw error
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** A Mosquitto on 127.0.0.1. */
export class Mosquitto {
  readonly log: string[] = []
  /** Starts with an 8 for `tls` and `wss`, as owlcms's TLS rule asks. */
  readonly port: number
  readonly #binary: string
  readonly #folder: string
  readonly #changes = new EventEmitter().setMaxListeners(0)
  #child: ChildProcess | undefined

  constructor(path: string, folder: string, port: number) {
    this.#binary = path
    this.#folder = folder
    this.port = port
  }

  /** Starts it again on the same port. */
  async restart(): Promise<void> {
    const started = this.log.length
    const child = spawn(this.#binary, ['-v', '-c', join(this.#folder, 'mosquitto.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.log.push(line)
      this.#changes.emit('line')
    })
    const failed = once(child, 'exit').then(() => {
      throw new Error(`mosquitto did not start: ${this.log.slice(started).join(' | ')}`)
    })
    await Promise.race([this.untilLog(/mosquitto version .* running/, started), failed])
    failed.catch(() => undefined)
  }

  /** Resolves once a log line, past or future, matches; of the past those from index `from` on. */
  async untilLog(pattern: RegExp, from = 0): Promise<void> {
    while (!this.log.slice(from).some((line) => pattern.test(line))) await once(this.#changes, 'line')
  }

  /** Ends it without a goodbye, and keeps its settings. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function writeSecrets(folder: string, options: MosquittoOptions): Promise<void> {
  const { certificate, users, acl } = options
  if (certificate !== undefined) {
    await writeFile(join(folder, 'key.pem'), certificate.key, { mode: 0o600 })
    await writeFile(join(folder, 'cert.pem'), certificate.cert)
  }
  if (users !== undefined) {
    const file = join(folder, 'passwords')
    const lines = Object.entries(users).map(([name, password]) => `${name}:${password}\n`)
    await writeFile(file, lines.join(''), { mode: 0o600 })
    // -U replaces the plain passwords in the file by their hashes.
    await promisify(execFile)('mosquitto_passwd', ['-U', file])
  }
  if (acl !== undefined) await writeFile(join(folder, 'acl'), `${acl.join('\n')}\n`, { mode: 0o600 })
}

function configuration(folder: string, port: number, spare: number, options: MosquittoOptions): string {
  const { transport, users, acl, settings = [], listener = [] } = options
  const webSockets = transport === 'ws' || transport === 'wss'
  const lines = [
    ...settings,
    'log_dest stderr',
    `user ${userInfo().username}`,
    // Mosquitto 2.0.11 gives up when all its listeners are WebSocket ones.
    ...(webSockets ? [`listener ${String(spare)} 127.0.0.1`] : []),
    `listener ${String(port)} 127.0.0.1`,
    `allow_anonymous ${String(users === undefined)}`,
    ...listener,
  ]
  if (users !== undefined) lines.push(`password_file ${join(folder, 'passwords')}`)
  if (acl !== undefined) lines.push(`acl_file ${join(folder, 'acl')}`)
  if (webSockets) lines.push('protocol websockets')
  if (transport === 'tls' || transport === 'wss') {
    lines.push(`certfile ${join(folder, 'cert.pem')}`, `keyfile ${join(folder, 'key.pem')}`)
  }
  return `${lines.join('\n')}\n`
}
