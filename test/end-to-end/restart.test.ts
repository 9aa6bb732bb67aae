import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { StreamClient } from '../../src/console/stream/stream-client.ts'
import { retryHintMs } from '../../src/protocol/contract/close-codes.ts'
import type { LinksAnswer } from '../../src/protocol/contract/console-api.ts'
import { commandRules } from '../../src/protocol/field/fence.ts'
import type { ServerMessage } from '../../src/protocol/contract/stream-message.ts'
import { hearPress, unexplained, type ArrivedPress, type MadePress } from '../support/crowd.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { freePort, startProgram, type Program } from '../support/program.ts'
import { randomFrom } from '../support/random.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { eventually, runningMs } from '../support/eventually.ts'

/** These run the built program (npm test builds first) against a real broker. */
/** Hundreds of clients on a busy machine. */
const crowd = { timeout: 60_000 }
/** As old a decision may be when it is passed on. */
const oldestMs = commandRules.refereeDecision.maxAgeMs
const login = { username: 'hall', password: 'planted-password' }
const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** One press of a device, on a platform of its own, so that it can be told from all others. */
interface TestPress {
  readonly topic: string
  /** Which connection of the device was up when it was made; 0: none. */
  readonly connection: number
  /** On which connection it was acknowledged. */
  ackedOn?: number
}

/** A device as real ones are: MQTT.js with its own defaults, which keep presses and send them again. */
class StubbornDevice {
  readonly presses: TestPress[] = []
  readonly client: MqttClient
  /** Grows with each connection; `connected` is false between two of them. */
  connection = 0
  readonly #name: string

  constructor(port: number, name: string, login: { readonly username: string; readonly password: string }) {
    this.#name = name
    const protocolVersion = this.#name.endsWith('5') ? 5 : 4
    this.client = mqtt.connect(`ws://127.0.0.1:${port}/mqtt`, { ...login, clientId: name, protocolVersion })
    // `connect` comes only after MQTT.js has sent its stored presses again.
    this.client.on('packetreceive', ({ cmd }) => {
      if (cmd === 'connack') this.connection += 1
    })
    this.client.on('error', () => undefined)
  }

  press(): void {
    const { connected } = this.client
    const press: TestPress = {
      topic: `owlcms/refbox/decision/${this.#name} ${this.presses.length}`,
      connection: connected ? this.connection : 0,
    }
    this.presses.push(press)
    this.client.publish(press.topic, '1 good', { qos: 1 }, (error?: Error | null) => {
      if (error === undefined || error === null) press.ackedOn = this.connection
    })
  }

  async stop(): Promise<void> {
    await this.client.endAsync(true)
  }
}

/** A screen on `/ws` that comes back when it is told to, and after half a second when nobody listens. */
class Screen {
  readonly messages: Record<string, unknown>[] = []
  /** What each connection ended with. */
  readonly ends: { readonly code: number; readonly reason: string; readonly hintMs: number | undefined }[] =
    []
  /** How often it was told hello, and so was really in. */
  greeted = 0
  readonly #port: number
  #socket: WebSocket | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(port: number) {
    this.#port = port
    this.#connect()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#socket?.terminate()
  }

  #connect(): void {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/ws`)
    this.#socket = socket
    let open = false
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Record<string, unknown>
      if (message['type'] === 'hello') {
        open = true
        socket.send(JSON.stringify({ type: 'start', schema: 1 }))
      }
      if (message['type'] === 'started') this.greeted += 1
      this.messages.push(message)
    })
    socket.on('close', (code, reasonBytes) => {
      const reason = reasonBytes.toString()
      const hintMs = retryHintMs(reason)
      if (open) this.ends.push({ code, reason, hintMs })
      if (!this.#stopped) this.#timer = setTimeout(() => this.#connect(), hintMs ?? 500)
    })
  }
}

const athlete = '{"athleteName":"X","attemptNumber":1,"liftType":"SNATCH","session":"1"} 60000'

/** A broker, an owlcms that answers with its platforms, and everything said on the broker with its time. */
async function hall() {
  const broker = await startMosquitto({ transport: 'tcp', users: { [login.username]: login.password } })
  cleanUps.push(() => broker.stop())
  const owlcms = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, login)
  cleanUps.push(() => owlcms.endAsync(true))
  const arrivals = new Map<string, number[]>()
  owlcms.on('message', (topic) => {
    if (topic === 'owlcms/config') {
      owlcms.publish('owlcms/fop/config', '{"version":"61.0.1","jurySize":3,"platforms":["A"]}', { qos: 1 })
    }
    arrivals.set(topic, [...(arrivals.get(topic) ?? []), runningMs()])
  })
  await owlcms.subscribeAsync(['owlcms/config', 'owlcms/refbox/#'], { qos: 1 })
  const port = await freePort()
  const settings = {
    OWLCMS_MQTTSERVER: `mqtt://127.0.0.1`,
    OWLCMS_MQTTPORT: String(broker.port),
    OWLCMS_MQTTUSERNAME: login.username,
    OWLCMS_MQTTPASSWORD: login.password,
    PORT: String(port),
  }
  const start = async (more: Readonly<Record<string, string>> = {}): Promise<Program> => {
    const program = startProgram({ ...settings, ...more })
    cleanUps.push(() => program.kill())
    await program.said('connected to the broker')
    return program
  }
  return { broker, port, owlcms, arrivals, start }
}

/** Links for the three referees, as their tokens. */
async function refereeTokens(url: string, password: string): Promise<readonly string[]> {
  const headers = { origin: url, 'content-type': 'application/json' }
  const signedIn = await fetch(`${url}/api/login`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ password }) },
  })
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const seats = [1, 2, 3].map((number) => ({ platform: 'A', role: 'referee', number }))
  const made = await fetch(`${url}/api/seats/links`, {
    ...{ method: 'POST', headers: { ...headers, cookie }, body: JSON.stringify({ seats, days: 1 }) },
  })
  const { links } = (await made.json()) as LinksAnswer
  return links.map((link) => link.url.split('#')[1] ?? '')
}

interface Heard extends ArrivedPress {
  readonly referee: number
}

/** The keypad's own client, on a real socket, pressing for a referee. */
class RealKeypad {
  readonly presses: MadePress[] = []
  /** How many bridges it was on. */
  bridges = 0
  readonly #client: StreamClient
  readonly #made = new Map<string, MadePress>()
  readonly #referee: 1 | 2 | 3

  constructor(port: number, token: string, referee: 1 | 2 | 3) {
    this.#referee = referee
    let ids = 0
    const setTimer = (delayMs: number, callback: () => void): (() => void) => {
      const timer = setTimeout(callback, delayMs)
      return () => clearTimeout(timer)
    }
    this.#client = new StreamClient({
      ...{
        clock: { now: () => Date.now(), setTimer },
        random: Math.random,
        token,
        client: `phone ${referee}`,
      },
      newId: () => `${referee}-${(ids += 1)}`,
      openLine: (events) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
        socket.on('open', () => (this.bridges += 1))
        socket.on('error', () => undefined)
        socket.on('message', (data: Buffer) => {
          this.#heard(JSON.parse(data.toString()) as ServerMessage)
          events.text(data.toString())
        })
        socket.on('close', (code, reason) => events.closed(code, reason.toString()))
        return {
          send: (text) => socket.send(text),
          close: () => {
            socket.removeAllListeners('message').removeAllListeners('close')
            socket.close()
          },
        }
      },
    })
    this.#client.connect()
  }

  /** And its presses tell how old they are. */
  get canPress(): boolean {
    const { line, ready, seat } = this.#client.view
    return line.kind === 'live' && ready && seat === 'held' && this.#client.roundTripMs !== undefined
  }

  get phase(): string | undefined {
    return this.#client.view.states['A']?.phase.kind
  }

  press(value: 'good' | 'bad'): void {
    const command = { kind: 'refereeDecision', referee: this.#referee, value } as const
    const made: MadePress = { value, at: runningMs(), ends: 'sending' }
    this.presses.push(made)
    const { id, state } = this.#client.press('A', command, this.#client.view.states['A']?.fence)
    this.#made.set(id, made)
    if (state.kind === 'refused') made.ends = state.reason
  }

  stop(): void {
    this.#client.stop()
  }

  /** Of every press, not of the latest only, as the page shows it. */
  #heard(message: ServerMessage): void {
    const made = 'id' in message ? this.#made.get(message.id ?? '') : undefined
    if (made !== undefined) hearPress(made, message)
  }
}

describeIf(requirement('mosquitto'))('a restart on competition day', () => {
  it('sends 500 clients away in less than 5 s; all come back, and no press arrives twice or late', async () => {
    const { port, owlcms, arrivals, start } = await hall()
    const old = await start()
    const devices = Array.from({ length: 250 }, (_, at) => new StubbornDevice(port, `box-${at}`, login))
    const screens = Array.from({ length: 250 }, () => new Screen(port))
    cleanUps.push(() => Promise.all(devices.map((device) => device.stop())))
    cleanUps.push(() => screens.forEach((screen) => screen.stop()))
    const areIn = (times: number) => () => {
      expect(devices.filter(({ connection }) => connection >= times)).toHaveLength(250)
      expect(screens.filter(({ greeted }) => greeted >= times)).toHaveLength(250)
    }
    await eventually(areIn(1), crowd)
    owlcms.publish('owlcms/fop/start/A', athlete, { qos: 1 })
    const last = screens.at(-1)!
    await eventually(() => expect(JSON.stringify(last.messages)).toContain('"clockRunning"'), crowd)

    const pressing = setInterval(() => {
      for (const device of devices.slice(0, 20)) device.press()
    }, 150)
    cleanUps.push(() => clearInterval(pressing))
    // Past the time in which presses after a CONNECT are held back.
    await eventually(() => expect(arrivals.size).toBeGreaterThan(100), crowd)
    const heldBack = new Set(devices.flatMap(({ presses }) => presses.map(({ topic }) => topic)))
    // Some more that nothing holds back.
    await eventually(() => expect(arrivals.size).toBeGreaterThan(300), crowd)

    const before = runningMs()
    old.signal('SIGTERM')
    expect(await old.exit).toBe(0)
    expect(runningMs() - before).toBeLessThan(5_000)
    const goodbye = {
      ...{ level: 'info', msg: 'stopped', clients: 500, cut: 0, waitedMs: expect.any(Number) as unknown },
      ...{ memoryMegabytes: expect.any(Number) as unknown, uptimeSeconds: expect.any(Number) as unknown },
    }
    await eventually(() => expect(old.lines().at(-1)).toMatchObject(goodbye))
    // The program may have ended before the last of them has read so.
    const ends = await eventually(() => {
      // Some may have been asked to come again when all came at once.
      const told = screens.flatMap((screen) => screen.ends.find(({ code }) => code === 1012) ?? [])
      expect(told).toHaveLength(screens.length)
      return told
    })
    // Spread: no moment is told to more than a few.
    expect(new Set(ends.map(({ hintMs }) => hintMs)).size).toBeGreaterThanOrEqual(12)

    // What the old process passed on is there before the broker’s next word; from here on nothing of it may come.
    owlcms.publish('owlcms/refbox/end/A', '', { qos: 1 })
    await eventually(() => expect(arrivals.has('owlcms/refbox/end/A')).toBe(true))
    const renewed = runningMs()
    await start()
    await eventually(areIn(2), crowd)
    clearInterval(pressing)
    // One more press of each shows that they are really back; those right after CONNECT are held back.
    const pressers = devices.slice(0, 20)
    await eventually(
      () => {
        for (const device of pressers) device.press()
        const fresh = pressers.map(({ presses }) =>
          presses.some(({ connection, topic }) => connection >= 2 && arrivals.has(topic)),
        )
        expect(fresh).not.toContain(false)
      },
      { ...crowd, interval: 4_000 },
    )

    const presses = devices.flatMap((device) => device.presses)
    const times = (topic: string): readonly number[] => arrivals.get(topic) ?? []
    expect(presses.filter(({ topic }) => times(topic).length > 1)).toEqual([])
    // Made on the old process's connections, or on none: never after the new one began.
    const late = presses.filter(
      ({ connection, topic }) => connection <= 1 && times(topic).some((at) => at > renewed),
    )
    expect(late).toEqual([])
    expect(presses.filter(({ connection, topic }) => connection === 0 && times(topic).length > 0)).toEqual([])
    // What the old process acknowledged did arrive; presses held back after CONNECT are the one exception (README).
    const promised = presses.filter(
      ({ topic, connection, ackedOn }) => connection === 1 && ackedOn === 1 && !heldBack.has(topic),
    )
    expect(promised.length).toBeGreaterThan(50)
    expect(promised.filter(({ topic }) => times(topic).length !== 1)).toEqual([])
    expect(presses.some(({ connection }) => connection === 0)).toBe(true)
  }, 180_000)

  it('one of two bridges after the other, during a lift: keypads go on at the other one, and no press is twice, late or lost in silence', async () => {
    const { broker, owlcms, port, start } = await hall()
    const [names, ports] = [
      ['cloud', 'pi'],
      [port, await freePort()],
    ]
    const startAt = (at: number): Promise<Program> =>
      start({ BRIDGE_NAME: names[at] ?? '', PORT: String(ports[at]) })
    const programs = await Promise.all([startAt(0), startAt(1)])
    const shared = await startTcpProxy(ports)
    cleanUps.push(() => shared.stop())
    const heard: Heard[] = []
    const outside = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, login)
    cleanUps.push(() => outside.endAsync(true))
    outside.on('message', (_, payload) => {
      const [official = '', value = ''] = payload.toString().split(' ')
      heard.push({ referee: Number(official), value, at: runningMs() })
      owlcms.publish('owlcms/fop/decision/A', payload, { qos: 1 })
    })
    await outside.subscribeAsync('owlcms/refbox/decision/A', { qos: 1 })
    const url = `http://127.0.0.1:${shared.port}`
    const keypads = (await refereeTokens(url, login.password)).map(
      (token, index) => new RealKeypad(shared.port, token, (index + 1) as 1 | 2 | 3),
    )
    cleanUps.push(() => keypads.forEach((keypad) => keypad.stop()))
    const allCanPress = (): void => expect(keypads.filter(({ canPress }) => !canPress)).toEqual([])
    await eventually(allCanPress)
    owlcms.publish('owlcms/fop/start/A', athlete, { qos: 1 })
    await eventually(() => expect(keypads.map(({ phase }) => phase)).toEqual(Array(3).fill('clockRunning')))

    const seed = Number(process.env['ROLLING_SEED'] ?? Date.now())
    const random = randomFrom(seed)
    const pressing = setInterval(() => {
      for (const keypad of keypads) if (random() < 0.4) keypad.press(random() < 0.5 ? 'good' : 'bad')
    }, 60)
    cleanUps.push(() => clearInterval(pressing))
    const waited: MadePress[] = []
    for (const round of [0, 1, 0, 1]) {
      await pause(300 + random() * 700)
      programs[round]?.signal('SIGTERM')
      expect(await programs[round]?.exit).toBe(0)
      // Everybody is at the other one now, or on the way there.
      await eventually(allCanPress)
      if (waited.length === 0) {
        // The machine lets that one do nothing, for longer than what comes first may wait.
        const { pid } = programs[1 - round] as Program
        const before = keypads.map(({ presses }) => presses.length)
        process.kill(pid, 'SIGSTOP')
        await pause(700)
        waited.push(...keypads.flatMap(({ presses }, index) => presses.slice(before[index])))
        await pause(oldestMs + 500)
        process.kill(pid, 'SIGCONT')
        await eventually(allCanPress)
      }
      programs[round] = await startAt(round)
    }
    const takenOf = ({ presses }: RealKeypad) => presses.filter(({ ends }) => ends === 'taken')
    await eventually(() => {
      for (const keypad of keypads) expect(takenOf(keypad).length).toBeGreaterThan(20)
    })
    clearInterval(pressing)
    const open: readonly (string | undefined)[] = ['sending', 'acked']
    await eventually(() =>
      expect(keypads.filter(({ presses }) => open.includes(presses.at(-1)?.ends))).toEqual([]),
    )
    // Of a line that was given up the keypad can't know.
    for (const press of waited) if (press.ends === 'sending') press.ends = 'tooLate'
    expect(waited.map(({ ends }) => ends)).toContain('tooLate')
    const told = { seed, presses: keypads.flatMap(({ presses }) => presses).length, heard: heard.length }
    for (const [index, { presses, bridges }] of keypads.entries()) {
      const arrived = heard.filter(({ referee }) => referee === index + 1)
      expect({ ...told, wrong: unexplained(presses, arrived) }).toEqual({ ...told, wrong: undefined })
      expect(bridges).toBeGreaterThan(1)
    }
  }, 120_000)

  it('tells a returning screen that nothing is known yet, rather than what was', async () => {
    const { port, owlcms, start } = await hall()
    const old = await start()
    const screen = new Screen(port)
    cleanUps.push(() => screen.stop())
    owlcms.publish('owlcms/fop/start/A', athlete, { qos: 1 })
    await eventually(() => expect(JSON.stringify(screen.messages)).toContain('"clockRunning"'))
    old.signal('SIGTERM')
    await old.exit
    screen.messages.length = 0
    await start()
    await eventually(() =>
      expect(screen.messages).toContainEqual(expect.objectContaining({ type: 'snapshot' })),
    )
    expect(screen.messages.find(({ type }) => type === 'snapshot')).toMatchObject({
      reason: 'start',
      platform: 'A',
      state: { phase: { kind: 'idle' }, clock: { kind: 'unknown' }, decisions: {} },
    })
  })

  it('waits for a break when it may, works and says so meanwhile, and then goes', async () => {
    const { port, owlcms, arrivals, start } = await hall()
    const program = await start({ BRIDGE_STOP_DELAY_SECONDS: '120' })
    const device = new StubbornDevice(port, 'box-1', login)
    const screen = new Screen(port)
    cleanUps.push(
      () => device.stop(),
      () => screen.stop(),
    )
    owlcms.publish('owlcms/fop/start/A', athlete, { qos: 1 })
    await eventually(() => expect(JSON.stringify(screen.messages)).toContain('"clockRunning"'))
    program.signal('SIGTERM')
    // Heroku may send it twice.
    program.signal('SIGTERM')
    await program.said('will stop at the next break')
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text()
    expect(page).toContain('It will restart at the next break.')
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    await eventually(
      () => {
        device.press()
        expect(arrivals.size).toBeGreaterThan(0)
      },
      { interval: 100 },
    )
    owlcms.publish('owlcms/fop/break/A', 'FIRST_CJ', { qos: 1 })
    expect(await program.exit).toBe(0)
    expect(await program.said('stopping now')).toMatchObject({ outcome: 'quiet' })
    await eventually(() => expect(screen.ends).toMatchObject([{ code: 1012 }]))
  })

  it.each([
    ['a second signal ends the wait', ['SIGTERM', 'SIGINT'], 'cut', 1012],
    ['Ctrl-C waits for nothing', ['SIGINT'], undefined, 4001],
  ] as const)('%s', async (_, signals, outcome, code) => {
    const { port, owlcms, start } = await hall()
    const program = await start({ BRIDGE_STOP_DELAY_SECONDS: '120' })
    const screen = new Screen(port)
    cleanUps.push(() => screen.stop())
    owlcms.publish('owlcms/fop/start/A', athlete, { qos: 1 })
    await eventually(() => expect(JSON.stringify(screen.messages)).toContain('"clockRunning"'))
    for (const signal of signals) {
      program.signal(signal)
      if (signal === 'SIGTERM') await program.said('will stop at the next break')
    }
    expect(await program.exit).toBe(0)
    expect(program.lines().find(({ msg }) => msg === 'stopping now')?.['outcome']).toBe(outcome)
    await eventually(() =>
      expect(screen.ends[0]).toMatchObject({ code, hintMs: expect.any(Number) as unknown }),
    )
  })
})

describeIf([requirement('mosquitto'), requirement('mosquitto-clients')])('libmosquitto with MQTT 5', () => {
  it('comes back after a restart, since no DISCONNECT tells it to stay away', async () => {
    const { owlcms, start } = await hall()
    const venuePort = await freePort()
    const venue = { BRIDGE_VENUE_PORT: String(venuePort) }
    const old = await start(venue)
    const where = ['-V', '5', '-h', '127.0.0.1', '-p', String(venuePort)]
    const child = spawn('mosquitto_sub', [...where, '-t', 'owlcms/test/A'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    cleanUps.push(() => child.kill())
    let heard = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text))
    const hears = (word: string) =>
      eventually(
        () => {
          owlcms.publish('owlcms/test/A', word)
          expect(heard).toContain(word)
        },
        { interval: 100 },
      )
    await hears('before')
    old.signal('SIGTERM')
    await old.exit
    await start(venue)
    await hears('after')
    expect(child.exitCode).toBeNull()
  }, 60_000)
})
