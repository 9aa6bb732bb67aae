import type { Principal } from '../../hub/people/permissions.ts'
import type { SeatState } from '../../hub/people/seat-desk.ts'
import { closeCodes, withRetryHint, type CloseCode } from '../../protocol/contract/close-codes.ts'
import {
  parseClientMessage,
  schemaVersions,
  type ClientMessage,
  type ServerMessage,
  type StartMessage,
} from '../../protocol/contract/stream-message.ts'
import { defined } from '../../protocol/defined.ts'
import type { CancelTimer } from '../../support/clock.ts'
import { errorText } from '../../support/errors.ts'
import type { Admission, Guest } from '../guests/guest-book.ts'
import { Hold } from '../guests/hold.ts'
import { getUp, sitDown, type Seated } from '../guests/sit-down.ts'
import type { StreamContext, StreamGuest } from './context.ts'
import { tellDrills } from './drill-notices.ts'
import { webSocketFormat } from './formats.ts'
import { handlePress } from './handle-press.ts'
import { admit, identity, platformErrors } from './handle-start.ts'
import { Subscriber } from './subscriber.ts'
import type { TextTransport, TextTransportEvents } from '../transport/text-transport.ts'

interface Started {
  /** Hears. */
  readonly subscriber: Subscriber
  /** Presses. */
  readonly presser: Seated
  readonly scope: string
  readonly at: number
}

/** One socket speaking JSON: `start` first, then dispatch. */
export class StreamConnection implements StreamGuest, TextTransportEvents {
  readonly transport: TextTransport
  readonly guest: Guest
  readonly #context: StreamContext
  readonly #name: string
  readonly #cancelDeadline: CancelTimer
  #started: Started | undefined
  /** What came while the token of `start` is being verified. */
  #hold: Hold<string> | undefined
  #badMessages = 0
  #leaveDrills = (): void => undefined
  /** Commands that have neither `ack` nor `error` yet. */
  #unanswered = 0
  #ended = false

  /** `name` is unique among the connections of this process. */
  constructor(context: StreamContext, transport: TextTransport, name: string) {
    this.#context = context
    this.transport = transport
    this.#name = name
    this.guest = context.guests.arrive(transport.remoteAddress, this)
    const { clock, limits } = context
    this.#cancelDeadline = clock.setTimer(limits.startTimeoutMs, () => this.end(closeCodes.noStart))
  }

  get waitingBytes(): number {
    return this.transport.bufferedBytes
  }

  /** Says hello; the server speaks first, so that the client can choose its version. */
  greet(): void {
    const { platforms, version, clock } = this.#context
    this.#write({
      type: 'hello',
      schema: schemaVersions,
      epoch: platforms.epoch,
      version,
      at: clock.now(),
      time: clock.wallTime(),
    })
  }

  violation(reason: CloseCode): void {
    this.end(reason)
  }

  closed(): void {
    this.#finish()
    this.#context.gone(this)
  }

  /** There is no place for it, or others need its place more. */
  giveWay(): void {
    this.end(closeCodes.full)
  }

  text(text: string): void {
    if (this.#ended) return
    if (!this.guest.heard(text.length)) {
      this.#flooded()
      return
    }
    if (this.#hold?.on === true) {
      if (!this.#hold.add(text, Buffer.byteLength(text))) this.end(closeCodes.tooFast)
      return
    }
    this.#handle(text)
  }

  #handle(text: string): void {
    this.#safely(() => {
      const message = parseClientMessage(text)
      if (message.ok) this.#dispatch(message.value)
      else this.#notUnderstood(message.error.text, message.error.id)
    })
  }

  /** Something came that says nothing, and yet costs a look. */
  noise(): void {
    if (!this.#ended && !this.guest.heard(0)) this.#flooded()
  }

  /** Above its rate in whatever it sends: what it sends from now on isn't even read. */
  #flooded(): void {
    this.#context.counters.streamFloods += 1
    this.#endTooFast()
  }

  #endTooFast(): void {
    const { awayMs } = this.guest
    this.end(awayMs > 0 ? withRetryHint(closeCodes.tooFast, awayMs) : closeCodes.tooFast)
    this.transport.stopReading()
  }

  endIf(test: (principal: Principal) => boolean, reason: CloseCode): void {
    if (this.#started !== undefined && test(this.#started.presser.principal)) this.end(reason)
  }

  /** Ends the connection from our side. */
  end(reason: CloseCode): void {
    if (this.#ended) return
    this.#context.log.info({ closeCode: reason.code, reason: reason.reason }, 'stream ended by us')
    this.#finish()
    this.transport.close(reason)
  }

  /** Whether it waits for the answer to a command. */
  get busy(): boolean {
    return !this.#ended && this.#unanswered > 0
  }

  /** The bridge stops: says so, and when to come back. */
  leave(reason: CloseCode, retryInMs: number): void {
    if (this.#ended) return
    const close = withRetryHint(reason, retryInMs)
    this.#context.log.debug({ closeCode: close.code, retryInMs: Math.round(retryInMs) }, 'client sent away')
    this.#finish()
    this.transport.close(close)
  }

  destroy(): void {
    this.transport.destroy()
  }

  #dispatch(message: ClientMessage): void {
    const started = this.#started
    const now = this.#context.clock.now()
    if (message.type === 'start') {
      if (started === undefined) this.#start(message)
      else started.subscriber.send(fault('alreadyStarted', 'start is said once per connection'))
      return
    }
    if (started === undefined) {
      this.end(closeCodes.badMessage)
    } else if (message.type === 'ping') {
      started.subscriber.send({ type: 'pong', at: now, time: this.#context.clock.wallTime() })
    } else if (message.type === 'press') {
      const { presser, scope, subscriber } = started
      const flushing = now < started.at + this.#context.clientLimits.flushWindowMs
      const withinRate = this.guest.mayPress()
      this.#unanswered += 1
      handlePress(this.#context, { presser, scope, flushing, withinRate }, message, (answer) => {
        if (answer.type !== 'receipt') this.#unanswered -= 1
        if (!this.#ended) subscriber.send(answer)
      })
    } else if (started.presser.place?.state !== 'waiting') {
      // Only the device that will press is tried, not one that waits beside it.
      this.#context.drills?.done(started.presser.principal, started.presser.key, message.step)
    }
  }

  /** One catch per connection turns surprises into a log line and a close code. Once it is ended, nothing is done. */
  #safely(work: () => void): void {
    if (this.#ended) return
    try {
      work()
    } catch (error) {
      this.#context.log.error({ err: errorText(error) }, 'surprise in a stream connection')
      this.end(closeCodes.internalError)
    }
  }

  #start(start: StartMessage): void {
    if (start.schema < schemaVersions.min || start.schema > schemaVersions.max) {
      this.#context.counters.streamRefused += 1
      this.end(closeCodes.wrongSchema)
      return
    }
    const admitted = (admission: Admission): void =>
      this.#safely(() => {
        if (admission.kind === 'in') this.#begin(start, admission.principal)
        else if (admission.reason === 'tooFast') this.#endTooFast()
        else this.end(closeCodes[admission.reason === 'busy' ? 'full' : admission.reason])
      })
    this.#hold = Hold.until(admit(this.#context, this.guest, start), admitted, {
      maxBytes: this.#context.limits.maxHeldBytes,
      handle: (text: string) => this.#handle(text),
    })
  }

  #begin(start: StartMessage, principal: Principal): void {
    const context = this.#context
    const { counters, clock, hub } = context
    counters.streamStarts += 1
    this.#cancelDeadline()
    const wanted = start.platforms ?? 'all'
    const subscriber = new Subscriber(
      context,
      this.transport,
      webSocketFormat,
      { principal, wanted },
      (waiting) => this.#tooSlow(waiting),
    )
    // A client's name counts within its audience: three keypads in one browser share it, and sit on three seats.
    const scope = `${start.client ?? this.#name} (${subscriber.audience.name})`
    const key = `stream ${scope}`
    const presser: Seated = { key, name: key, principal, via: 'stream', place: undefined }
    this.#started = { subscriber, presser, scope, at: clock.now() }
    hub.open(presser)
    const clientId = start.client ?? this.#name
    const tellSeat = (state: SeatState): void => {
      if (!this.#ended) subscriber.send({ type: 'seat', state, at: clock.now() })
    }
    sitDown(
      context,
      presser,
      { clientId, transport: 'stream', address: this.guest.address, duplicate: false },
      { seatChanged: tellSeat, seatTaken: () => this.end(closeCodes.seatTaken) },
    )
    const audience = subscriber.audience.name
    subscriber.send({ type: 'started', audience, as: identity(principal), at: clock.now() })
    if (presser.place !== undefined) tellSeat(presser.place.state)
    for (const error of platformErrors(context, principal, wanted)) subscriber.send(error)
    subscriber.begin(start.since)
    if (principal.kind === 'seat' && context.drills !== undefined) {
      const send = (message: ServerMessage): void => subscriber.send(message)
      this.#leaveDrills = tellDrills(context.drills, principal, () => clock.now(), send)
    }
  }

  #notUnderstood(text: string, id: string | undefined): void {
    const { counters, limits } = this.#context
    counters.streamBadMessages += 1
    this.#badMessages += 1
    if (this.#started === undefined || this.#badMessages > limits.maxBadMessages) {
      this.end(closeCodes.badMessage)
    } else {
      this.#started.subscriber.send(fault('invalidMessage', text, id))
    }
  }

  #tooSlow(waitingBytes: number): void {
    if (this.#ended) return
    this.#context.counters.streamSlow += 1
    this.#context.log.warn({ waitingBytes }, 'stream client too slow, ended')
    this.end(closeCodes.slowConsumer)
  }

  #finish(): void {
    if (this.#ended) return
    this.#ended = true
    this.guest.leave()
    this.#cancelDeadline()
    if (this.#started === undefined) return
    const { subscriber, presser } = this.#started
    this.#leaveDrills()
    subscriber.end()
    getUp(this.#context, presser)
    this.#context.hub.close(presser)
  }

  /** Before there is an outbox. */
  #write(message: ServerMessage): void {
    const { epoch } = this.#context.platforms
    this.transport.write(webSocketFormat.encode(message, { epoch, audience: '' }))
  }
}

function fault(reason: 'alreadyStarted' | 'invalidMessage', text: string, id?: string): ServerMessage {
  return { type: 'error', reason, text, ...defined({ id }) }
}
