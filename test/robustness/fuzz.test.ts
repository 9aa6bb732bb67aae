import { afterEach, beforeEach, expect, it } from 'vitest'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { deviceAuthenticator } from '../../src/downstream/guests/authenticate.ts'
import type { PublishOutcome, UpstreamLink } from '../../src/hub/upstream-link.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import { systemClock, type Clock } from '../../src/support/clock.ts'
import { createLogger } from '../../src/support/logger.ts'
import { publication } from '../support/fake-upstream.ts'
import { connectDevice, hallLogin, type Device } from '../support/running-bridge.ts'
import { startGateway, type RunningGateway } from '../support/running-gateway.ts'
import { brokenStream, cut } from './mutations.ts'
import { TcpPeer, WebSocketPeer, type Peer } from './peers.ts'
import { Random } from './random.ts'
import { eventually } from '../support/eventually.ts'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of JavaScript heap in use, after a collection. */
function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/**
 * A fuzzer on real sockets. Each case has a seed of its own, `FUZZ_SEED` plus its number, so a case that fails
 * is run alone by the command that the failure prints. `FUZZ_CASES` makes long runs.
 */
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 20_260)
const cases = Number(process.env['FUZZ_CASES'] ?? 400)
const atOnce = 8
/** Milliseconds in which every connection must have answered or ended. */
const patienceMs = 10_000
const controlTopic = 'owlcms/fop/control'

/** Codes with a name, but for "internal error", which would be a bug; and those of the WebSocket library. */
const allowedCodes = new Set<number>([
  ...Object.values(closeCodes).flatMap(({ code }) => (code === closeCodes.internalError.code ? [] : [code])),
  1002,
  1003,
  1007,
  1009,
])

/** The real clock, but each second lasts only `1 / times` of one. */
function fasterClock(times: number): Clock {
  return {
    now: () => systemClock.now() * times,
    wallTime: (moment) => systemClock.wallTime(moment === undefined ? undefined : moment / times),
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / times, callback),
    endOfTurn: (callback) => systemClock.endOfTurn(callback),
  }
}

/** A broker that gives everything back at once, or says no now and then. */
class LoopbackUpstream implements UpstreamLink {
  readonly ready = true
  readonly room = true
  receive: (publication: Publication) => void = () => undefined
  readonly #outcome: () => PublishOutcome

  constructor(outcome: () => PublishOutcome) {
    this.#outcome = outcome
  }

  publish(sent: Publication, settled: (outcome: PublishOutcome) => void): void {
    const outcome = this.#outcome()
    setImmediate(() => {
      if (outcome.kind === 'delivered') this.receive(sent)
      settled(outcome)
    })
  }
}

let rig: RunningGateway
let control: Device
/** How often the control client has heard each case's message; no list, so that long runs keep nothing. */
let heard: Uint8Array
let surprises: string[]
const onCrash = (error: unknown): void => void surprises.push(`crash: ${String(error)}`)

beforeEach(async () => {
  surprises = []
  process.on('uncaughtException', onCrash)
  process.on('unhandledRejection', onCrash)
  const brokerRandom = new Random(firstSeed)
  const upstream = new LoopbackUpstream(() =>
    brokerRandom.chance(0.9)
      ? { kind: 'delivered' }
      : brokerRandom.pick([{ kind: 'refused', reasonCode: 0x87 }, { kind: 'lost' }, { kind: 'offline' }]),
  )
  rig = await startGateway(upstream, {
    authenticate: deviceAuthenticator(hallLogin.username, hallLogin.password),
    log: createLogger('error', { write: (line: string) => void surprises.push(`log: ${line}`) }),
    // Sessions of clients that left must be gone before the count at the end.
    clock: fasterClock(10),
    limits: {
      flushWindowMs: 0,
      connectTimeoutMs: 20_000,
      closeTimeoutMs: 20_000,
      maxSessionExpirySeconds: 5,
      maxPacketBytes: 2_048,
      maxWebSocketMessageBytes: 4_096,
      maxSubscriptions: 10,
      loginFailureBurst: 1e9,
    },
  })
  upstream.receive = (received) => rig.hub.receive(received)
  // No keep alive: on this clock a minute is six seconds.
  const options = { ...hallLogin, clientId: 'control', subscribe: controlTopic, keepalive: 0 }
  control = await connectDevice(`ws://127.0.0.1:${rig.webSocketPort}/mqtt`, options)
  heard = new Uint8Array(cases)
  control.client.on('message', (_topic, payload) => {
    heard[Number(payload.toString())]! += 1
    control.heard.length = 0
  })
})

afterEach(async () => {
  process.off('uncaughtException', onCrash)
  process.off('unhandledRejection', onCrash)
  await control.stop()
  await rig.stop()
})

const ping = Buffer.of(0xc0, 0)
const drain = Buffer.concat(Array.from({ length: 50 }, () => ping))

/**
 * Sends PINGREQ until one is answered or the server hangs up. Many, since a broken length may have swallowed
 * the first ones; after `pings` answers to what was in the stream itself.
 */
async function answersOrEnds(peer: Peer, pings: number): Promise<string> {
  const until = performance.now() + patienceMs
  while (!peer.ended && peer.stream.pingResponses <= pings) {
    if (performance.now() > until) throw new Error('neither answered nor ended')
    for (let round = 0; round < 10; round += 1) peer.send(drain)
    await peer.news(20)
  }
  const fault = peer.fault()
  if (fault !== undefined) throw new Error(fault)
  return peer.ended ? peer.ending : 'answers'
}

async function runCase(seed: number): Promise<string> {
  const random = new Random(seed)
  const stream = brokenStream(random)
  const pings = Buffer.concat(stream).toString('latin1').split(ping.toString('latin1')).length - 1
  const pieces = cut(random, stream)
  const peer = await (random.chance(0.65)
    ? WebSocketPeer.open(rig.webSocketPort, allowedCodes)
    : TcpPeer.open(rig.tcpPort))
  try {
    await peer.attack(random, pieces)
    return await answersOrEnds(peer, pings)
  } finally {
    peer.leave(random)
  }
}

/** Runs all cases, counts how they end, and notes the heap every 10 000. */
async function runAll(endings: Map<string, number>, heap: number[]): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < cases) {
      const number = next
      next += 1
      if (number % 10_000 === 0) heap.push(heapBytes())
      const seed = firstSeed + number
      const ending = await runCase(seed).catch((error: unknown) => {
        surprises.push(`case: ${String(error)}`)
        return 'fault'
      })
      if (surprises.length > 0) {
        throw new Error(`FUZZ_SEED=${seed} FUZZ_CASES=1 (or a neighbour): ${surprises.join('\n')}`)
      }
      endings.set(ending, (endings.get(ending) ?? 0) + 1)
      rig.hub.receive(publication(controlTopic, String(number), number % 2 === 0 ? 0 : 1))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

it(
  'ends every broken stream with a named code or goes on answering, and keeps a well client out of it',
  { timeout: 60_000 + cases * 50 },
  async () => {
    const startedAt = performance.now()
    const endings = new Map<string, number>()
    const heap: number[] = []
    await runAll(endings, heap)
    await eventually(async () => {
      expect({
        connections: rig.gateway.connectionCount,
        httpSockets: await rig.httpSockets(),
        sessions: rig.hub.sessionCount,
        subscriptions: rig.hub.subscriptionCount,
        present: rig.hub.presence
          .clients(0)
          .filter(({ connected }) => connected)
          .map(({ clientId }) => clientId),
        heard: heard.reduce((sum, times) => sum + times, 0),
      }).toEqual({
        connections: 1,
        httpSockets: 1,
        sessions: 1,
        subscriptions: 1,
        present: ['control'],
        heard: cases,
      })
    })
    expect(heard.every((times) => times === 1)).toBe(true)
    expect(surprises).toEqual([])
    // The fuzzer is worth something only if many streams survive and many don't.
    if (cases >= 300) {
      expect(endings.get('answers')).toBeGreaterThan(cases / 20)
      expect(endings.get('close 1002')).toBeGreaterThan(cases / 20)
    }
    if (process.env['FUZZ_CASES'] !== undefined) {
      const seconds = (performance.now() - startedAt) / 1000
      report({ firstSeed, cases, seconds, heap: [...heap, heapBytes()], ...counts(endings) })
    }
  },
)

const counts = (endings: ReadonlyMap<string, number>): object => ({
  endings: Object.fromEntries([...endings].toSorted(([, a], [, b]) => b - a)),
  gateway: rig.gateway.counters,
  hub: rig.hub.counters,
})

function report(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts, undefined, 2)}\n`)
}
