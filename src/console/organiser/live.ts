import { retryHintMs } from '../../protocol/close-codes.ts'
import type { ClientMessage, ServerMessage } from '../../protocol/stream-message.ts'
import { applyChanges, type VisibleState } from '../../protocol/visible-state.ts'

/** What a socket says, once it is open or has failed to. */
export interface LiveSocketEvents {
  text(text: string): void
  /** Once, also when it never opened. `code` and `reason` as in PROTOCOL.md part 7. */
  closed(code: number, reason: string): void
}

/** The part of a browser's WebSocket that is used; tests pass another one. */
export interface LiveSocket {
  send(text: string): void
  close(): void
}

/** Where time comes from; milliseconds. */
export interface Timers {
  now(): number
  /** Returns how to cancel it. */
  setTimer(delayMs: number, callback: () => void): () => void
}

export type LiveConnection = 'connecting' | 'live' | 'lost' | 'refused'

/** What the stream told so far. */
export interface LivePicture {
  readonly connection: LiveConnection
  readonly platforms: ReadonlyMap<string, VisibleState>
  /** Where owlcms takes no press; changes when the overview has news of it. */
  readonly silent?: string
  /** Of the whole competition, as owlcms said. */
  readonly jurySize?: number
  /** The bridge's clock minus ours, in milliseconds. */
  readonly clockOffsetMs: number
}

export type LiveEvent = Extract<ServerMessage, { type: 'event' }>

export interface LiveOptions {
  readonly openSocket: (events: LiveSocketEvents) => LiveSocket
  /** A fresh token for `start`, asked for each connection; `signedOut` ends the stream. */
  readonly token: () => Promise<{ readonly token: string } | 'signedOut' | undefined>
  readonly timers: Timers
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly onPicture: (picture: LivePicture) => void
  readonly onEvent: (event: LiveEvent) => void
}

interface Place {
  readonly epoch: string
  readonly audience: string
  readonly seq: Record<string, number>
}

/** Between two pings, and how long nothing at all may be heard: a phone's hotspot dies without a word. */
const pingEveryMs = 4_000
const deadAfterMs = 9_000
/** PROTOCOL.md part 7: a random wait, so that a hall does not come back in one moment. */
const minWaitMs = 500
const waitSpreadMs = 2_000
/** No hall's network is slower than that for long. */
const clockWasSetMs = 1_000
/** Full, or too many wrong tokens: try again after a while. */
const fullWaitMs = 10_000
const fullCode = 1013
/** Codes after which trying again can't help. A refused token (4401) is replaced by a fresh one. */
const hopeless: readonly number[] = [1002, 1003, 1007, 1009, 4400, 4403, 4406]

const emptyPicture: LivePicture = { connection: 'connecting', platforms: new Map(), clockOffsetMs: 0 }

/**
 * Follows all platforms on `/ws` as administrator (PROTOCOL.md part 2): lays changes over snapshots, goes on where it
 * was after a reconnect, notices a dead line by itself, and comes back with a fresh token.
 */
export class LiveStream {
  readonly #options: LiveOptions
  #picture = emptyPicture
  #socket: LiveSocket | undefined
  #place: Place | undefined
  #epoch = ''
  #heardAt = 0
  #stopped = false
  readonly #cancels = new Set<() => void>()

  constructor(options: LiveOptions) {
    this.#options = options
  }

  start(): void {
    this.#stopped = false
    void this.#connect()
  }

  /** Nothing is told after this. */
  stop(): void {
    this.#stopped = true
    this.#drop()
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }

  async #connect(): Promise<void> {
    const answer = await this.#options.token()
    if (this.#stopped) return
    if (answer === 'signedOut') this.#show({ connection: 'refused' })
    else if (answer === undefined) this.#again()
    else this.#open(answer.token)
  }

  #open(token: string): void {
    const socket = this.#options.openSocket({
      text: (text) => {
        if (this.#socket === socket) this.#receive(socket, token, text)
      },
      closed: (code, reason) => {
        if (this.#socket === socket) this.#closed(code, reason)
      },
    })
    this.#socket = socket
    this.#heardAt = this.#options.timers.now()
    this.#watch(socket)
  }

  #receive(socket: LiveSocket, token: string, text: string): void {
    this.#heardAt = this.#options.timers.now()
    const message = JSON.parse(text) as ServerMessage
    switch (message.type) {
      case 'hello':
        this.#epoch = message.epoch
        this.#show({ clockOffsetMs: message.at - this.#heardAt })
        send(socket, {
          type: 'start',
          schema: 1,
          token,
          platforms: 'all',
          ...(this.#place === undefined ? {} : { since: this.#place }),
        })
        break
      case 'started':
        if (this.#place?.epoch !== this.#epoch || this.#place.audience !== message.audience) {
          this.#place = { epoch: this.#epoch, audience: message.audience, seq: {} }
        }
        this.#show({ connection: 'live' })
        break
      case 'status':
        this.#status(message)
        break
      case 'snapshot':
        this.#lay(message.platform, message.seq, () => message.state)
        break
      case 'event':
      case 'change':
        this.#lay(message.platform, message.seq, (state) =>
          state === undefined || message.changed === undefined ? state : applyChanges(state, message.changed),
        )
        if (message.type === 'event') this.#options.onEvent(message)
        break
      case 'pong':
        this.#tune(message.at - this.#heardAt)
        break
      case 'ack':
      case 'receipt':
      case 'error':
      case 'seat':
      case 'drill':
        break // An organiser presses nothing and has no seat.
      default:
        break // A newer bridge may say more (PROTOCOL.md part 2, "Ignore what you don't know").
    }
  }

  #status({
    platforms,
    owlcms,
    presence,
    silentPlatforms,
  }: Extract<ServerMessage, { type: 'status' }>): void {
    const known: readonly string[] = platforms
    const kept = [...this.#picture.platforms].filter(([name]) => known.includes(name))
    this.#show({
      platforms: new Map(kept),
      silent: [presence, ...(silentPlatforms ?? [])].join(' '),
      ...(owlcms?.jurySize === undefined ? {} : { jurySize: owlcms.jurySize }),
    })
  }

  #lay(
    platform: string,
    seq: number,
    next: (state: VisibleState | undefined) => VisibleState | undefined,
  ): void {
    if (this.#place !== undefined) this.#place.seq[platform] = seq
    const before = this.#picture.platforms.get(platform)
    const after = next(before)
    if (after === undefined || after === before) return
    this.#show({ platforms: new Map(this.#picture.platforms).set(platform, after) })
  }

  /** The quickest message shows the clocks' difference best, unless one of the clocks was set meanwhile. */
  #tune(clockOffsetMs: number): void {
    const known = this.#picture.clockOffsetMs
    if (clockOffsetMs > known || known - clockOffsetMs > clockWasSetMs) this.#show({ clockOffsetMs })
  }

  #watch(socket: LiveSocket): void {
    this.#later(pingEveryMs, () => {
      if (this.#socket !== socket) return
      if (this.#options.timers.now() - this.#heardAt > deadAfterMs) {
        this.#drop()
        this.#again()
        return
      }
      if (this.#picture.connection === 'live') send(socket, { type: 'ping' })
      this.#watch(socket)
    })
  }

  #closed(code: number, reason: string): void {
    this.#socket = undefined
    const hintMs = retryHintMs(reason)
    if (hopeless.includes(code)) this.#show({ connection: 'refused' })
    // A bridge that restarts has spread the moments itself.
    else if (hintMs !== undefined) this.#again(hintMs, 0)
    else this.#again(code === fullCode ? fullWaitMs : minWaitMs)
  }

  #again(waitMs = minWaitMs, spreadMs = waitSpreadMs): void {
    if (this.#stopped) return
    this.#show({ connection: 'lost' })
    this.#later(waitMs + this.#options.random() * spreadMs, () => void this.#connect())
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }

  #later(delayMs: number, callback: () => void): void {
    const cancel = this.#options.timers.setTimer(delayMs, () => {
      this.#cancels.delete(cancel)
      callback()
    })
    this.#cancels.add(cancel)
  }

  #show(changes: Partial<LivePicture>): void {
    if (this.#stopped) return
    this.#picture = { ...this.#picture, ...changes }
    this.#options.onPicture(this.#picture)
  }
}

function send(socket: LiveSocket, message: ClientMessage): void {
  socket.send(JSON.stringify(message))
}
