import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestCertificates } from '../../support/certificates.ts'
import { hivemq, javaCommand } from './foreign.ts'
import { startLineProcess, type LineProcess } from './lines.ts'

/** User name and password of the broker, and so of the bridge's clients. */
export const user = 'hall-7-user'
export const password = 'planted-Secret-8472'

/** HiveMQ Community Edition over TLS on 127.0.0.1, with one user who may use owlcms/#. */
export interface HiveMq {
  /** Starts with an 8, as owlcms's TLS rule asks (docs/owlcms.md 1.2). */
  readonly port: number
  readonly version: string
  /** Ends it without a goodbye; what it knew is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  restart(): Promise<void>
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

/** Starts it on a free port and waits until it listens. */
export async function startHiveMq(certificates: TestCertificates): Promise<HiveMq> {
  const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-hivemq-'))
  await writeFile(join(folder, 'key.pem'), certificates.valid.key, { mode: 0o600 })
  await writeFile(join(folder, 'cert.pem'), certificates.valid.cert)
  const port = await freeTlsPort()
  const command = [...javaCommand(hivemq, 'interop.Broker', ['-Xmx512m', '-XX:TieredStopAtLevel=1'])]
  let running: LineProcess | undefined
  let version = 'unknown'
  const restart = async (): Promise<void> => {
    const program = startLineProcess([...command, folder, String(port)], [user, password])
    running = program
    await program.lines.until((lines) => lines.some((line) => line === 'READY' || line.startsWith('exit ')))
    const { all } = program.lines
    if (!all.includes('READY')) throw new Error(`HiveMQ did not start:\n${all.join('\n')}`)
    version = all.find((line) => line.startsWith('version '))?.slice('version '.length) ?? version
  }
  const kill = async (): Promise<void> => {
    await running?.kill()
    running = undefined
  }
  const stop = async (): Promise<void> => {
    await kill()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await restart()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    port,
    get version() {
      return version
    },
    ...{ kill, restart, stop },
  }
}

/** A port from 8000 to 8999 that is free now. */
async function freeTlsPort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const server = createServer()
    const port = 8000 + Math.floor(Math.random() * 1000)
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error('no free port found')
}
