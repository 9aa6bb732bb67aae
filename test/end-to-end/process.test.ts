import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mqtt from 'mqtt'
import { WebSocket } from 'ws'
import { beforeAll, describe, expect, it, vi, onTestFinished } from 'vitest'
import type { LogAnswer } from '../../src/protocol/contract/console-api.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { freePort } from '../support/program.ts'
import { startTestBroker, type TestBroker } from '../support/tls-broker.ts'
import { eventually, runningMs } from '../support/eventually.ts'
import { later } from '../support/later.ts'

/** These run the built program (npm test builds first), as a platform would start it. */
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const secrets = { OWLCMS_MQTTUSERNAME: 'planted-user-11', OWLCMS_MQTTPASSWORD: 'planted-password-22' }

let certificates: TestCertificates
beforeAll(async () => {
  certificates = await makeCertificates()
})

interface Program {
  readonly child: ChildProcess
  readonly output: () => string
  readonly exit: Promise<number | null>
  port(): Promise<number>
}

function start(args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => (text += more))
  // `close` comes after the last of its output.
  const exit = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return {
    child,
    exit,
    output: () => text,
    port: () =>
      eventually(() => {
        const found = /"port":(\d+)|localhost:(\d+)/.exec(text)
        if (found === null) throw new Error(`no port yet: ${text}`)
        return Number(found[1] ?? found[2])
      }),
  }
}

/** What a caller hears who keeps calling until somebody takes the call. */
async function firstAnswer(url: string): Promise<Response> {
  return eventually(() => fetch(url))
}

/** The first message on a WebSocket; rejects when there is none to be had. */
async function firstWords(url: string): Promise<string> {
  const socket = new WebSocket(url)
  onTestFinished(() => socket.terminate())
  const [data] = (await once(socket, 'message')) as [Buffer]
  return data.toString()
}

async function broker(): Promise<TestBroker> {
  const started = later(
    await startTestBroker({
      transport: 'tls',
      certificate: certificates.valid,
      username: secrets.OWLCMS_MQTTUSERNAME,
      password: secrets.OWLCMS_MQTTPASSWORD,
    }),
  )
  return started
}

const status = async (port: number, path: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).status

describe('the program', () => {
  it('says what is wrong with the settings on a page, and stays alive but not ready (R9)', async () => {
    const program = start(['start'], { ...secrets, OWLCMS_MQTTSERVER: 'https://console.hivemq.cloud' })
    const port = await program.port()
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text()
    expect(page).toContain('OWLCMS_MQTTSERVER')
    expect(page).toContain('fly secrets')
    expect(page).toContain('heroku config:set')
    expect(await Promise.all(['/livez', '/readyz'].map((path) => status(port, path)))).toEqual([200, 503])
    for (const text of [page, program.output()]) {
      for (const secret of [...Object.values(secrets), 'console.hivemq.cloud'])
        expect(text).not.toContain(secret)
    }
  })

  it.each(['start', 'venue'])('%s with a setting missing shows the page that says which', async (command) => {
    const program = start([command], { OWLCMS_MQTTUSERNAME: "'hall", BRIDGE_VENUE_PORT: '0' })
    const page = await (await fetch(`http://127.0.0.1:${await program.port()}/`)).text()
    expect(page).toContain('OWLCMS_MQTTSERVER – missing')
    expect(page).toContain('It begins with a quote that has no end')
    // The form in which Fly.io takes any password.
    expect(page).toContain('OWLCMS_MQTTPASSWORD=&quot;&quot;&quot;\nyour-broker-password\n&quot;&quot;&quot;')
    program.child.kill('SIGTERM')
    expect(await program.exit).toBe(0)
  })

  it('stops with 0 where the system can’t tell how much memory it has, as without /proc', async () => {
    const preload = "process.memoryUsage = () => { throw new Error('ENOENT: uv_resident_set_memory') }"
    const program = start(['start'], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
    })
    await program.port()
    program.child.kill('SIGTERM')
    expect(await program.exit).toBe(0)
    expect(program.output()).toContain('"stopped"')
    expect(program.output()).not.toContain('uv_resident_set_memory')
  })

  it('takes a password with any character from a settings file, in check as well', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-settings-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const password = `hall#2026 $x "y" 'z'`
    const broker = later(await startTestBroker({ transport: 'tcp', username: 'hall', password }))
    const file = join(folder, 'my settings.txt')
    const lines = [
      'OWLCMS_MQTTSERVER=mqtt://127.0.0.1',
      `OWLCMS_MQTTPORT=${broker.port}`,
      'OWLCMS_MQTTUSERNAME=hall',
      `OWLCMS_MQTTPASSWORD=${password}`,
    ]
    await writeFile(file, Buffer.from(`\uFEFF${lines.join('\r\n')}`, 'utf16le'))
    const check = start(['check', '--settings', file], {})
    await check.exit
    const said = check.output().replaceAll(/\s+/g, ' ')
    expect(said).toContain('user name of 4 characters, password of 20 characters')
    expect(said).toContain('The broker lets the bridge in with this user name and password')
    const bridge = start(['start', '--settings', file], {})
    const port = await bridge.port()
    await eventually(async () => expect(await status(port, '/readyz')).toBe(200))
  })

  it.each([
    [['start', '--strict'], 2],
    [['venue', '--strict', '-DmqttUserName=hall'], 2],
    [['dance'], 2],
    [['--wrong'], 2],
    [['--version'], 0],
    [['--help'], 0],
  ])('%j ends with code %i', async (args, code) => {
    expect(await start(args, {}).exit).toBe(code)
  })

  it('names every setting in its help', async () => {
    const program = start(['--help'], {})
    await program.exit
    for (const name of ['OWLCMS_MQTTSERVER', 'OWLCMS_MQTTPORT', 'BRIDGE_MQTT_CA', 'PORT', '--strict']) {
      expect(program.output()).toContain(name)
    }
  })

  // Liveness is answered before the pages are loaded; a caller may come in between.
  it.each(['/livez', '/status', '/', 'ws'])(
    'leaves nobody who calls at the very first moment without answer: %s',
    async (path) => {
      const port = await freePort()
      start(['start'], {
        OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
        OWLCMS_MQTTPORT: '1',
        BRIDGE_ALLOW_ANONYMOUS: 'true',
        PORT: String(port),
      })
      if (path === 'ws') {
        const hello = await eventually(() => firstWords(`ws://127.0.0.1:${port}/ws`), { interval: 1 })
        expect(JSON.parse(hello)).toMatchObject({ type: 'hello' })
      } else {
        expect((await firstAnswer(`http://127.0.0.1:${port}${path}`)).status).toBe(200)
      }
    },
  )

  it('ends with code 1 and a next step when its port is taken', async () => {
    const first = start(['start'], {})
    const second = start(['start'], { PORT: String(await first.port()) })
    expect(await second.exit).toBe(1)
    expect(second.output()).toContain('set PORT to a free one')
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'tells its clients and exits with 0 within 5 s of %s',
    async (signal) => {
      const { port: brokerPort } = await broker()
      const program = start(['start'], {
        ...secrets,
        OWLCMS_MQTTSERVER: `mqtts://localhost:${brokerPort}`,
        BRIDGE_MQTT_CA: certificates.ca,
      })
      const port = await program.port()
      await eventually(async () => expect(await status(port, '/readyz')).toBe(200))
      const client = await mqtt.connectAsync(`ws://127.0.0.1:${port}/mqtt`, {
        username: secrets.OWLCMS_MQTTUSERNAME,
        password: secrets.OWLCMS_MQTTPASSWORD,
        protocolVersion: 5,
        reconnectPeriod: 0,
      })
      onTestFinished(() => client.endAsync(true))
      // No DISCONNECT: libmosquitto would never come back.
      const said = vi.fn()
      client.on('disconnect', said)
      const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
      const before = runningMs()
      program.child.kill(signal)
      expect(await program.exit).toBe(0)
      expect(runningMs() - before).toBeLessThan(5_000)
      await closed
      expect(said).not.toHaveBeenCalled()
    },
  )

  it('prints no password even when DEBUG asks its libraries for whole packets (R10)', async () => {
    const { port: brokerPort } = await broker()
    const program = start(['start'], {
      ...secrets,
      DEBUG: '*',
      BRIDGE_LOG_LEVEL: 'debug',
      OWLCMS_MQTTSERVER: `mqtts://localhost:${brokerPort}`,
      BRIDGE_MQTT_CA: certificates.ca,
    })
    const port = await program.port()
    const client = await mqtt.connectAsync(`ws://127.0.0.1:${port}/mqtt`, {
      username: secrets.OWLCMS_MQTTUSERNAME,
      password: secrets.OWLCMS_MQTTPASSWORD,
    })
    onTestFinished(() => client.endAsync(true))
    // Unknown, and so never held back.
    await client.publishAsync('owlcms/box/A', '1 good')
    for (const secret of Object.values(secrets)) expect(program.output()).not.toContain(secret)
    // Nor does the organiser's page, which shows the log and a report for whoever helps.
    const at = `http://127.0.0.1:${port}`
    const headers = { 'Content-Type': 'application/json', Origin: at }
    const body = JSON.stringify({ password: secrets.OWLCMS_MQTTPASSWORD })
    expect((await fetch(`${at}/api/log`)).status).toBe(401)
    const { headers: said } = await fetch(`${at}/api/login`, { method: 'POST', headers, body })
    const log = await fetch(`${at}/api/log`, { headers: { Cookie: said.get('set-cookie') ?? '' } })
    const text = await log.text()
    const { lines, report } = JSON.parse(text) as LogAnswer
    expect(lines.map(({ message }) => message)).toEqual(expect.arrayContaining(['starting', 'listening']))
    expect(report).toContain(
      'Settings: OWLCMS_MQTTSERVER, OWLCMS_MQTTUSERNAME, OWLCMS_MQTTPASSWORD, BRIDGE_MQTT_CA, BRIDGE_LOG_LEVEL, PORT, HOST',
    )
    for (const secret of [...Object.values(secrets), 'BEGIN CERTIFICATE']) expect(text).not.toContain(secret)
    expect(report).not.toContain('localhost')
  })

  it('is the broker itself in the hall, without any setting', async () => {
    const program = start(['venue'], { BRIDGE_VENUE_PORT: '0' })
    const port = await eventually(() => {
      const found = /"venuePort":(\d+)/.exec(program.output())?.[1]
      if (found === undefined) throw new Error(`no port yet: ${program.output()}`)
      return found
    })
    expect(program.output()).toContain(`"owlcmsPort":${port}`)
    const box = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
    onTestFinished(() => box.endAsync(true))
    const owlcms = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'A_owlcms_1700000000000' })
    onTestFinished(() => owlcms.endAsync(true))
    const heard = new Promise<string>((resolve) => box.on('message', (topic) => resolve(topic)))
    await box.subscribeAsync('owlcms/fop/#')
    await owlcms.publishAsync('owlcms/fop/down/A', '', { qos: 1 })
    expect(await heard).toBe('owlcms/fop/down/A')
  })

  it('runs the demo without any setting until Ctrl-C', async () => {
    const program = start(['demo'], {})
    const port = await program.port()
    await eventually(async () => expect(await status(port, '/readyz')).toBe(200))
    await eventually(async () => {
      const body = await (await fetch(`http://127.0.0.1:${port}/status`)).text()
      // The officials' devices come in through the bridge, and owlcms answers.
      expect(JSON.parse(body)).toMatchObject({
        checks: { 'owlcms:answers': [{ observedValue: 'answering' }] },
      })
    })
    program.child.kill('SIGINT')
    expect(await program.exit).toBe(0)
  })

  it('plays owlcms on a server of its own, where a device finds it as it finds owlcms', async () => {
    const port = await freePort()
    start(['simulate', '--platform=A', '--platform=B 2', '--jury=5'], { BRIDGE_VENUE_PORT: String(port) })
    const device = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 100 })
    onTestFinished(() => device.endAsync(true))
    device.on('error', () => undefined)
    const heard: string[] = []
    device.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`))
    device.on('connect', () => device.subscribe('owlcms/#'))
    await eventually(
      () => {
        expect(heard).toContain('owlcms/fop/config {"jurySize":5,"platforms":["A","B 2"],"version":"69.0.0"}')
        expect(heard.some((line) => line.startsWith('owlcms/fop/start/A {'))).toBe(true)
      },
      { timeout: 40_000 },
    )
  }, 60_000)

  it('plays owlcms on a broker that comes late, goes and comes back', async () => {
    const broker = later(await startTestBroker({ transport: 'tcp' }))
    await broker.kill()
    const program = start(['simulate', '--platform=A'], {
      OWLCMS_MQTTSERVER: '127.0.0.1',
      OWLCMS_MQTTPORT: String(broker.port),
      BRIDGE_ALLOW_ANONYMOUS: 'true',
    })
    await eventually(() => expect(program.output()).toContain('is running'))
    for (let time = 0; time < 2; time += 1) {
      const told = broker.publications.length
      await broker.restart()
      await broker.until(({ publications }) =>
        publications.slice(told).some(({ topic }) => topic === 'owlcms/fop/startup/A'),
      )
      await broker.kill()
    }
    program.child.kill('SIGINT')
    expect(await program.exit).toBe(0)
  })

  it('tries a device, and reports what it saw until Ctrl-C', async () => {
    const port = await freePort()
    const program = start(['try-device', '--seat=referee-2', '--json'], { BRIDGE_VENUE_PORT: String(port) })
    const device = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: 'box', reconnectPeriod: 100 })
    onTestFinished(() => device.endAsync(true))
    device.on('error', () => undefined)
    await eventually(() => expect(program.output()).toContain('Push WHITE (good lift) once.'))
    await device.publishAsync('owlcms/refbox/decision/A', '2 Good', { retain: true })
    await eventually(() => expect(program.output()).toContain('Push RED'))
    program.child.kill('SIGINT')
    expect(await program.exit).toBe(0)
    const report = JSON.parse(program.output().slice(program.output().indexOf('\n{') + 1)) as {
      findings: { check: string; verdict: string }[]
    }
    const wrong = report.findings.filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check)
    expect(wrong).toEqual(['payload', 'retain'])
  }, 60_000)
})
