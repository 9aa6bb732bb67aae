import { connect, type Socket } from 'node:net'
import { upgradeRequest } from './packets.ts'
import { playedPlatforms } from './recording.ts'

const shared = Buffer.alloc(256 * 1024)
const openTimeoutMs = 60_000
/** How each event begins, on either door, up to its platform; `/ws` and `/events` carry the same JSON. */
const event = Buffer.from('{"type":"event"')

/** What owlcms said, and when by {@link moment}. */
export interface Said {
  readonly topic: string
  readonly payload: string
  readonly at: number
}

/** How it came to the viewers. */
export interface Outcome {
  /** Milliseconds from owlcms's word to each viewer, sorted. */
  readonly delays: Float64Array
  /** Events that some viewer was not told, and viewers whose line broke. */
  readonly missing: number
  readonly events: number
}

const began = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds, the same in all processes of this machine. */
export const moment = (): number => began + performance.now()

/** One in ten has an overlay program in between. */
const doorOf = (at: number): '/ws' | '/events' => (at % 10 === 9 ? '/events' : '/ws')

/** One spectator of one platform, as cheap as it can be. */
interface Viewer {
  readonly socket: Socket
  readonly platform: string
  /** When each event came. */
  arrivals: number[]
}

/**
 * Spectators, half of them on each platform, each at `/ws` or `/events`. All of one platform are told the same events in the same
 * order, so only the first one's are read; the others count.
 */
export class Viewers {
  readonly #viewers: Viewer[] = []
  /** What the first viewer of each platform was told. */
  readonly #told = new Map<string, string[]>()
  /** Those whose line broke. */
  #lost = 0
  #closing = false

  /** The viewers of these numbers, at each port in turn, by twos. Resolves when each has its first snapshot. */
  async open({
    from,
    to,
    ports,
  }: {
    readonly from: number
    readonly to: number
    readonly ports: readonly number[]
  }): Promise<void> {
    let next = from
    const worker = async (): Promise<void> => {
      while (next < to) {
        const at = next
        next += 1
        // Clients of one address are bounded, and so are its ports.
        const port = ports[Math.floor(at / playedPlatforms.length) % ports.length] ?? 0
        const place = { port, door: doorOf(at), localAddress: `127.0.0.${2 + Math.floor(at / 250)}` }
        await this.#openOne(place, playedPlatforms[at % playedPlatforms.length] ?? '', at - from)
      }
    }
    await Promise.all(Array.from({ length: Math.min(100, to - from) }, worker))
  }

  /** From here on counts. */
  begin(): void {
    this.#told.clear()
    for (const viewer of this.#viewers) viewer.arrivals = []
  }

  outcome(said: readonly Said[]): Outcome {
    const delays: number[] = []
    let [missing, events] = [0, 0]
    for (const platform of playedPlatforms) {
      const saidAt = this.#whenSaid(platform, said)
      events += saidAt.length
      for (const { arrivals } of this.#viewers.filter((viewer) => viewer.platform === platform)) {
        missing += Math.max(0, saidAt.length - arrivals.length)
        arrivals.slice(0, saidAt.length).forEach((at, n) => delays.push(at - (saidAt[n] ?? NaN)))
      }
    }
    return { delays: Float64Array.from(delays).sort(), missing: missing + this.#lost, events }
  }

  close(): void {
    this.#closing = true
    for (const { socket } of this.#viewers) socket.destroy()
    this.#viewers.length = 0
  }

  /** When the events that its viewers were told were said; not everything that owlcms says is for the public. */
  #whenSaid(platform: string, all: readonly Said[]): readonly number[] {
    const said = all.filter(({ topic }) => topic.endsWith(`/${platform}`))
    let from = 0
    return (this.#told.get(platform) ?? []).map((json) => {
      const told = JSON.parse(json) as { readonly topic: string; readonly payload?: string }
      const at = said.findIndex(
        ({ topic, payload }, n) => n >= from && topic === told.topic && payload === (told.payload ?? ''),
      )
      if (at === -1) throw new Error(`nobody said ${json}`)
      from = at + 1
      return said[at]?.at ?? NaN
    })
  }

  #openOne(
    { port, door, localAddress }: { port: number; door: '/ws' | '/events'; localAddress: string },
    platform: string,
    nth: number,
  ): Promise<void> {
    const isFirst = nth < playedPlatforms.length
    return new Promise((resolve, reject) => {
      let opening: string | undefined = ''
      let started = false
      // The end of the last read: what is looked for may lie across two.
      let carry = Buffer.alloc(0)
      const socket = connect({
        ...{ host: '127.0.0.1', port, localAddress, noDelay: true },
        onread: { buffer: shared, callback: (length) => (heard(shared.subarray(0, length)), true) },
      })
      const viewer: Viewer = { socket, platform, arrivals: [] }
      const heard = (bytes: Buffer): void => {
        if (opening === undefined) {
          if (isPing(bytes)) socket.write(pong)
          count(carry.byteLength === 0 ? bytes : Buffer.concat([carry, bytes]))
          return
        }
        opening += bytes.toString('latin1')
        if (door === '/ws' && opening.includes('"type":"hello"') && !started) {
          started = true
          socket.write(maskedText(`{"type":"start","schema":1,"platforms":["${platform}"]}`))
        }
        if (!opening.includes('"type":"snapshot"')) return
        opening = undefined
        clearTimeout(timer)
        this.#viewers.push(viewer)
        resolve()
      }
      const count = (bytes: Buffer): void => {
        let from = 0
        for (let start = bytes.indexOf(event); start !== -1; start = bytes.indexOf(event, from)) {
          from = start + event.byteLength
          viewer.arrivals.push(moment())
          if (isFirst) this.#read(platform, bytes.toString('utf8', start))
        }
        carry = Buffer.from(bytes.subarray(Math.max(from, bytes.byteLength - event.byteLength + 1)))
      }
      const timer = setTimeout(() => socket.destroy(), openTimeoutMs)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        if (opening !== undefined) reject(new Error(`a viewer did not get in: ${opening.slice(-200)}`))
        else if (!this.#closing) this.#lost += 1
      })
      socket.once('connect', () => {
        socket.write(door === '/ws' ? upgradeRequest.replace('/mqtt', '/ws') : eventsRequest(platform))
      })
    })
  }

  /** Topic and payload stand at the beginning; the rest of the event is of no interest. */
  #read(platform: string, json: string): void {
    const found = /"topic":("(?:[^"\\]|\\.)*"),"payload":("(?:[^"\\]|\\.)*")/.exec(json)
    if (found === null) throw new Error(`an event in pieces: ${json}`)
    const told = this.#told.get(platform) ?? []
    told.push(`{"topic":${found[1] ?? ''},"payload":${found[2] ?? ''}}`)
    this.#told.set(platform, told)
  }
}

const eventsRequest = (platform: string): string =>
  `GET /events?platform=${platform} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n`

const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])
/** An empty ping frame, before or after an event where they came together. */
function isPing(bytes: Buffer): boolean {
  return [0, bytes.byteLength - 2].some((at) => bytes[at] === 0x89 && bytes[at + 1] === 0)
}

/** One text frame of a client; the mask key is zero (RFC 6455 5.3). */
function maskedText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), Buffer.alloc(4), Buffer.from(text)])
}
