import { closeCodes, finalCodes, retryHintMs } from '../../protocol/contract/close-codes.ts'
import type {
  ClientMessage,
  ErrorReason,
  DrillStep,
  ServerMessage,
  StartMessage,
  StreamCommand,
} from '../../protocol/contract/stream-message.ts'
import { defined } from '../../protocol/defined.ts'
import { Heartbeat } from './heartbeat.ts'
import type { DeviceClock, Line, OpenLine } from './parts.ts'
import { Presses, type Press } from './presses.ts'
import { leastShownMs, said, withoutOver } from './press-over.ts'
import { RoundTrip } from './round-trip.ts'
import {
  afterMessage,
  emptyView,
  hindranceOf,
  readServerMessage,
  type LineState,
  type StreamView,
} from './stream-view.ts'

/** The version of PROTOCOL.md part 2 that this client speaks. */
const schema = 1

/** Between two tries, in milliseconds: random, so that a hall does not come back in one moment (PROTOCOL.md part 2). */
const retryMs = { least: 500, spread: 2_000, longestFactor: 3 } as const

/** How long a new line may take until `started`; then another try is better. */
const openTimeoutMs = 6_000

export interface StreamClientOptions {
  readonly openLine: OpenLine
  readonly clock: DeviceClock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** A new name at each call, for commands. */
  readonly newId: () => string
  /** Stays the same over reconnects and reloads; absent: a page that presses nothing. */
  readonly client?: string
  /** Absent: a viewer. A function is asked for a fresh one before each line. */
  readonly token?: string | FreshToken
  readonly platforms?: readonly string[]
}

/** `signedOut` ends the stream; undefined: ask again later. */
export type FreshToken = () => Promise<{ readonly token: string } | 'signedOut' | undefined>

export type EventMessage = Extract<ServerMessage, { type: 'event' }>

/**
 * A page's line to `/ws` (PROTOCOL.md part 2): begins, follows, resumes exactly after a break, and presses. A press leaves at once
 * on a line that is known to be alive, or is refused here (R1); nothing is kept for later.
 */
export class StreamClient {
  readonly #options: StreamClientOptions
  readonly #presses: Presses
  readonly #roundTrip = new RoundTrip()
  readonly #heartbeat: Heartbeat
  readonly #listeners = new Set<() => void>()
  readonly #eventListeners = new Set<(event: EventMessage) => void>()
  #view = emptyView
  #line: Line | undefined
  /** The question after a fresh token that still counts. */
  #asking: object | undefined
  #epoch = ''
  #since: { epoch: string; audience: string; seq: Record<string, number> } | undefined
  #started = false
  #visible = true
  #attempt = 0
  #latestPress = 0
  #cancelLook: () => void = () => undefined
  #cancelTimer: () => void = () => undefined

  constructor(options: StreamClientOptions) {
    const { clock } = options
    this.#options = options
    this.#presses = new Presses(clock, (press) => {
      // What becomes of an older press must not cover what is said of the newest.
      if (press.number < this.#latestPress) return
      this.#latestPress = press.number
      this.#change({ press: said(press, this.#view, clock.now()) })
      // Looked at again then: it may be over before, and be seen all the same.
      this.#cancelLook()
      if (press.state.kind === 'refused')
        this.#cancelLook = clock.setTimer(leastShownMs, () => this.#replace(this.#view))
    })
    this.#heartbeat = new Heartbeat(clock, {
      ping: () => this.#send({ type: 'ping' }),
      doubted: (doubted) => {
        if (this.#started) this.#setLine({ kind: doubted ? 'checking' : 'live' })
      },
      dead: () => this.#breakOff(0),
    })
  }

  get view(): StreamView {
    return this.#view
  }

  /** Milliseconds there and back; undefined until measured. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip.roundTripMs
  }

  /** Now on the bridge's clock, as far as known. */
  bridgeNow(): number {
    return this.#options.clock.now() + this.#roundTrip.aheadMs
  }

  /** Called at each change of {@link view}; the answer ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called for each event, after the view has it. */
  onEvent(listener: (event: EventMessage) => void): () => void {
    this.#eventListeners.add(listener)
    return () => this.#eventListeners.delete(listener)
  }

  /** Opens the line, also after it was ended for good. */
  connect(): void {
    this.#cancelTimer()
    this.#dropLine()
    if (this.#view.line.kind === 'ended') this.#setLine({ kind: 'connecting' })
    const { token } = this.#options
    if (typeof token === 'function') void this.#ask(token)
    else this.#open(token)
  }

  async #ask(freshToken: FreshToken): Promise<void> {
    const asking = {}
    this.#asking = asking
    const answer = await freshToken()
    // Stopped, or tried anew, meanwhile.
    if (this.#asking !== asking) return
    this.#asking = undefined
    if (answer === 'signedOut') this.#end(closeCodes.passEnded.code)
    else if (answer === undefined) this.#breakOff(undefined)
    else this.#open(answer.token)
  }

  #open(token: string | undefined): void {
    this.#cancelTimer = this.#options.clock.setTimer(openTimeoutMs, () => this.#breakOff(0))
    this.#line = this.#options.openLine({
      text: (text) => this.#receive(text, token),
      closed: (code, reason) => this.#closed(code, reason),
    })
  }

  /** The page was hidden or is looked at again; the line is checked at once then. */
  visible(isVisible: boolean): void {
    this.#visible = isVisible
    if (!isVisible) this.#heartbeat.pause()
    else if (this.#started) {
      this.#roundTrip.forget()
      this.#heartbeat.check()
    } else if (this.#view.line.kind !== 'ended') this.connect()
  }

  /** The browser says that the network is gone (`false`) or back. */
  network(isOnline: boolean): void {
    if (this.#view.line.kind === 'ended') return
    if (!isOnline) this.#breakOff(undefined)
    else if (!this.#started) this.connect()
  }

  /**
   * Sends a command with the fence that the official saw, or refuses it here when it could not leave at once. What became of
   * it is in `view.press`.
   */
  press(platform: string, command: StreamCommand, fence: number | undefined): Press {
    const id = this.#options.newId()
    const refusal = this.#whyNotNow(platform, fence)
    if (refusal !== undefined || fence === undefined) {
      return this.#presses.refused(id, platform, command, refusal ?? 'offline')
    }
    const press = this.#presses.sent(id, platform, command)
    // Tells the bridge how long the press was on its way; without a measured clock it could only mislead.
    const at =
      this.roundTripMs === undefined
        ? {}
        : { at: Math.ceil(this.#options.clock.now() + this.#roundTrip.mostAheadMs) }
    this.#send({ type: 'press', id, platform, command, fence, ...at })
    return press
  }

  /** Tells the light check that its signal was felt or heard. */
  drillDone(step: DrillStep): void {
    if (this.#started) this.#send({ type: 'drillDone', step })
  }

  /** Closes the line for good. */
  stop(): void {
    this.#cancelTimer()
    this.#dropLine()
    this.#cancelLook()
  }

  #whyNotNow(platform: string, fence: number | undefined): ErrorReason | undefined {
    const { line, seat } = this.#view
    if (line.kind !== 'live' || !this.#heartbeat.isFresh) return 'offline'
    if (seat === 'waiting') return 'seatWaiting'
    const hindrance = hindranceOf(this.#view, platform)
    if (fence === undefined) return hindrance === 'noPlatform' ? 'unknownPlatform' : 'offline'
    // Where only owlcms is away, the bridge has the last word: it may know better.
    return hindrance === 'notReady' ? 'offline' : undefined
  }

  #receive(text: string, token: string | undefined): void {
    const message = readServerMessage(text)
    if (message === undefined) return
    this.#heartbeat.heard()
    switch (message.type) {
      case 'hello':
        this.#hello(message, token)
        return
      case 'started':
        this.#begin(message)
        return
      case 'pong': {
        const sentAt = this.#heartbeat.answered()
        if (sentAt !== undefined) this.#roundTrip.add(sentAt, this.#options.clock.now(), message.at)
        return
      }
      case 'ack':
      case 'receipt':
      case 'error':
        this.#presses.hear(message)
        return
      case 'snapshot':
      case 'event':
      case 'change':
        if (this.#since !== undefined) this.#since.seq[message.platform] = message.seq
        break
      case 'status':
      case 'seat':
      case 'drill':
        break
      default:
        message satisfies never
    }
    this.#replace(afterMessage(this.#view, message))
    if (message.type === 'event') for (const listener of this.#eventListeners) listener(message)
  }

  #hello(message: Extract<ServerMessage, { type: 'hello' }>, token: string | undefined): void {
    const { schema: spoken, epoch, at } = message
    if (schema < spoken.min || schema > spoken.max) {
      this.#end(closeCodes.wrongSchema.code)
      return
    }
    this.#epoch = epoch
    this.#roundTrip.guess(this.#options.clock.now(), at)
    const { client, platforms } = this.#options
    const start: StartMessage = {
      type: 'start',
      schema,
      ...defined({ client }),
      platforms: platforms === undefined ? 'all' : [...platforms],
      ...defined({ token, since: this.#since }),
    }
    this.#send(start)
  }

  #begin(message: Extract<ServerMessage, { type: 'started' }>): void {
    this.#cancelTimer()
    this.#started = true
    this.#attempt = 0
    const { audience } = message
    if (this.#since?.epoch !== this.#epoch || this.#since.audience !== audience) {
      if (this.#since !== undefined && this.#since.epoch !== this.#epoch) this.#outdate()
      this.#since = { epoch: this.#epoch, audience, seq: {} }
    }
    this.#replace({ ...afterMessage(this.#view, message), drill: undefined, line: { kind: 'live' } })
    if (this.#visible) this.#heartbeat.start()
  }

  /** Another bridge, or the same one anew, counts fences of its own: what was said of a press was of before. */
  #outdate(): void {
    const { press } = this.#view
    if (press !== undefined) this.#change({ press: { ...press, said: { ...press.said, fence: -1 } } })
  }

  #closed(code: number, reason: string): void {
    this.#line = undefined
    if (this.#isFinal(code)) this.#end(code)
    // A bridge that restarts tells each client another moment.
    else this.#breakOff(retryHintMs(reason) ?? (code === closeCodes.full.code ? 5_000 : undefined))
  }

  /** A token that is refused or has run out is worth another try where the next one is fresh. */
  #isFinal(code: number): boolean {
    const isOfToken = code === closeCodes.unauthorised.code || code === closeCodes.passEnded.code
    return finalCodes.has(code) && !(isOfToken && typeof this.#options.token === 'function')
  }

  /** The line is no good any more; tries again after a while (`undefined`: random), at least `afterMs` from now. */
  #breakOff(afterMs: number | undefined): void {
    this.#cancelTimer()
    this.#dropLine()
    this.#setLine({ kind: 'lost' })
    this.#attempt += 1
    const factor = Math.min(this.#attempt, retryMs.longestFactor)
    const random = retryMs.least + this.#options.random() * retryMs.spread * factor
    // At once is for the first try only: the network itself may be gone.
    const delayMs = afterMs === undefined || (afterMs === 0 && this.#attempt > 1) ? random : afterMs
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => this.connect())
  }

  #end(code: number): void {
    this.#cancelTimer()
    this.#dropLine()
    this.#setLine({ kind: 'ended', code })
  }

  #dropLine(): void {
    this.#asking = undefined
    this.#started = false
    this.#heartbeat.stop()
    this.#line?.close()
    this.#line = undefined
    this.#presses.lineLost()
  }

  #send(message: ClientMessage): void {
    this.#line?.send(JSON.stringify(message))
  }

  #setLine(line: LineState): void {
    this.#change({ line })
  }

  #change(part: Partial<StreamView>): void {
    this.#replace({ ...this.#view, ...part })
  }

  #replace(view: StreamView): void {
    this.#view = withoutOver(view, this.#options.clock.now())
    for (const listener of this.#listeners) listener()
  }
}
