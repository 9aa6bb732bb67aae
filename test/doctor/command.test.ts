import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeCertificates } from '../support/certificates.ts'
import { later } from '../support/later.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { freePort } from '../support/program.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { connectDevice } from '../support/running-bridge.ts'

const userName = 'hall-7-user'
const password = 'planted-Secret-8472'

/** The built program (npm test builds first), as a volunteer starts it. */
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

interface Outcome {
  readonly exitCode: number | null
  readonly output: string
}

async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  const child = spawn(process.execPath, [main, 'check', ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => (output += more))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  expect(output).not.toMatch(new RegExp(`${password}|${userName}`))
  return { exitCode, output }
}

const login = { OWLCMS_MQTTUSERNAME: userName, OWLCMS_MQTTPASSWORD: password }

async function nothingAtThePort(): Promise<Readonly<Record<string, string>>> {
  const port = String(await freePort())
  return { OWLCMS_MQTTSERVER: 'mqtts://localhost', OWLCMS_MQTTPORT: port, ...login }
}

describeIf(requirement('mosquitto'))('owlcms-bridge check', () => {
  it('says that all is well, in 80 columns and without colour, and ends with 0', async () => {
    const certificates = await makeCertificates()
    const broker = await startMosquitto({
      ...{ transport: 'tls', certificate: certificates.valid, users: { [userName]: password } },
    })
    later(broker)
    const owlcms = later(
      await connectDevice(`mqtts://localhost:${broker.port}`, {
        ...{ username: userName, password, ca: certificates.ca, subscribe: 'owlcms/config' },
      }),
    )
    const config = JSON.stringify({ platforms: ['A'], version: '64.1.0', jurySize: 3 })
    owlcms.client.on('message', () => owlcms.client.publish('owlcms/fop/config', config))
    const { exitCode, output } = await run([], {
      ...{ OWLCMS_MQTTSERVER: 'mqtts://localhost', OWLCMS_MQTTPORT: String(broker.port), ...login },
      BRIDGE_MQTT_CA: certificates.ca,
    })
    const lines = output.trimEnd().split('\n')
    expect(lines.at(-1)).toBe('All is well: presses get through to owlcms.')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(output).not.toContain('\u001B')
    expect(exitCode).toBe(0)
  })

  it('says what to do about a fault, and ends with 1', async () => {
    const { exitCode, output } = await run([], await nothingAtThePort())
    expect(output).toContain('✗ FAULT   Connection: The broker’s computer is there')
    expect(output).toContain('What to do: Check OWLCMS_MQTTPORT')
    expect(output).toContain('– skip    Not tried before that is repaired: Encryption,')
    expect(exitCode).toBe(1)
  })
})

describe('owlcms-bridge check, without a broker', () => {
  it('ends with 2 when the settings are wrong', async () => {
    const { exitCode, output } = await run([], {
      OWLCMS_MQTTSERVER: 'localhost',
      OWLCMS_MQTTUSERNAME: userName,
    })
    expect(output).toContain('✗ FAULT   Settings: OWLCMS_MQTTPASSWORD: It is not set.')
    expect(exitCode).toBe(2)
  })

  it('gives programs one JSON document', async () => {
    const { exitCode, output } = await run(['--json'], await nothingAtThePort())
    const report = JSON.parse(output) as { readonly [key: string]: unknown }
    expect(report).toMatchObject({ exitCode: 1, outcome: 'trouble', version: expect.any(String) as string })
    expect(report['findings']).toContainEqual(
      expect.objectContaining({ step: 'tcp', result: 'fail', code: 'refused' }),
    )
    expect(exitCode).toBe(1)
  })
})
