import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { connect } from 'mqtt'
import { beforeAll, expect, it } from 'vitest'
import { firstWordMs } from '../../src/downstream/mqtt-gateway/offline-queue.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { makeCertificates, type TestCertificates } from '../support/certificates.ts'
import { until } from '../support/eventually.ts'
import { laterThanAll } from '../support/later.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTestBridge, type TestBridge } from '../support/running-bridge.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { clientKinds, type Client, type ClientKind, type Transport } from './support/clients.ts'
import { hivemq } from './support/foreign.ts'
import { password, settingsFor, startHiveMq, user, type HiveMq } from './support/hivemq.ts'
import { Lines, startLineProcess } from './support/lines.ts'

/** The other end: connected to the broker itself, says what owlcms says and notes what reaches the broker. */
interface OtherEnd {
  /** `TOPIC PAYLOAD` of everything published on the broker, in its order, the bridge's own questions left out. */
  readonly heard: Lines
  /** Publishes as owlcms does: QoS 1, not retained (docs/owlcms.md 1.2). Waits for the broker. */
  say(topic: string, payload: string): Promise<void>
  /** Resolves once it is connected and subscribed again after the broker was away. */
  back(): Promise<void>
  stop(): Promise<void>
}

/** Connects to the broker over TLS and subscribes to everything of owlcms. Rejects when it is refused. */
async function connectOtherEnd(port: number, ca: string, secret = password): Promise<OtherEnd> {
  const client = connect(`mqtts://127.0.0.1:${port}`, {
    ...{ username: user, password: secret, ca, clientId: 'other-end' },
    ...{ reconnectPeriod: 100, resubscribe: false, queueQoSZero: false },
  })
  const heard = new Lines()
  const link = new Lines()
  client.on('message', (topic, payload) => {
    const line = `${topic} ${payload.toString()}`
    if (line !== 'owlcms/config owlcms-bridge') heard.add(line)
  })
  client.on('connect', () => {
    client.subscribe('owlcms/#', { qos: 1 }, (error) => link.add(error === null ? 'up' : 'refused'))
  })
  client.on('close', () => link.add('down'))
  const back = (): Promise<void> => link.until((lines) => lines.at(-1) === 'up')
  const refused = (error: Error): void => void client.end(true, {}, () => link.add(error.message))
  client.once('error', refused)
  await link.until((lines) => lines.some((line) => line !== 'down'), 'an answer of the broker')
  client.off('error', refused)
  if (!link.all.includes('up')) throw new Error(link.all.join(', '))
  return {
    ...{ heard, back },
    say: async (topic, payload) => {
      // The library would wait for the broker, however long.
      if (!client.connected) throw new Error('the broker is away')
      await client.publishAsync(topic, payload, { qos: 1 })
    },
    stop: async () => {
      await client.endAsync(true)
    },
  }
}

const mosquittoClients = requirement('mosquitto-clients')

/** Their notes of what they do would wait in a buffer until it is full. */
const lineBuffered = ['stdbuf', '-oL']

/** mosquitto_sub hears, mosquitto_pub presses: a line of its input is a payload. "connected" means both are. */
const mosquitto: ClientKind = {
  ...{ name: 'mosquitto_sub and _pub', needs: [mosquittoClients], transports: ['tcp'] },
  start: async ({ port, clientId, user, password, pressTopic }) => {
    const sub = mosquittoClients.path ?? 'mosquitto_sub'
    const pub = sub.replace(/sub$/, 'pub')
    const common = ['-h', '127.0.0.1', '-p', String(port), '-u', user, '-P', password, '-d', '-q']
    const lines = new Lines()
    const connects = { sub: 0, pub: 0 }
    const connected = (which: 'sub' | 'pub'): void => {
      connects[which] += 1
      if (connects[which] === Math.min(connects.sub, connects.pub)) lines.add('connected')
    }
    const ear = startLineProcess(
      [...lineBuffered, sub, ...common, '0', '-i', clientId, '-t', 'owlcms/fop/#', '-F', 'heard %t %p'],
      [],
      (line) => {
        if (line.startsWith('heard ')) lines.add(line)
        else if (line.includes(' received SUBACK')) connected('sub')
        // It says nothing of a loss but this, and a first CONNECT is none.
        else if (line.includes(' sending CONNECT') && connects.sub > 0) lines.add('lost')
      },
    )
    const mouth = startLineProcess(
      [...lineBuffered, pub, ...common, '1', '-i', `${clientId}-pub`, '-t', pressTopic, '-l'],
      [],
      (line) => {
        if (line.includes(' received CONNACK (0)')) connected('pub')
        else if (line.includes(' received PUBACK')) lines.add('published')
      },
    )
    await lines.said('connected')
    const stop = async (): Promise<void> => {
      await Promise.all([ear.kill(), mouth.kill()])
    }
    return { lines, version: await mosquittoVersion(sub), press: mouth.tell, stop }
  },
}

async function mosquittoVersion(command: string): Promise<string> {
  // It ends with 1 after its help.
  const help = await promisify(execFile)(command, ['--help']).catch(
    (error: unknown) => error as { stdout: string },
  )
  return /version (\S+)/.exec(help.stdout)?.[1] ?? 'unknown'
}

/**
 * Every client that officials use, through the bridge, to HiveMQ Community Edition over TLS with user name and
 * password (issue 3). `wss` goes through a proxy that ends TLS as Fly and Heroku do, `ws` and `tcp` straight to the
 * bridge, `tcp` to its listener for the hall.
 */

let certificates: TestCertificates
let broker: HiveMq
let otherEnd: OtherEnd
let folder: string
let bridge: TestBridge

/** Presses on a platform that were not passed on, as the public status tells. */
async function droppedPresses(platform: string): Promise<number> {
  const { checks } = (await (await fetch(`${bridge.url}/status`)).json()) as PublicStatus
  const { platforms } = checks['owlcms:answers'][0]
  return platforms.find(({ name }) => name === platform)?.droppedPresses ?? 0
}

interface PublicStatus {
  readonly checks: {
    readonly 'owlcms:answers': readonly [
      { readonly platforms: readonly { readonly name: string; readonly droppedPresses: number }[] },
    ]
  }
}

/** What a client says first may be old (R4): one that never subscribes, as mosquitto_pub, is trusted only after this. */
async function afterFlushWindow(): Promise<void> {
  await sleep(firstWordMs + 700)
}

describeIf(hivemq.needs)('HiveMQ Community Edition behind the bridge', () => {
  const later = laterThanAll()
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-interop-'))
    later({ stop: () => rm(folder, { recursive: true, force: true }) })
    certificates = await makeCertificates()
    await writeFile(join(folder, 'ca.pem'), certificates.ca)
    broker = later(await startHiveMq(certificates))
    const parts = {
      // It tries again soon, so that an outage takes seconds.
      random: () => Math.random() / 10,
      limits: { flushWindowMs: defaultClientLimits.flushWindowMs },
    }
    bridge = later(await startTestBridge(settingsFor(broker, certificates.ca), parts))
    otherEnd = later(await connectOtherEnd(broker.port, certificates.ca))
    await until(() => bridge.ready)
  })

  it('asks for user name and password', async ({ task }) => {
    task.meta.tested = `HiveMQ Community Edition ${broker.version} over TLS`
    await expect(
      Promise.race([connectOtherEnd(broker.port, certificates.ca, 'wrong'), sleep(20_000)]),
    ).rejects.toThrow(/not authori[sz]ed/i)
  })

  for (const kind of [...clientKinds, mosquitto]) {
    for (const transport of kind.transports) testClient(kind, transport)
  }
})

function testClient(kind: ClientKind, transport: Transport): void {
  // Lines are split at spaces, and a platform's name must not hold a slash (docs/owlcms.md 1.3).
  const platform = `${kind.name} ${transport}`.replaceAll(/[ /]/g, '-')
  const press = `owlcms/refbox/decision/${platform}`
  const echo = `owlcms/fop/decision/${platform}`

  describeIf(kind.needs)(`${kind.name} over ${transport}`, () => {
    const later = laterThanAll()
    let door: TcpProxy
    let client: Client
    const tested = (): string => `${kind.name} (${client.version}) over ${transport}`
    const reachedBroker = (): readonly string[] =>
      otherEnd.heard.all.filter((line) => line.startsWith(`${press} `))
    /** What the client said, without what may come at any time after. */
    const heard = (): readonly string[] => client.lines.all.filter((line) => line.startsWith('heard '))

    beforeAll(async () => {
      const target = (transport === 'tcp' ? bridge.venuePort : bridge.port) ?? 0
      const certificate = transport === 'wss' ? certificates.valid : undefined
      door = later(await startTcpProxy(target, { certificate }))
      const options = {
        ...{ transport, port: door.port, clientId: `interop-${kind.name.replaceAll(/\W/g, '')}` },
        ...{ user, password, caFile: join(folder, 'ca.pem'), pressTopic: press },
      }
      client = later(await kind.start(options))
      await afterFlushWindow()
    })

    it('hears what owlcms says, once', async ({ task }) => {
      task.meta.tested = tested()
      await otherEnd.say(echo, '1 good')
      await otherEnd.say(echo, '2 bad')
      await client.lines.said(`heard ${echo} 2 bad`)
      expect(client.lines.all).toEqual(['connected', `heard ${echo} 1 good`, `heard ${echo} 2 bad`])
    })

    it('presses, and each decision reaches the broker exactly once and is acknowledged', async ({ task }) => {
      task.meta.tested = tested()
      client.press('1 good')
      await client.lines.said('published')
      client.press('2 bad')
      await client.lines.said('published', 2)
      await otherEnd.heard.said(`${press} 2 bad`)
      expect(reachedBroker()).toEqual([`${press} 1 good`, `${press} 2 bad`])
    })

    it('keeps its connection while the broker restarts; what it pressed meanwhile is dropped', async ({
      task,
    }) => {
      task.meta.tested = tested()
      const before = { accepted: door.clients.length, open: door.open(), heard: heard() }
      await broker.kill()
      await until(() => !bridge.ready)
      // Whose acknowledgement was under way at the kill counts as dropped, too, though it arrived.
      const unsure = await droppedPresses(platform)
      client.press('1 bad')
      await until(async () => (await droppedPresses(platform)) === unsure + 1)
      await broker.restart()
      await Promise.all([until(() => bridge.ready), otherEnd.back()])
      await otherEnd.say(echo, '3 good')
      await client.lines.said(`heard ${echo} 3 good`)
      client.press('3 good')
      await otherEnd.heard.said(`${press} 3 good`)
      expect(heard()).toEqual([...before.heard, `heard ${echo} 3 good`])
      expect(reachedBroker()).toEqual([`${press} 1 good`, `${press} 2 bad`, `${press} 3 good`])
      expect({ accepted: door.clients.length, open: door.open(), heard: before.heard }).toEqual(before)
      expect(client.lines.all.filter((line) => /^(connected|lost|failed)/.test(line))).toEqual(['connected'])
    })

    it('comes back by itself after a cut, and nothing that it kept meanwhile reaches the broker', async ({
      task,
    }) => {
      task.meta.tested = tested()
      door.shut()
      await client.lines.until((lines) => lines.some((line) => line.startsWith('lost')), 'lost')
      client.press('2 good')
      await sleep(100)
      door.reopen()
      await client.lines.said('connected', 2)
      await afterFlushWindow()
      await otherEnd.say(echo, '1 bad')
      await client.lines.said(`heard ${echo} 1 bad`)
      client.press('1 bad')
      await otherEnd.heard.said(`${press} 1 bad`)
      expect(heard().filter((line) => line === `heard ${echo} 1 bad`)).toHaveLength(1)
      expect(reachedBroker().slice(3)).toEqual([`${press} 1 bad`])
    })
  })
}
