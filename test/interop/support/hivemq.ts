import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestCertificates } from '../../support/certificates.ts'
import { freePort } from '../../support/program.ts'
import { hivemq, javaCommand } from './foreign.ts'
import { startLineProcess, type LineProcess } from './lines.ts'

/** User name and password of the broker, and so of the bridge's clients. */
export const user = 'hall-7-user'
export const password = 'planted-Secret-8472'

/** Those of a bridge with this broker, and a listener for the hall. */
export const settingsFor = ({ port }: { readonly port: number }, ca: string) => ({
  ...{ OWLCMS_MQTTSERVER: '127.0.0.1', OWLCMS_MQTTPORT: String(port), BRIDGE_MQTT_CA: ca },
  ...{ OWLCMS_MQTTUSERNAME: user, OWLCMS_MQTTPASSWORD: password, BRIDGE_VENUE_PORT: '0' },
})

export type HiveMq = Awaited<ReturnType<typeof startHiveMq>>

/** HiveMQ Community Edition over TLS on a free port of 127.0.0.1, with one user who may use owlcms/#; resolves when it listens. */
export async function startHiveMq(certificates: TestCertificates) {
  const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-hivemq-'))
  await writeFile(join(folder, 'key.pem'), certificates.valid.key, { mode: 0o600 })
  await writeFile(join(folder, 'cert.pem'), certificates.valid.cert)
  // Starts with an 8, as owlcms's TLS rule asks (docs/owlcms.md 1.2).
  const port = await freePort(8000)
  const command = [...javaCommand(hivemq, 'interop.Broker', ['-Xmx512m', '-XX:TieredStopAtLevel=1'])]
  let running: LineProcess | undefined
  let version = 'unknown'
  /** Starts it again on the same port. */
  const restart = async (): Promise<void> => {
    const program = startLineProcess([...command, folder, String(port)], [user, password])
    running = program
    await program.lines.until((lines) => lines.some((line) => line === 'READY' || line.startsWith('exit ')))
    const { all } = program.lines
    if (!all.includes('READY')) throw new Error(`HiveMQ did not start:\n${all.join('\n')}`)
    version = all.find((line) => line.startsWith('version '))?.slice('version '.length) ?? version
  }
  /** Ends it without a goodbye; what it knew is gone. */
  const kill = async (): Promise<void> => {
    await running?.kill()
    running = undefined
  }
  /** Ends it and removes its files. */
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
    ...{ port, version, kill, restart, stop },
  }
}
