import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { upgradeRequest } from '../../test/support/raw-websocket.ts'

/** What an attacker has in hand. */
export interface Loot {
  readonly port: number
  /** Of plain MQTT, where no password is asked for. */
  readonly hallPort: number
  /** A viewer's link, and one of a seat that nobody else sits on; all at the officials' own address. */
  readonly viewer: string
  readonly seat: string
  /** The broker's, for a box gone mad. */
  readonly username: string
  readonly password: string
}

/** What one attacking socket does; strings and buffers are bytes as they are. */
interface Script {
  /** Default: the pages'. */
  readonly port?: number
  /** Sent at once. */
  readonly opening: string | Buffer
  /** Sent when the first answer is here. */
  readonly hello?: Buffer
  /** Sent from then on without end, or `once`. */
  readonly again?: Buffer
  readonly once?: boolean
  /** Leaves its half open when the other side ends. */
  readonly halfOpen?: boolean
  /** Goes after so many milliseconds, by a reset. */
  readonly cutMs?: number
  /** Comes again so many milliseconds after it was cut; default 20. */
  readonly againMs?: number
  /** Default 20. */
  readonly sockets?: number
}

export type Attack = readonly [what: string, script: (loot: Loot) => Script]

/** A masked frame of a client; the mask is zero, so that its bytes stay as they are. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head, 0, 0, 0, 0]), payload])
}
const text = (message: object): Buffer => frame(1, Buffer.from(JSON.stringify(message)))
const many = (make: (at: number) => Buffer, count = 500): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, at) => make(at)))
const field = (value: string): Buffer =>
  Buffer.from([value.length >> 8, value.length & 0xff, ...Buffer.from(value)])
function packet(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const digits = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7]
  return Buffer.concat([Buffer.from([type, ...digits]), body])
}
/** MQTT 3.1.1; keep alive 60 s. */
const connectPacket = (flags: number, ...fields: readonly string[]): Buffer =>
  packet(0x10, field('MQTT'), Buffer.from([4, flags, 0, 60]), ...fields.map(field))
const connect = (clientId: string, username: string, password: string): Buffer =>
  frame(2, connectPacket(0xc2, clientId, username, password))
const publishPacket = (topic: string, payload: string): Buffer =>
  packet(0x30, field(topic), Buffer.from(payload))
const publish = (topic: string, payload: string): Buffer => frame(2, publishPacket(topic, payload))
const clockStart = { kind: 'clock', command: 'start' }
const vote = { kind: 'juryVote', member: 5, value: 'good' }
const press = (command: object, id: string): Buffer => text({ type: 'press', id, platform: 'A', command })
const start = (token?: string): Buffer =>
  text({ type: 'start', schema: 1, client: 'x', ...(token === undefined ? {} : { token }) })
const request = (line: string): string => `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
const asked = (line: string): Script => ({
  opening: request(line),
  again: Buffer.from(request(line).repeat(500)),
})
const [mqtt, ws] = [upgradeRequest('/mqtt'), upgradeRequest('/ws', '')]
const viewing = ({ viewer }: Loot): { opening: string; hello: Buffer } => ({
  opening: mqtt,
  hello: connect('viewer', 'x', viewer),
})

/** SECURITY.md, "Attacks": what goes on beside the officials, from their own address. */
export const attacks: readonly Attack[] = [
  [
    'presses at QoS 0 with a viewer’s link',
    (loot) => ({ ...viewing(loot), again: many(() => publish('owlcms/clock/A', 'start')) }),
  ],
  [
    'subscriptions with a viewer’s link',
    (loot) => ({
      ...viewing(loot),
      again: many(() => frame(2, packet(0x82, Buffer.from([0, 1]), field('owlcms/fop/#'), Buffer.from([0])))),
    }),
  ],
  [
    'pings, 30,000 in a frame, with a viewer’s link',
    (loot) => ({ ...viewing(loot), again: frame(2, Buffer.from('c000'.repeat(30_000), 'hex')) }),
  ],
  [
    'words of its own on owlcms/config',
    (loot) => ({ ...viewing(loot), again: many(() => publish('owlcms/config', 'x'.repeat(5_000)), 20) }),
  ],
  [
    'presses without a link on /ws',
    () => ({ opening: ws, hello: start(), again: many(() => press(clockStart, 'x')) }),
  ],
  [
    'presses of one seat, over connections that come again',
    ({ seat }) => ({
      opening: ws,
      hello: start(seat),
      again: many((at) => press(vote, `x${at}`), 195),
      once: true,
      cutMs: 100,
    }),
  ],
  [
    'platforms that a box makes up',
    ({ username, password }) => ({
      opening: mqtt,
      hello: connect('mad', username, password),
      again: many((at) => publish(`owlcms/led/fake${at}`, 'on')),
    }),
  ],
  [
    'presses of a box in the hall, on plain TCP',
    ({ hallPort }) => ({
      port: hallPort,
      opening: connectPacket(2, 'mad'),
      again: many(() => publishPacket('owlcms/clock/A', 'stop')),
    }),
  ],
  [
    'wrong passwords',
    ({ username }) => ({ opening: mqtt, hello: connect('guess', username, 'not the password') }),
  ],
  ['wrong links', () => ({ opening: mqtt, hello: connect('guess', 'x', `owl1${'x'.repeat(60)}`) })],
  ['GET /metrics, 500 in one write', () => asked('GET /metrics')],
  ['GET /status, 500 in one write', () => asked('GET /status')],
  ['the page, 500 in one write', () => asked('GET /')],
  ['liveness, 500 in one write', () => asked('GET /livez')],
  ['HEAD /events, 500 in one write', () => asked('HEAD /events')],
  [
    '/events, gone before the first byte',
    () => ({ opening: request('GET /events?platform=A'), cutMs: 0, againMs: 5 }),
  ],
  [
    'sockets that never say who they are',
    () => ({ opening: mqtt, sockets: 400, cutMs: 1_000, againMs: 500 }),
  ],
  ['half a request', () => ({ opening: 'GET /status HTTP/1.1\r\nHo', sockets: 400, cutMs: 1_000 })],
  [
    'refused upgrades that keep their half open',
    () => ({ opening: upgradeRequest('/nope'), halfOpen: true, cutMs: 500, sockets: 100 }),
  ],
  [
    'as many viewers as the address may have',
    () => ({ opening: ws, hello: start(), sockets: 600, againMs: 1_000 }),
  ],
]

/** Sockets that do as their script says, and come again when they are cut. In plain JavaScript: a thread of its own runs it. */
const program = `
const { connect } = require('node:net')
const { getPriority, setPriority } = require('node:os')
// As if they had a machine of their own.
setPriority(Math.min(19, getPriority() + 10))
const { workerData: { port, script, counts } } = require('node:worker_threads')
const { opening, hello, again, once, halfOpen, cutMs, againMs, sockets } = script
const count = new Float64Array(counts)
const open = () => {
  count[0] += 1
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: halfOpen === true })
  socket.on('error', () => undefined).once('close', () => {
    count[1] += socket.bytesWritten
    setTimeout(open, againMs ?? 20)
  })
  const flood = () => { while (!socket.destroyed && socket.write(again) && !once); }
  socket.once('connect', () => {
    socket.write(opening)
    if (cutMs !== undefined) setTimeout(() => socket.resetAndDestroy(), cutMs)
    socket.once('data', () => {
      socket.resume()
      if (hello !== undefined) socket.write(hello)
      if (again !== undefined) setTimeout(() => { if (!once) socket.on('drain', flood); flood() }, hello === undefined ? 0 : 50)
    })
  })
}
for (let at = 0; at < (sockets ?? 20); at += 1) open()
`

/** An attack that goes on. */
export interface Attackers {
  /** Connections that were tried so far. */
  readonly connections: number
  stop(): Promise<void>
}

export async function startAttack(script: Script, port: number): Promise<Attackers> {
  const counts = new SharedArrayBuffer(16)
  const worker = new Worker(program, {
    eval: true,
    workerData: { port: script.port ?? port, script, counts },
  })
  await once(worker, 'online')
  return {
    get connections() {
      return new Float64Array(counts)[0] ?? 0
    },
    stop: async () => {
      await worker.terminate()
    },
  }
}
