import { WebSocket } from 'ws'
import { expect, it } from 'vitest'
import { hivemq } from '../interop/support/foreign.ts'
import { password, settingsFor, startHiveMq, user as username } from '../interop/support/hivemq.ts'
import { makeCertificates } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { later } from '../support/later.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { Random } from '../support/random.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { connectDevice, startTestBridge } from '../support/running-bridge.ts'
import { TcpPeer, WebSocketPeer, type Peer } from './peers.ts'

interface Run {
  /** Starts the broker; it is stopped after the test. */
  readonly start: () => Promise<StartedBroker>
  readonly firstSeed: number
  readonly cases: number
}

interface StartedBroker {
  /** For the list of what the interoperability suite tested. */
  readonly name?: string
  /** Those of a bridge with this broker. */
  readonly settings: Readonly<Record<string, string>>
  /** What it told its log. */
  readonly log: readonly string[]
}

const mosquitto: Run = {
  async start() {
    const { port, log } = later(await startMosquitto({ transport: 'tcp' }))
    const settings = {
      ...{ OWLCMS_MQTTSERVER: '127.0.0.1', OWLCMS_MQTTPORT: String(port), BRIDGE_VENUE_PORT: '0' },
      ...{ OWLCMS_MQTTUSERNAME: username, OWLCMS_MQTTPASSWORD: password },
    }
    return { settings, log }
  },
  ...{ firstSeed: 4_000, cases: 1_600 },
}

/** The broker that most halls have. */
const hiveMqCe: Run = {
  async start() {
    const certificates = await makeCertificates()
    const broker = later(await startHiveMq(certificates))
    return { name: `HiveMQ CE ${broker.version}`, settings: settingsFor(broker, certificates.ca), log: [] }
  },
  ...{ firstSeed: 9_000, cases: 2_000 },
}

// HiveMQ is built for the interoperability suite, which wants nothing but its case.
if (process.env['INTEROP'] === 'true') describeIf(hivemq.needs)('with HiveMQ CE', () => survives(hiveMqCe))
else describeIf(requirement('mosquitto'))('with Mosquitto as it comes', () => survives(mosquitto))

/**
 * One client must not cost the hall its link (R12). Each case has a seed of its own, `LINK_FUZZ_SEED` plus its
 * number; `LINK_FUZZ_CASES` makes long runs and prints how the cases ended.
 */
function survives(run: Run): void {
  const firstSeed = Number(process.env['LINK_FUZZ_SEED'] ?? run.firstSeed)
  const cases = Number(process.env['LINK_FUZZ_CASES'] ?? run.cases)
  it(
    'no client, whatever it says, breaks the link, costs another one a press or puts up a phantom platform',
    { timeout: 60_000 + cases * 60 },
    async ({ task }) => {
      const broker = await run.start()
      if (broker.name !== undefined) task.meta.tested = `wild clients before ${broker.name}`
      // How much one may say is another matter.
      const limits = { messagesPerSecond: 1_000, messageBurst: 10_000 }
      const settings = { ...broker.settings, BRIDGE_LOG_LEVEL: 'info' }
      const bridge = later(await startTestBridge(settings, { limits }))
      await eventually(() => expect(bridge.ready).toBe(true), { timeout: 30_000, interval: 20 })
      const target: Target = {
        ...{ username, password, url: bridge.url, port: bridge.port, tcpPort: bridge.venuePort ?? 0 },
        linkBreaks: () => bridge.logLines.filter((line) => line.includes('broker link down')).length,
      }
      const startedAt = performance.now()
      const { harm, presses, endings } = await letLoose(target, { firstSeed, cases })
      const complaints = broker.log.filter((line) => /malformed|protocol error/i.test(line))
      expect({ ...harm, complaints }).toEqual({
        ...{ linkBreaks: 0, lostPresses: [], phantoms: [], seeds: [], complaints: [] },
      })
      expect(presses).toBe(Math.ceil(cases / 8))
      // Worth something only if many get through and many don't.
      if (cases >= 300) {
        expect(endings.get('answers')).toBeGreaterThan(cases / 10)
        expect(endings.get('close 1007')).toBeGreaterThan(cases / 20)
      }
      if (process.env['LINK_FUZZ_CASES'] !== undefined) {
        const seconds = (performance.now() - startedAt) / 1_000
        process.stdout.write(`${JSON.stringify({ cases, presses, seconds, endings: [...endings] })}\n`)
      }
    },
  )
}

/** A bridge under attack, with a link to a real broker. */
interface Target extends Login {
  readonly url: string
  readonly port: number
  readonly tcpPort: number
  /** How often its link broke so far. */
  readonly linkBreaks: () => number
}

interface Attack {
  /** Case n has the seed `firstSeed + n`. */
  readonly firstSeed: number
  readonly cases: number
}

/** What is to come out of any attack: nobody but the attacker notices. */
interface Harm {
  linkBreaks: number
  /** Presses of the bystander that were refused or not answered, and why. */
  readonly lostPresses: string[]
  /** Texts on a page or in a status that hold what only a hostile topic can have brought there. */
  readonly phantoms: string[]
  /** The seeds of the cases around the first break. */
  readonly seeds: number[]
}

interface Outcome {
  readonly harm: Harm
  readonly presses: number
  readonly endings: ReadonlyMap<string, number>
}

const atOnce = 8
/** Milliseconds in which a connection must have answered or ended. */
const patienceMs = 10_000
const ping = Buffer.of(0xc0, 0)

/**
 * Lets clients loose, a few at a time, while a bystander presses after each few of them; stops at the first harm.
 * The bystander must be acknowledged each time: at QoS 1 only the broker's word makes that.
 */
async function letLoose(target: Target, { firstSeed, cases }: Attack): Promise<Outcome> {
  const harm: Harm = { linkBreaks: 0, lostPresses: [], phantoms: [], seeds: [] }
  const endings = new Map<string, number>()
  const { username, password, url } = target
  const bystander = await connectDevice(`${url.replace('http', 'ws')}/mqtt`, {
    ...{ username, password, protocolVersion: 5 },
    clientId: 'bystander',
  })
  const breaksBefore = target.linkBreaks()
  const cookie = await signIn(target)
  let presses = 0
  try {
    for (let first = 0; first < cases && harm.seeds.length === 0; first += atOnce) {
      const seeds = Array.from({ length: Math.min(atOnce, cases - first) }, (_, n) => firstSeed + first + n)
      const ends = await Promise.all(seeds.map((seed) => runCase(seed, target, cookie)))
      for (const end of ends) endings.set(end, (endings.get(end) ?? 0) + 1)
      const press = presses
      presses += 1
      const verdict = press % 2 === 0 ? 'good' : 'bad'
      await bystander
        .press('owlcms/refbox/decision/A', `1 ${verdict}`)
        .catch((error: unknown) => harm.lostPresses.push(`press ${press}: ${String(error)}`))
      harm.linkBreaks = target.linkBreaks() - breaksBefore
      if (harm.linkBreaks > 0 || harm.lostPresses.length > 0) harm.seeds.push(...seeds)
    }
    harm.phantoms.push(...(await phantoms(target, cookie)))
  } finally {
    await bystander.stop()
  }
  return { harm, presses, endings }
}

async function runCase(seed: number, target: Target, cookie: string): Promise<string> {
  const random = new Random(seed)
  if (random.chance(0.05)) return pressOnStream(random, target)
  if (random.chance(0.03)) return askForLinks(random, target, cookie)
  const stream = wildStream(random, target)
  const peer: Peer = await (random.chance(0.5)
    ? WebSocketPeer.open(target.port)
    : TcpPeer.open(target.tcpPort))
  try {
    for (const packet of stream) peer.send(packet)
    peer.send(ping)
    const until = performance.now() + patienceMs
    while (!peer.ended && peer.stream.pingResponses === 0) {
      if (performance.now() > until) throw new Error(`seed ${seed}: neither answered nor ended`)
      await peer.news(100)
    }
    return peer.ended ? peer.ending : 'answers'
  } finally {
    peer.leave(random)
  }
}

/** `/ws` with platforms of any name, first as its own to hear, then to press on. */
function pressOnStream(random: Random, { port }: Target): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  const platform = wildName(random)
  const say = (message: object): void => socket.send(JSON.stringify(message))
  const command = { kind: 'refereeDecision', referee: 1, value: 'good' }
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', (code) => resolve(`stream closed ${code}`))
    socket.on('message', (data) => {
      const { type } = JSON.parse((data as Buffer).toString()) as { type: string }
      if (type === 'hello') {
        say({ type: 'start', schema: 1, platforms: random.pick(['all', [platform, wildName(random)]]) })
        say({ type: 'press', id: 'a', platform, command })
        say({ type: 'ping' })
      }
      if (type !== 'pong') return
      socket.close()
      resolve('stream answers')
    })
  })
}

/** Links for platforms of any name; who gets one uses it at once. */
async function askForLinks(random: Random, { url, tcpPort }: Target, cookie: string): Promise<string> {
  const platform = wildName(random)
  const seats = [{ platform, role: 'referee', number: 1 }]
  const answer = await post(url, '/seats/links', { seats, days: 1 }, { cookie })
  if (answer.status !== 200) {
    await answer.arrayBuffer()
    return `links ${answer.status}`
  }
  const { links } = (await answer.json()) as { links: readonly { url: string }[] }
  const device = await connectDevice(`mqtt://127.0.0.1:${tcpPort}`, {
    ...{ username: 'seat', password: links[0]?.url.split('#')[1] ?? '', protocolVersion: 5 },
    clientId: `${clientIdMark}seat${random.below(1e9)}`,
  })
  const pressed = await device.press(`owlcms/refbox/decision/${platform}`, '1 good').then(
    () => 'passed on',
    () => 'refused',
  )
  await device.stop()
  return `links 200, press ${pressed}`
}

function post(url: string, path: string, body: object, more: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/api${path}`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json', ...more },
    body: JSON.stringify(body),
  })
}

async function signIn({ url, password }: Target): Promise<string> {
  const login = await post(url, '/login', { password })
  return login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

const hostile = /[\u0000-\u001f\u007f-\u009f\ufffd]|\p{Noncharacter_Code_Point}|\p{Surrogate}/u

/** Every text that the organiser and the machines are shown, but client IDs, which may be what they like. */
async function phantoms({ url }: Target, cookie: string): Promise<string[]> {
  const found: string[] = []
  const look = (value: unknown): void => {
    if (typeof value === 'string' && hostile.test(value) && !value.includes(clientIdMark)) found.push(value)
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      look(key)
      look(inner)
    }
  }
  for (const path of ['/status', '/api/overview', '/metrics', '/journal']) {
    const answer = await fetch(`${url}${path}`, { headers: { cookie } })
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`)
    const isJson = answer.headers.get('content-type')?.includes('json') === true
    look(isJson ? await answer.json() : (await answer.text()).replaceAll('\t', ' ').split('\n'))
  }
  return found
}

// Clients that say anything a socket can carry, as raw bytes, since no MQTT library would write them: every text of
// every packet, from well-formed rarities to what no broker takes.

type Version = 3 | 4 | 5

interface Login {
  readonly username: string
  readonly password: string
}

/** Starts every client ID, so that a text can be told from a platform's name. */
const clientIdMark = 'wild:'

const utf8 = (text: string): Buffer => Buffer.from(text)
const point = (code: number): Buffer => utf8(String.fromCodePoint(code))
const hex = (bytes: string): Buffer => Buffer.from(bytes, 'hex')

/** Well-formed, and as such nobody's business (R6): must come through as it is. */
const rarePoints = [
  0x20, 0x24, 0x2f, 0xa0, 0xad, 0x0301, 0x200b, 0x200e, 0x202e, 0x2028, 0xe000, 0xfeff, 0xfdbf, 0xfdfa,
  0xfe00, 0xfffc, 0x1d11e, 0x1f3cb, 0xe0001, 0xf0000, 0x10fffd,
]
/** Lone continuation, overlong, surrogates, cut short, above U+10FFFF, bytes that UTF-8 never has, Latin-1. */
const notUtf8 = [
  ...['80', 'bf', 'c0af', 'c080', 'e08080', 'f0808080', 'eda080', 'edbfbf', 'eda080edb080', 'f09f98', 'e282'],
  ...['c3', 'f4908080', 'f8888080', 'fc8480808080', 'fe', 'ff', 'e9', 'fffe'],
].map(hex)

/** One piece of a text. What ends a connection at once is rarer, or no stream would come to its second packet. */
function rarity(random: Random): Buffer {
  return random.pick([
    ...[control, control, control, control, nonCharacter, nonCharacter, nonCharacter],
    ...[levels, levels, length, rarePoint, rarePoint, rarePoint, rarePoint, rarePoint],
    ...[nul, illFormed, illFormed, wildcard],
  ])(random)
}

const control = (random: Random): Buffer =>
  point(random.chance(0.5) ? 1 + random.below(0x1f) : 0x7f + random.below(0x21))
const nonCharacter = (random: Random): Buffer =>
  point(
    random.chance(0.5) ? 0xfdd0 + random.below(32) : random.below(17) * 0x1_0000 + 0xfffe + random.below(2),
  )
const levels = (random: Random): Buffer =>
  utf8('/'.repeat(random.pick([1, 2, 27, 31, 32, 40, 199, 201, 300])))
const length = (random: Random): Buffer => utf8('x'.repeat(random.pick([1, 250, 1_000, 7_000])))
const rarePoint = (random: Random): Buffer => point(random.pick(rarePoints))
const nul = (): Buffer => hex('00')
const illFormed = (random: Random): Buffer => random.pick(notUtf8)
const wildcard = (random: Random): Buffer => utf8(random.pick(['+', '#', '/+/', '/#', '+/', '$', '$SYS/']))

/** A text with up to three rarities at any place of it. */
function wildText(random: Random, base: string, chance = 0.5): Buffer {
  let text = utf8(base)
  if (!random.chance(chance)) return text
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const at = random.pick([text.length, text.length, random.below(text.length + 1)])
    text = Buffer.concat([text.subarray(0, at), rarity(random), text.subarray(at)])
  }
  return text.subarray(0, 7_800)
}

const topics = [
  'owlcms/refbox/decision/B',
  'owlcms/refbox/downEmitted/B',
  'owlcms/decision/B',
  'owlcms/clock/B',
  'owlcms/jurybox/juryMember/decision/B',
  'owlcms/jurybox/break/B',
  'owlcms/jurybox/decision/B',
  'owlcms/jurybox/summon/B',
  'owlcms/test/B',
  'owlcms/led/B',
  'owlcms/summon/B/4',
  'owlcms/decisionRequest/B/2',
  'owlcms/config',
  'owlcms/box/status',
  'owlcms/',
  'owlcms//B',
  'owlcms',
  'owlcms/$SYS/x',
  'owlcms/fop/decision/B',
  'owlcms/fop/startup/B',
  'owlcms/bridge/x/state',
  '$SYS/broker/uptime',
  '$share/g/owlcms/test/B',
  '$CONTROL/dynamic-security/v1',
  '/owlcms/clock/B',
  '',
]
const filters = [...topics, 'owlcms/#', 'owlcms/fop/+/B', '+/+', '#', '$share/g/owlcms/#', '$queue/owlcms/#']
const payloads = ['1 good', '2 bad', '3 good', 'start', 'stop', 'deliberation', 'all', '', 'x'.repeat(300)]

const wildTopic = (random: Random): Buffer => wildText(random, random.pick(topics))
const wildPayload = (random: Random): Buffer =>
  random.chance(0.7) ? utf8(random.pick(payloads)) : wildText(random, random.pick(payloads))

const int16 = (value: number): Buffer => Buffer.of((value >> 8) & 0xff, value & 0xff)
const int32 = (value: number): Buffer =>
  Buffer.concat([int16(Math.floor(value / 65_536)), int16(value % 65_536)])
const field = (bytes: Buffer): Buffer => Buffer.concat([int16(bytes.length), bytes])
const property = (id: number, ...values: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.of(id), ...values])

function variable(value: number): Buffer {
  const bytes: number[] = []
  do {
    bytes.push((value % 128) | (value >= 128 ? 0x80 : 0))
    value = Math.floor(value / 128)
  } while (value > 0)
  return Buffer.from(bytes)
}

function packet(header: number, ...body: readonly Buffer[]): Buffer {
  const rest = Buffer.concat(body)
  return Buffer.concat([Buffer.of(header), variable(rest.length), rest])
}

/** Properties for MQTT 5, each with some chance; nothing before it. */
function properties(random: Random, version: Version, ...all: readonly (() => Buffer)[]): Buffer {
  if (version !== 5) return Buffer.alloc(0)
  const list = Buffer.concat(all.filter(() => random.chance(0.3)).map((make) => make()))
  return Buffer.concat([variable(list.length), list])
}

const userProperty = (random: Random) => (): Buffer =>
  property(0x26, field(wildText(random, 'key', 0.4)), field(wildText(random, 'value', 0.4)))
const reasonString = (random: Random) => (): Buffer => property(0x1f, field(wildText(random, 'because', 0.4)))

function messageProperties(random: Random): (() => Buffer)[] {
  return [
    () => property(0x01, Buffer.of(random.below(2))),
    () => property(0x02, int32(random.pick([0, 1, 60, 0xffff_ffff]))),
    () => property(0x03, field(wildText(random, 'text/plain', 0.4))),
    () => property(0x08, field(wildText(random, 'owlcms/answer', 0.4))),
    () => property(0x09, field(wildText(random, 'correlation', 0.4))),
    userProperty(random),
    userProperty(random),
  ]
}

function connect(random: Random, version: Version, login: Login): Buffer {
  const will = random.chance(0.5)
  const clean = random.chance(0.7)
  const willFlags = will ? 0x04 | (random.below(3) << 3) | (random.chance(0.5) ? 0x20 : 0) : 0
  // Rarely another one: who tries many is soon refused unread, and so are all others of its address.
  const username = random.chance(0.998) ? utf8(login.username) : wildText(random, login.username)
  return packet(
    0x10,
    ...[field(utf8(version === 3 ? 'MQIsdp' : 'MQTT')), Buffer.of(version)],
    ...[Buffer.of(0xc0 | willFlags | (clean ? 2 : 0)), int16(random.pick([0, 20]))],
    properties(
      random,
      version,
      () => property(0x11, int32(random.pick([0, 1, 60]))),
      () => property(0x21, int16(random.pick([1, 10, 65_535]))),
      () => property(0x27, int32(random.pick([2, 5, 20, 256, 100_000]))),
      () => property(0x22, int16(random.below(20))),
      () => property(0x17, Buffer.of(random.below(2))),
      userProperty(random),
    ),
    field(Buffer.concat([utf8(clientIdMark), wildText(random, String(random.below(1e9)), 0.15)])),
    ...(will
      ? [
          properties(
            random,
            version,
            () => property(0x18, int32(random.below(3))),
            ...messageProperties(random),
          ),
          ...[field(wildTopic(random)), field(wildPayload(random))],
        ]
      : []),
    ...[field(username), field(utf8(login.password))],
  )
}

function publish(random: Random, version: Version): Buffer {
  const qos = random.below(3)
  const flags = (qos > 0 && random.chance(0.2) ? 8 : 0) | (qos << 1) | (random.chance(0.3) ? 1 : 0)
  const alias = random.chance(0.3)
  const topic = version === 5 && alias && random.chance(0.5) ? Buffer.alloc(0) : wildTopic(random)
  return packet(
    0x30 | flags,
    field(topic),
    ...(qos > 0 ? [int16(1 + random.below(5))] : []),
    properties(
      random,
      version,
      ...(alias ? [() => property(0x23, int16(1 + random.below(3)))] : []),
      ...messageProperties(random),
    ),
    wildPayload(random),
  )
}

function subscribe(random: Random, version: Version): Buffer {
  const wanted = Array.from({ length: 1 + random.below(3) }, () =>
    Buffer.concat([field(wildText(random, random.pick(filters))), Buffer.of(random.below(3))]),
  )
  return packet(
    0x82,
    int16(1 + random.below(9)),
    properties(random, version, () => property(0x0b, variable(1 + random.below(300))), userProperty(random)),
    ...wanted,
  )
}

function unsubscribe(random: Random, version: Version): Buffer {
  const filter = field(wildText(random, random.pick(filters)))
  return packet(0xa2, int16(1 + random.below(9)), properties(random, version, userProperty(random)), filter)
}

function acknowledgement(random: Random, version: Version): Buffer {
  const header = random.pick([0x40, 0x50, 0x62, 0x62, 0x62, 0x70])
  const more = version === 5 && random.chance(0.5)
  return packet(
    header,
    int16(1 + random.below(5)),
    ...(more ? [Buffer.of(0), properties(random, version, reasonString(random), userProperty(random))] : []),
  )
}

function goodbye(random: Random, version: Version): Buffer {
  if (version !== 5) return packet(0xe0)
  const reasonCode = Buffer.of(random.pick([0x00, 0x04, 0x04, 0x04]))
  return packet(0xe0, reasonCode, properties(random, version, reasonString(random), userProperty(random)))
}

/** CONNECT, a few packets, and sometimes a DISCONNECT, each whole. */
function wildStream(random: Random, login: Login): Buffer[] {
  const version = random.pick([3, 4, 5, 5] as const)
  const packets = [connect(random, version, login)]
  for (let left = 1 + random.below(6); left > 0; left -= 1) {
    const kind = random.below(10)
    if (kind < 6) packets.push(publish(random, version))
    else if (kind < 8) packets.push(subscribe(random, version))
    else if (kind === 8) packets.push(unsubscribe(random, version))
    else packets.push(acknowledgement(random, version))
  }
  if (random.chance(0.2)) packets.push(goodbye(random, version))
  return packets
}

/** A platform's name for JSON: any UTF-16, halves of surrogate pairs included. */
function wildName(random: Random): string {
  // U+FFFD is as good a character as any here, yet elsewhere it betrays what was no UTF-8.
  const text = wildText(random, random.pick(['B', 'Plattform', 'a/b']))
    .toString()
    .replaceAll('\ufffd', '\ud83c')
  if (random.chance(0.8)) return text.slice(0, 200)
  const half = String.fromCharCode(0xd800 + random.below(0x800))
  return random.pick([half, `B${half}`, `${half}B`])
}
