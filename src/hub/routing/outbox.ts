import type { Clock } from '../../support/clock.ts'

/** One encoded message, ready for a socket. Shared between clients: nobody may modify its bytes. */
export type Frame = Uint8Array

/** The socket, as an outbox needs it. */
export interface FrameSink {
  /**
   * Takes whole frames, one after another, and never waits. Called once per client and turn, but for publications that few
   * clients get and for `taken`, which some sinks call back: when the operating system has these bytes and all before them, or with what broke first.
   */
  write(frames: Uint8Array, taken?: (error?: Error | null) => void): void
  /** Bytes handed over but not yet taken by the operating system. */
  readonly bufferedBytes: number
}

/** `slow`: it was not taken, and whoever offered it ends the client. */
export type OfferOutcome = 'queued' | 'slow'

const nothing = new Uint8Array()

/** Something that a crowd is told; each of them is offered it in its turn, or just before anything else that is for it alone. */
export interface News {
  /** Of all whom it may be for; they may come and go while they are gone through. */
  readonly outboxes: Iterable<Outbox>
  /** Offers it to one of them; to another one nothing. */
  tell(outbox: Outbox): void
}

/**
 * The bounded queue of frames in front of one client. All frames of one event-loop turn that wait
 * here leave in one write. Never waits: when more than `limitBytes` wait here and in the socket together, `offer`
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
  /** How much it has heard of what its turn's crowd was told. */
  #heard: number

  constructor(sink: FrameSink, turn: FlushTurn, limitBytes: number) {
    this.#sink = sink
    this.#turn = turn
    this.#limitBytes = limitBytes
    this.#heard = turn.told
  }

  /** Is offered now what its crowd was told before. */
  hear(): void {
    const { told } = this.#turn
    if (this.#heard === told) return
    const from = this.#heard
    this.#heard = told
    for (const news of this.#turn.newsAfter(from)) {
      news.tell(this)
      // So much came while it waited for its turn: it isn't slow for that.
      if (this.#bytes > this.#limitBytes / 4) this.#writeWaiting()
    }
  }

  /** Bytes waiting here and in the socket. */
  get waitingBytes(): number {
    return this.#bytes + this.#sink.bufferedBytes
  }

  offer(frame: Frame): OfferOutcome {
    this.hear()
    if (this.#closed) return 'queued'
    if (!this.#fits(frame)) return 'slow'
    this.#bytes += frame.byteLength
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

  /** Offers and flushes in one, for the last frame of a turn: one pass over the clients instead of two. */
  pass(frame: Frame): OfferOutcome {
    this.hear()
    if (this.#first !== undefined) {
      const outcome = this.offer(frame)
      this.flush()
      return outcome
    }
    if (this.#closed) return 'queued'
    if (!this.#fits(frame)) return 'slow'
    this.#write(frame)
    return 'queued'
  }

  /** Writes what waits, in one call. The turn calls it; an edge may call it before it closes. */
  flush(): void {
    this.#turn.flushing = this
    this.hear()
    this.#turn.flushing = undefined
    this.#writeWaiting()
  }

  #writeWaiting(): void {
    const first = this.#first
    if (first === undefined || this.#closed) return
    const more = this.#more
    this.#first = undefined
    this.#more = undefined
    this.#bytes = 0
    this.#write(more === undefined ? first : this.#turn.join(first, more))
  }

  /** Writes what waits; calls back once the operating system has it and all before it, or the line broke first. */
  whenTaken(done: (taken: boolean) => void): void {
    if (this.#closed) done(false)
    else {
      this.flush()
      this.#sink.write(nothing, (error) => done(error === undefined || error === null))
    }
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

  #fits(frame: Frame): boolean {
    const bytes = this.#bytes + frame.byteLength
    if (bytes + this.#socketBytes <= this.#limitBytes) return true
    // What was in the socket at the last write may have left since.
    this.#socketBytes = this.#sink.bufferedBytes
    return bytes + this.#socketBytes <= this.#limitBytes
  }

  #write(frames: Frame): void {
    this.#written = true
    this.#sink.write(frames)
    this.#socketBytes = this.#sink.bufferedBytes
  }
}

/** So few get a frame at once. */
export const fewClients = 8

/** Turns without news are waited for, since a broker's burst may come in several reads; at most this many. */
const maxTurns = 8
/** After a flush that took longer than this (ms), a rest lets more messages share the next writes. */
const longFlushMs = 2
/** The rest, as a share of the flush before it. */
const restShare = 0.25

/** A flush goes on for so long (ms) before the event loop sees to others: an official's press doesn't wait behind 10,000 viewers. */
const sliceMs = 2
/**
 * And then it sees to them so many times: a press comes in up to seven frames of a WebSocket, each read in a turn of its own, as
 * MQTT.js sends it, and its echo looks for more for a few turns.
 */
const turnsBetweenSlices = maxTurns
/** With more than that unheard it comes in faster than it goes out: then nothing is read, and whoever sends it has to wait. */
const mostNews = 100

/**
 * Collects the outboxes that got a frame and flushes them at the end of the first turn that brings nothing new; in
 * slices, with turns of the event loop between them, where they are many.
 */
export class FlushTurn {
  readonly #clock: Clock
  readonly #beforeSlice: () => void
  /** It needs no place among those that wait. */
  flushing: Outbox | undefined
  #waiting: Outbox[] = []
  /** What the crowd was told and not all of them have heard, the last of it the {@link told}th. */
  #news: News[] = []
  #told = 0
  /** Those of the flush that is under way, and how many of them are done. */
  #due: readonly Outbox[] = []
  #done = 0
  /** The crowd that is yet to be written to in the flush that is under way, and how much it will have heard then. */
  #crowd: Iterator<Outbox, undefined> | undefined
  #crowdTold = 0
  #joinedFirst: Frame | undefined
  #joinedMore: readonly Frame[] = []
  #joined: Frame = nothing
  #armed = false
  #fresh = false
  #turns = 0
  #turnsOff = 0
  #flushMs = 0
  #restUntil = 0

  /** `beforeSlice` may still offer frames. */
  constructor(clock: Clock, beforeSlice: () => void = () => undefined) {
    this.#clock = clock
    this.#beforeSlice = beforeSlice
  }

  add(outbox: Outbox): void {
    if (outbox === this.flushing) return
    this.#waiting.push(outbox)
    this.arm()
  }

  /** Writes what waits at once where few wait for it: a press, its echo and its receipt. Among more, waiting for the next one saves writes. */
  flushFew(): void {
    if (this.#waiting.length === 0 || this.#waiting.length > fewClients) return
    const few = this.#waiting
    this.#waiting = []
    for (const outbox of few) outbox.flush()
  }

  /** How many times its crowd was told something. */
  get told(): number {
    return this.#told
  }

  /** Has so many be told something that even offering it to all of them would hold up others. */
  tell(news: News): void {
    this.#news.push(news)
    this.#told += 1
    this.arm()
  }

  /** What was told after the `from`th time, as far as not all have heard it. */
  newsAfter(from: number): readonly News[] {
    return this.#news.slice(from - this.#told)
  }

  /** There is something to flush at the end of this turn. */
  arm(): void {
    this.#fresh = true
    if (this.#armed) return
    this.#armed = true
    this.#turns = 0
    this.#clock.endOfTurn(this.#look)
  }

  /**
   * One buffer with all frames. Clients that hear the same topics have the same frames waiting, so the
   * last result is kept for the flush and shared.
   */
  join(first: Frame, more: readonly Frame[]): Frame {
    if (this.#joinedFirst === first && sameFrames(this.#joinedMore, more)) return this.#joined
    this.#joinedFirst = first
    this.#joinedMore = more
    this.#joined = joinFrames([first, ...more])
    return this.#joined
  }

  readonly #look = (): void => {
    if (this.#fresh && this.#turns < maxTurns) {
      this.#fresh = false
      this.#turns += 1
      this.#clock.endOfTurn(this.#look)
      return
    }
    const restMs = this.#restUntil - this.#clock.now()
    if (restMs > 0) {
      this.#clock.setTimer(restMs, this.#look)
      return
    }
    this.#flush()
  }

  readonly #flush = (): void => {
    if (this.#turnsOff > 0) {
      this.#turnsOff -= 1
      this.#clock.endOfTurn(this.#flush)
      return
    }
    const began = this.#clock.now()
    this.#beforeSlice()
    if (this.#crowd === undefined) {
      this.#crowd = outboxesOf(this.#news.slice())
      this.#crowdTold = this.#told
      this.#takeWaiting()
      // What comes from here on, between the slices, waits for the next flush, or goes before the rest of the crowd.
      this.#fresh = false
    } else if (this.#done === this.#due.length) this.#takeWaiting()
    const from = this.#clock.now()
    let ended = from
    let next: Outbox | undefined
    do {
      next = this.#due[this.#done] ?? this.#crowd.next().value
      this.#done = Math.min(this.#done + 1, this.#due.length)
      next?.flush()
      ended = this.#clock.now()
    } while (next !== undefined && (ended - from <= sliceMs || this.#news.length > mostNews))
    this.#flushMs += ended - began
    if (next === undefined) this.#flushed(ended)
    else {
      this.#turnsOff = turnsBetweenSlices - 1
      this.#clock.endOfTurn(this.#flush)
    }
  }

  #takeWaiting(): void {
    this.#due = this.#waiting
    this.#waiting = []
    this.#done = 0
  }

  #flushed(now: number): void {
    if (this.#flushMs > longFlushMs) this.#restUntil = now + this.#flushMs * restShare
    this.#flushMs = 0
    this.#crowd = undefined
    this.#due = []
    this.#done = 0
    // All have heard it.
    this.#news.splice(0, this.#news.length - (this.#told - this.#crowdTold))
    this.#joinedFirst = undefined
    this.#joinedMore = []
    this.#joined = nothing
    this.#armed = false
    // What came between the slices.
    if (this.#fresh) this.arm()
  }
}

/** A crowd that was told several things is gone through once. */
function* outboxesOf(news: readonly News[]): Generator<Outbox, undefined> {
  for (const outboxes of new Set(news.map((each) => each.outboxes))) yield* outboxes
  return undefined
}

function sameFrames(a: readonly Frame[], b: readonly Frame[]): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}

/** One frame for several. A Buffer, since Node's streams wrap any other Uint8Array anew at each write. */
export function joinFrames(frames: readonly Frame[]): Frame {
  const [only] = frames
  return only !== undefined && frames.length === 1 ? only : Buffer.concat(frames)
}
