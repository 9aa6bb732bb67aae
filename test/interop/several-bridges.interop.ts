import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { LinkPlaceView } from '../../src/http/api/access-view.ts'
import { loadConfig } from '../../src/config/config.ts'
import { runCheck } from '../../src/doctor/check.ts'
import { systemClock } from '../../src/support/clock.ts'
import { rememberedKey } from '../support/derive-key.ts'
import { laterThanAll } from '../support/later.ts'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { freePort } from '../support/program.ts'
import { randomFrom } from '../support/random.ts'
import { describeIf, requirement, type Requirement } from '../support/requirements.ts'
import { connectDevice, startTestBridge, type TestBridge } from '../support/running-bridge.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/eventually.ts'

/**
 * Two bridges are one hall, on each kind of broker, while one of them is killed at a random moment: its lines to the
 * broker and to the phones are cut without a goodbye. Two phones have the code of one seat, one at each bridge, and press all the time.
 */

const later = laterThanAll()
const rounds = 50
const login = { username: 'competition', password: 'planted-Secret-8472' }
const seat = { platform: 'A', role: 'referee', number: 2 } as const
const place = seat as unknown as LinkPlaceView
/** Rounds in which the phone of the killed bridge stays away, so that its seat must become free. */
const isLonely = (round: number): boolean => round % 25 === 24
const lockedOutMs = 10_000

interface Meeting {
  readonly version: string
  /** Where each of the bridges meets the others. */
  readonly ports: readonly [number, number]
}

const mosquitto = requirement('mosquitto')
const rabbitNeeds = requirement('rabbitmq')
const kinds: readonly {
  readonly name: string
  readonly needs: readonly Requirement[]
  start(): Promise<Meeting>
}[] = [
  {
    name: 'Mosquitto',
    needs: [mosquitto],
    async start() {
      const { port, log } = await startBroker()
      return { version: versionOf(log), ports: [port, port] }
    },
  },
  {
    name: 'a Mosquitto bridge pair',
    needs: [mosquitto],
    async start() {
      const cloud = await startBroker()
      const hall = await startBroker([
        'connection hall',
        `address 127.0.0.1:${cloud.port}`,
        'topic owlcms/# both 1',
        `remote_username ${login.username}`,
        `remote_password ${login.password}`,
      ])
      await cloud.untilLog(/connected .* as .*hall/)
      return { version: versionOf(hall.log), ports: [cloud.port, hall.port] }
    },
  },
  {
    name: 'a RabbitMQ cluster of two nodes',
    needs: [rabbitNeeds],
    start: async () => later(await startRabbitCluster()),
  },
]

const startBroker = async (settings: readonly string[] = []): Promise<Mosquitto> =>
  later(await startMosquitto({ transport: 'tcp', users: { [login.username]: login.password }, settings }))

const versionOf = (log: readonly string[]): string =>
  log.map((line) => /mosquitto version (\S+)/.exec(line)?.[1]).find((found) => found !== undefined) ??
  'unknown'

/**
 * Debian's RabbitMQ on 127.0.0.1, without its service: two nodes that are one broker, each with a port for plain MQTT. All files in a
 * folder of its own, and a name server (epmd) of its own.
 */
async function startRabbitCluster() {
  const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-rabbit-'))
  const children: ChildProcess[] = []
  /** Ends it without a goodbye and removes its files. */
  const stop = async (): Promise<void> => {
    await Promise.all(children.map((child) => end(child)))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const epmdPort = await freePort()
    children.push(
      spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], {
        stdio: 'ignore',
        detached: true,
      }),
    )
    const named = (node: string): string => `bridge${epmdPort}${node}@localhost`
    const names = [named('one'), named('two')] as const
    const start = (name: string) => startNode(join(folder, name), name, names, epmdPort, children)
    const [one, two] = await Promise.all([start(names[0]), start(names[1])])
    return { version: one.version, ports: [one.port, two.port] as const, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startNode(
  folder: string,
  name: string,
  names: readonly string[],
  epmdPort: number,
  children: ChildProcess[],
): Promise<{ readonly port: number; readonly version: string }> {
  const [port, amqpPort, distPort] = [await freePort(), await freePort(), await freePort()]
  await mkdir(folder)
  await writeFile(join(folder, 'plugins'), '[rabbitmq_mqtt].\n')
  await writeFile(
    join(folder, 'rabbitmq.conf'),
    [
      `listeners.tcp.1 = 127.0.0.1:${amqpPort}`,
      `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`,
      'mqtt.allow_anonymous = false',
      `default_user = ${login.username}`,
      `default_pass = ${login.password}`,
      'cluster_formation.peer_discovery_backend = classic_config',
      ...names.map((each, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${each}`),
      '',
    ].join('\n'),
  )
  const own = {
    // Where it keeps the cookie.
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: name,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    // The service's own settings are not ours.
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    // One scheduler that sleeps when it has nothing to do.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      ...['+S', '1:1', '+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'],
      ...['-setcookie', `cookie${epmdPort}`, '-kernel', 'inet_dist_use_interface', '{127,0,0,1}'],
    ].join(' '),
  }
  const child = spawn(rabbitNeeds.path ?? 'rabbitmq-server', [], {
    env: { ...process.env, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: the script starts Erlang as its child.
    detached: true,
  })
  children.push(child)
  let said = ''
  const started = new Promise<void>((resolve, reject) => {
    const look = (text: string): void => {
      said += text
      if (said.includes('Starting broker... completed')) resolve()
    }
    child.stdout.setEncoding('utf8').on('data', look)
    child.stderr.setEncoding('utf8').on('data', look)
    child.once('exit', () => reject(new Error(`RabbitMQ did not start: ${said.slice(-2_000)}`)))
    child.once('error', reject)
  })
  await started
  return { port, version: /RabbitMQ (\d+\.\d+\.\d+)/.exec(said)?.[1] ?? 'unknown' }
}

/** The whole group: the script and Erlang. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await exited
}

/** Stands for owlcms: says that it is there, and takes each press. */
async function startOwlcms(port: number): Promise<{ readonly taken: string[] }> {
  const taken: string[] = []
  const options = { ...login, protocolVersion: 4, subscribe: 'owlcms/#' } as const
  const device = later(await connectDevice(`mqtt://127.0.0.1:${port}`, options))
  const config = JSON.stringify({ platforms: [seat.platform], version: '69.0.0' })
  device.client.on('message', (topic, payload) => {
    if (topic === 'owlcms/config') device.client.publish('owlcms/fop/config', config)
    if (topic !== `owlcms/refbox/decision/${seat.platform}`) return
    taken.push(payload.toString())
    device.client.publish(`owlcms/fop/decision/${seat.platform}`, payload)
  })
  return { taken }
}

/** A bridge that can be killed. */
interface Site {
  readonly name: string
  readonly bridge: TestBridge
  /** Where phones come. */
  readonly door: number
  kill(): Promise<void>
}

async function openSite(
  name: string,
  brokerPort: number,
  more: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const link = await startTcpProxy(brokerPort)
  const bridge = await startTestBridge(
    {
      OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
      OWLCMS_MQTTPORT: String(link.port),
      OWLCMS_MQTTUSERNAME: login.username,
      OWLCMS_MQTTPASSWORD: login.password,
      BRIDGE_NAME: name,
      ...more,
    },
    { deriveKey: rememberedKey },
  )
  const door = await startTcpProxy(bridge.port)
  let killed: Promise<void> | undefined
  const kill = (): Promise<void> =>
    (killed ??= (async () => {
      const cut = Promise.all([link.stop(), door.stop()])
      // Nobody hears it leave; what is left of it goes away beside the test.
      const left = bridge.stop()
      later({ stop: () => left })
      await cut
    })())
  later({ stop: kill })
  return { name, bridge, door: door.port, kill }
}

/** Of all phones: who sends an id again gets the same answer, and presses nothing. */
let presses = 0

/** `gone`: sent, and the line broke before an answer. */
type Answer = 'ack' | 'gone' | 'not sent' | `error ${string}`

/** An official's phone at one bridge: presses one after the other. */
class Phone {
  readonly closed: Promise<number>
  isClosed = false
  #fence = 0
  #isStarted = false
  readonly #waiting = new Map<string, (answer: Answer) => void>()
  readonly #socket: WebSocket

  constructor(door: number, token: string, client: string) {
    const socket = new WebSocket(`ws://127.0.0.1:${door}/ws`)
    this.#socket = socket
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        this.isClosed = true
        for (const settle of this.#waiting.values()) settle('gone')
        resolve(code)
      })
    })
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Record<string, unknown>
      const settle = this.#waiting.get(message['id'] as string)
      switch (message['type']) {
        case 'hello':
          this.#send({ type: 'start', schema: 1, client, token })
          break
        case 'started':
          this.#isStarted = true
          break
        case 'snapshot':
        case 'change':
          this.#fence = (message['state'] as { fence?: number } | undefined)?.fence ?? this.#fence
          break
        case 'ack':
          settle?.('ack')
          break
        case 'error':
          settle?.(`error ${message['reason'] as string}`)
          break
        default:
      }
    })
  }

  /** Presses once, as soon as it may speak. */
  async press(value: 'good' | 'bad'): Promise<Answer> {
    await Promise.race([until(() => this.#isStarted || this.isClosed), this.closed])
    if (this.isClosed) return 'not sent'
    const id = `p${(presses += 1)}`
    const command = { kind: 'refereeDecision', referee: seat.number, value }
    return new Promise((resolve) => {
      this.#waiting.set(id, (answer) => {
        this.#waiting.delete(id)
        resolve(answer)
      })
      this.#send({ type: 'press', id, platform: seat.platform, fence: this.#fence, command })
    })
  }

  leave(): void {
    this.#socket.terminate()
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message))
  }
}

/** An official: presses all the time, and comes back at the bridge that `where` says whenever the line breaks. */
class Official {
  readonly answers: { readonly answer: Answer; readonly sentAt: number }[] = []
  phone: Phone
  readonly value: 'good' | 'bad'
  #isDone = false
  readonly #running: Promise<void>

  constructor(value: 'good' | 'bad', token: string, where: () => number | undefined) {
    this.value = value
    const door = where()
    if (door === undefined) throw new Error('an official begins somewhere')
    this.phone = new Phone(door, token, `phone-${value}`)
    this.#running = this.#run(token, where)
  }

  async #run(token: string, where: () => number | undefined): Promise<void> {
    for (;;) {
      const sentAt = performance.now()
      const answer = await this.phone.press(this.value)
      this.answers.push({ answer, sentAt })
      await sleep(this.phone.isClosed ? 100 : 20)
      if (this.#isDone) return
      const door = this.phone.isClosed ? where() : undefined
      if (door !== undefined) this.phone = new Phone(door, token, `phone-${this.value}`)
    }
  }

  acks(from = 0): number {
    return this.answers.filter(({ answer, sentAt }) => answer === 'ack' && sentAt >= from).length
  }

  get lost(): number {
    return this.answers.filter(({ answer }) => answer === 'gone').length
  }

  async stop(): Promise<void> {
    this.#isDone = true
    this.phone.leave()
    await this.#running
  }
}

/** The organiser's browser: one sign-in, good at every bridge. */
class Organiser {
  #cookie: string | undefined

  async revoke({ door }: Site): Promise<string> {
    const post = async (path: string, body: object): Promise<Response> =>
      fetch(`http://127.0.0.1:${door}/api${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin: `http://127.0.0.1:${door}`,
          connection: 'close',
          ...(this.#cookie === undefined ? {} : { cookie: this.#cookie }),
        },
        body: JSON.stringify(body),
      })
    if (this.#cookie === undefined) {
      const entered = await post('/login', { password: login.password })
      this.#cookie = entered.headers.getSetCookie()[0]!.split(';')[0]!
    }
    const answer = await post('/seats/revoke', { what: 'seat', seat })
    if (answer.status === 204) return 'everywhere'
    const { error } = (await answer.json()) as { error: { reason: string } }
    return error.reason
  }
}

/** What no round may have, and what the rounds took. */
interface Tally {
  twoOnOneSeat: number
  revokedTaken: number
  takenTwice: number
  lostSilently: number
  lockedOut: number
  readonly resumedMs: number[]
  readonly revoked: Record<string, number>
}

describe.concurrent('several bridges', () => {
  for (const [index, kind] of kinds.entries()) {
    describeIf(kind.needs)(`on ${kind.name}`, () => {
      it(
        `are one hall, however often one of them is killed (${rounds} times)`,
        async ({ task }) => {
          const meeting = await kind.start()
          const tally = await play(meeting, randomFrom(2_026 + index))
          const { resumedMs, revoked, ...faults } = tally
          const sorted = resumedMs.toSorted((a, b) => a - b)
          const [median, longest] = [sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!]
          task.meta.tested = `${kind.name} (${meeting.version}), two bridges, ${rounds} kills: pressing again after ${median.toFixed(0)} ms, ${longest.toFixed(0)} at most; revoked ${JSON.stringify(revoked)}`
          expect(faults).toEqual({
            ...{ twoOnOneSeat: 0, revokedTaken: 0, takenTwice: 0, lostSilently: 0, lockedOut: 0 },
          })
        },
        15 * 60_000,
      )
    })
  }
})

async function play({ ports }: Meeting, random: () => number): Promise<Tally> {
  const { taken } = await startOwlcms(ports[0])
  const organiser = new Organiser()
  const sites = await Promise.all([openSite('north', ports[0]), openSite('south', ports[1])])
  await until(() => sites.every(({ bridge }) => bridge.ready))
  const tally: Tally = {
    ...{ twoOnOneSeat: 0, revokedTaken: 0, takenTwice: 0, lostSilently: 0, lockedOut: 0 },
    ...{ resumedMs: [], revoked: {} },
  }
  for (let round = 0; round < rounds; round += 1) {
    const at = random() < 0.5 ? 0 : 1
    const [victim, survivor] = [sites[at], sites[1 - at]!]
    const token = await survivor.bridge.issue(place, 1)
    const first = taken.length
    const killed: { at?: number } = {}
    const after = (): number | undefined =>
      killed.at !== undefined && isLonely(round) ? undefined : survivor.door
    const theirs = new Official('good', token, () => (killed.at === undefined ? victim.door : after()))
    const ours = new Official('bad', token, () => survivor.door)
    const both = [theirs, ours]
    await sleep(random() * 600)

    const when = isLonely(round) ? 1 : random()
    // A revocation in the same moment may have its answer cut off, and then nobody has promised anything.
    const early =
      when < 0.25
        ? organiser.revoke(survivor)
        : when < 0.5
          ? organiser.revoke(victim).catch(() => undefined)
          : undefined
    if (early !== undefined) await sleep(random() * 100)
    const killedAt = performance.now()
    killed.at = killedAt
    await victim.kill()
    if (early === undefined) {
      const resumed = await until(() => both.some((each) => each.acks(killedAt) > 0), lockedOutMs).then(
        () => true,
        () => false,
      )
      if (!resumed) tally.lockedOut += 1
      else tally.resumedMs.push(performance.now() - killedAt)
    }
    const reach = (await early) ?? (await organiser.revoke(survivor))
    tally.revoked[reach] = (tally.revoked[reach] ?? 0) + 1
    const revokedAt = performance.now()

    sites[at] = await openSite(victim.name, ports[at])
    const again = new Official('good', token, () => sites[at].door)
    await until(() => sites[at].bridge.ready)
    await until(() => again.phone.isClosed)
    await Promise.all([...both, again].map((each) => each.stop()))
    const everybody = [...both, again]
    tally.revokedTaken += everybody.reduce((sum, each) => sum + each.acks(revokedAt), 0)

    const acked = (value: string): number =>
      everybody.filter((each) => each.value === value).reduce((sum, each) => sum + each.acks(), 0)
    const seen = (value: string): number =>
      taken.slice(first).filter((line) => line === `${seat.number} ${value}`).length
    await until(() => ['good', 'bad'].every((value) => seen(value) >= acked(value)), 2_000).catch(
      () => (tally.lostSilently += 1),
    )
    for (const value of ['good', 'bad']) {
      const unknown = everybody
        .filter((each) => each.value === value)
        .reduce((sum, each) => sum + each.lost, 0)
      if (seen(value) > acked(value) + unknown) tally.takenTwice += 1
    }
    if (seen('good') > 0 && seen('bad') > 0 && !isLonely(round)) tally.twoOnOneSeat += 1
  }
  return tally
}

describeIf(rabbitNeeds)('RabbitMQ, which gives back only part of what it keeps', () => {
  const isLetIn = async ({ door }: Site, token: string): Promise<boolean> => {
    const phone = new Phone(door, token, 'phone')
    const answer = await phone.press('good')
    phone.leave()
    return answer !== 'gone' && answer !== 'not sent'
  }

  it('says so, and a restart of the only bridge brings no revoked code back', async ({ task }) => {
    const { ports, version } = later(await startRabbitCluster())
    task.meta.tested = `RabbitMQ ${version}, one bridge over restarts, on both nodes`
    const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-revoked-'))
    later({ stop: () => rm(folder, { recursive: true, force: true }) })
    await startOwlcms(ports[0])
    const organiser = new Organiser()
    let alone = await openSite('alone', ports[0])
    await until(() => alone.bridge.ready)
    const token = await alone.bridge.issue(place, 1)
    expect(await isLetIn(alone, token)).toBe(true)
    expect(await organiser.revoke(alone)).toBe('untilRestart')
    const page = await (await fetch(alone.bridge.url)).text()
    expect(page).toContain('The broker does not give back what it keeps.')
    expect(await checked(ports[0], {})).toContain('notReplayed')

    // On the node that has it, without a file.
    await alone.kill()
    alone = await openSite('alone', ports[0])
    expect(await isLetIn(alone, token)).toBe(false)

    // On the other one, with a file.
    await alone.kill()
    const settings = { BRIDGE_JOURNAL_DIR: folder }
    alone = await openSite('alone', ports[0], settings)
    const next = await alone.bridge.issue(place, 1)
    expect(await isLetIn(alone, next)).toBe(true)
    expect(await organiser.revoke(alone)).toBe('everywhere')
    await alone.kill()
    alone = await openSite('alone', ports[1], settings)
    expect(await isLetIn(alone, next)).toBe(false)
    expect(await checked(ports[1], settings)).not.toContain('notReplayed')
  }, 180_000)
})

/** What `owlcms-bridge check` finds fault with. */
async function checked(port: number, more: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const settings = {
    OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
    OWLCMS_MQTTPORT: String(port),
    OWLCMS_MQTTUSERNAME: login.username,
    OWLCMS_MQTTPASSWORD: login.password,
    ...more,
  }
  const loaded = loadConfig(settings, [])
  const { findings } = await runCheck(loaded, { clock: systemClock, random: Math.random })
  return findings.flatMap(({ code }) => code ?? [])
}
