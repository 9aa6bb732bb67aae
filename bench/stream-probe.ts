import { Broadcast, type Follower } from '../src/downstream/json-stream/broadcast.ts'
import {
  eventSourceFormat,
  webSocketFormat,
  type StreamFormat,
} from '../src/downstream/json-stream/formats.ts'
import { EventRendering } from '../src/downstream/json-stream/render.ts'
import type { Principal } from '../src/hub/people/permissions.ts'
import { FlushTurn, Outbox } from '../src/hub/routing/outbox.ts'
import type { PlatformEvent } from '../src/hub/field/event.ts'
import { Platforms } from '../src/hub/field/platforms.ts'
import { sightOf } from '../src/hub/field/sight.ts'
import type { Platform } from '../src/protocol/owlcms/topics.ts'
import type { Publication } from '../src/protocol/publication.ts'
import type { ServerMessage } from '../src/protocol/contract/stream-message.ts'
import { parseTopic } from '../src/protocol/topic.ts'
import { linesOfLifts, liftsMs } from './load/lifts.ts'

/**
 * node stream-probe.js <seconds> <listeners>
 *
 * The meaning of messages without any socket: what came down from the broker is parsed, folded into the state of
 * its platform, kept in the history, and encoded for each audience. Prints messages per second of CPU time, all
 * threads counted (so the compiler and the garbage collector too), which a busy machine changes less than the
 * time of day.
 */
const [seconds = '2', wanted = 'usual'] = process.argv.slice(2)

const platforms = ['A', 'B'] as Platform[]
const everything: Principal = { kind: 'admin' }
const viewer: Principal = { kind: 'viewer' }
const [platformA, platformB] = platforms.map((platform) => [
  ...([1, 2, 3] as const).map((number): Principal => ({ kind: 'seat', platform, role: 'referee', number })),
  { kind: 'seat', platform, role: 'timekeeper' } satisfies Principal,
  { kind: 'seat', platform, role: 'juryPresident', number: 1 } satisfies Principal,
])

type Listening = readonly (readonly [Principal, StreamFormat])[]

const listening: Readonly<Record<string, Listening>> = {
  /** Nobody: parse, reduce and keep. */
  nobody: [],
  /** The organiser's page and video programs on one side, the public on the other. */
  usual: [
    [everything, webSocketFormat],
    [viewer, webSocketFormat],
  ],
  /** Overlays at `/events` too, and keypads for five officials of each platform. */
  hall: [
    [everything, webSocketFormat],
    [viewer, webSocketFormat],
    [viewer, eventSourceFormat],
    ...[...(platformA ?? []), ...(platformB ?? [])].map((seat) => [seat, webSocketFormat] as const),
  ],
}

/** A clock that stands still until it is set. */
class BenchClock {
  ms = 1_700_000_000_000
  now = (): number => this.ms
  wallTime = (moment = this.ms): number => moment
  setTimer = () => () => undefined
  repeat = () => () => undefined
  endOfTurn = (): void => undefined
}

const noTurn = new FlushTurn(new BenchClock())

class Counter implements Follower {
  bytes = 0
  readonly principal: Principal
  readonly format: StreamFormat
  readonly outbox = new Outbox({ bufferedBytes: 0, write: () => undefined }, noTurn, Infinity)

  constructor(principal: Principal, format: StreamFormat) {
    this.principal = principal
    this.format = format
  }

  deliver(_platform: Platform, frame: Uint8Array): void {
    this.bytes += frame.byteLength
  }

  gapFrame(): undefined {
    throw new Error('the link is never lost here')
  }

  appeared(): void {
    return
  }

  vanished(): void {
    throw new Error('no platform gives way here')
  }

  configured(): void {
    return
  }
}

/** What comes down from the broker, in order: the lifts of both platforms, interleaved. */
function traffic(): readonly { readonly atMs: number; readonly publication: Publication }[] {
  return platforms
    .flatMap((platform, at) =>
      linesOfLifts(platform).map((line) => ({ ...line, atMs: line.atMs + at * 7_000 })),
    )
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, topic, payload }) => {
      const parsed = parseTopic(topic)
      if (!parsed.ok) throw new Error(`${topic}: ${parsed.error}`)
      return { atMs, publication: { topic: parsed.value, payload, qos: 0 as const, retain: false } }
    })
}

interface Measured {
  readonly messages: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly bytes: number
}

function measure(round: () => number, bytes: () => number): Measured {
  const until = (secondsOfCpu: number): Measured => {
    const [cpu, wall, bytesBefore] = [process.cpuUsage(), performance.now(), bytes()]
    let messages = 0
    let used: number
    do {
      for (let at = 0; at < 50; at += 1) messages += round()
      const { user, system } = process.cpuUsage(cpu)
      used = (user + system) / 1e6
    } while (used < secondsOfCpu)
    const wallSeconds = (performance.now() - wall) / 1000
    return { messages, cpuSeconds: used, wallSeconds, bytes: bytes() - bytesBefore }
  }
  until(0.7) // A bridge in a hall has run for hours: the compiler knows the path.
  return until(Number(seconds))
}

function meaning(listeners: Listening): Measured {
  const clock = new BenchClock()
  const hall = new Platforms({ clock, random: () => 0.5 })
  const broadcast = new Broadcast(hall, {
    ready: true,
    watch: { presence: { kind: 'unknown', since: clock.ms }, platforms: () => [] },
    tellViewers(news) {
      for (const outbox of news.outboxes) news.tell(outbox)
    },
  })
  const counters = listeners.map(([principal, format]) => new Counter(principal, format))
  for (const counter of counters) {
    const audience = broadcast.join(counter)
    const { principal } = counter
    const followed = principal.kind === 'seat' ? [principal.platform] : platforms
    for (const platform of followed) audience.follow(platform, counter)
  }
  const messages = traffic()
  const round = (): number => {
    const began = clock.ms
    for (const { atMs, publication } of messages) {
      clock.ms = began + atMs
      // As from a socket, where each publication is a new object.
      hall.receive({ ...publication })
    }
    clock.ms = began + liftsMs
    return messages.length
  }
  return measure(round, () => counters.reduce((sum, { bytes }) => sum + bytes, 0))
}

/** The limit of the usual audiences: `JSON.stringify` and framing of messages that are ready, no meaning at all. */
function onlyJson(): Measured {
  const clock = new BenchClock()
  const hall = new Platforms({ clock, random: () => 0.5 })
  const ready: ServerMessage[][] = []
  const nothing = (): void => undefined
  hall.listen({
    event: (event) => {
      ready.push(rendered(event))
    },
    reset: nothing,
    appeared: nothing,
    configured: nothing,
  })
  for (const { atMs, publication } of traffic()) {
    clock.ms = 1_700_000_000_000 + atMs
    hall.receive(publication)
  }
  let bytes = 0
  const position = { epoch: hall.epoch, audience: 'viewer' }
  const round = (): number => {
    for (const messages of ready) {
      for (const message of messages) bytes += webSocketFormat.encode(message, position).byteLength
    }
    return ready.length
  }
  return measure(round, () => bytes)
}

function rendered(event: PlatformEvent): ServerMessage[] {
  return [everything, viewer]
    .map((principal) => new EventRendering(event).textFor(principal, sightOf(principal, event.platform)))
    .filter((text) => text !== undefined)
    .map(({ json }) => JSON.parse(json) as ServerMessage)
}

const listeners = listening[wanted]
console.log(JSON.stringify(listeners === undefined ? onlyJson() : meaning(listeners)))
