import { WebSocket } from 'ws'
import { connectDevice } from '../support/running-bridge.ts'
import { TcpPeer, WebSocketPeer, type Peer } from './peers.ts'
import { Random } from '../support/random.ts'
import { clientIdMark, wildName, wildStream, type Login } from './wild-clients.ts'

/** A bridge under attack, with a link to a real broker. */
export interface Target extends Login {
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
export async function letLoose(target: Target, { firstSeed, cases }: Attack): Promise<Outcome> {
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
    ? WebSocketPeer.open(target.port, () => true)
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
