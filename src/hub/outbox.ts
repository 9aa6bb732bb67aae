import type { Clock } from '../support/clock.ts'

/** One encoded message, ready for a socket. Shared between clients: nobody may modify its bytes. */
export type Frame = Uint8Array

/** The socket, as an outbox needs it. */
export interface FrameSink {
  /** Takes whole frames, one after another, and never waits. Called at most once per client and turn. */
  write(frames: Uint8Array): void
  /** Bytes handed over but not yet taken by the operating system. */
  readonly bufferedBytes: number
}

export type OfferOutcome = 'queued' | 'slow'

/**
 * The bounded queue of frames in front of one client. All frames of one event-loop turn leave in one
 * write. Never waits: when more than `limitBytes` wait here and in the socket together, `offer`
 * answers `slow`, takes nothing, and the caller ends the client (R7).
 */
export class Outbox {
  readonly #sink: FrameSink
  readonly #turn: FlushTurn
  readonly #limitBytes: number
  // The first frame has its own place, so that a single message a turn allocates nothing.
  #first: Frame | undefined
  #more: Frame[] | undefined
  #bytes = 0
  #socketBytes = 0
  #closed = false
  #written = false

  constructor(sink: FrameSink, turn: FlushTurn, limitBytes: number) {
    this.#sink = sink
    this.#turn = turn
    this.#limitBytes = limitBytes
  }

  /** Bytes waiting here and in the socket. */
  get waitingBytes(): number {
    return this.#bytes + this.#sink.bufferedBytes
  }

  offer(frame: Frame): OfferOutcome {
    if (this.#closed) return 'queued'
    const bytes = this.#bytes + frame.byteLength
    if (bytes + this.#socketBytes > this.#limitBytes) {
      // What was in the socket at the last write may have left since.
      this.#socketBytes = this.#sink.bufferedBytes
      if (bytes + this.#socketBytes > this.#limitBytes) return 'slow'
    }
    this.#bytes = bytes
    if (this.#first === undefined) {
      this.#first = frame
      this.#turn.add(this)
    } else if (this.#more === undefined) {
      this.#more = [frame]
    } else {
      this.#more.push(frame)
    }
    return 'queued'
  }

  /** Writes what waits, in one call. The turn calls it; an edge may call it before it closes. */
  flush(): void {
    const first = this.#first
    if (first === undefined || this.#closed) return
    const more = this.#more
    this.#first = undefined
    this.#more = undefined
    this.#bytes = 0
    this.#written = true
    this.#sink.write(more === undefined ? first : this.#turn.join(first, more))
    this.#socketBytes = this.#sink.bufferedBytes
  }

  /** Whether anything was written since the last call. */
  takeWritten(): boolean {
    const written = this.#written
    this.#written = false
    return written
  }

  /** Forgets what waits and takes nothing more. */
  close(): void {
    this.#closed = true
    this.#first = undefined
    this.#more = undefined
    this.#bytes = 0
  }
}

/** Collects the outboxes that got a frame in this turn of the event loop and flushes them at its end. */
export class FlushTurn {
  readonly #clock: Clock
  #waiting: Outbox[] = []
  #joinedFirst: Frame | undefined
  #joinedMore: readonly Frame[] = []
  #joined: Frame = new Uint8Array()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(outbox: Outbox): void {
    if (this.#waiting.length === 0) this.#clock.endOfTurn(() => this.#flush())
    this.#waiting.push(outbox)
  }

  /**
   * One buffer with all frames. Clients that hear the same topics have the same frames waiting, so the
   * last result is kept for the turn and shared.
   */
  join(first: Frame, more: readonly Frame[]): Frame {
    if (this.#joinedFirst === first && sameFrames(this.#joinedMore, more)) return this.#joined
    let bytes = first.byteLength
    for (const frame of more) bytes += frame.byteLength
    const joined = new Uint8Array(bytes)
    joined.set(first)
    let at = first.byteLength
    for (const frame of more) {
      joined.set(frame, at)
      at += frame.byteLength
    }
    this.#joinedFirst = first
    this.#joinedMore = more
    this.#joined = joined
    return joined
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const outbox of waiting) outbox.flush()
    this.#joinedFirst = undefined
    this.#joinedMore = []
    this.#joined = new Uint8Array()
  }
}

function sameFrames(a: readonly Frame[], b: readonly Frame[]): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}
