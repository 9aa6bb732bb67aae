import type { Publication, QoS } from '../../protocol/publication.ts'
import { joinFrames, type Frame, type News, type OfferOutcome, type Outbox } from './outbox.ts'
import type { Match } from './subscription-index.ts'

/** A wire format. Sessions that share one share each encoded QoS 0 frame. */
export interface FrameFormat {
  encode(publication: Publication): Frame
}

/** A session, as fan-out sees it. */
export interface Recipient {
  readonly format: FrameFormat
  /** Takes shared frames; `pass`, where there is one, is for the last of a turn, which is written at once. */
  readonly outbox: { offer(frame: Frame): OfferOutcome; pass?(frame: Frame): OfferOutcome }
  /** Of who only listens, as far as anybody knows: of many such each waits for its turn. */
  readonly listening?: Outbox | undefined
  /** True where the client limits its packets: then one large frame may not stand for several publications. */
  readonly singly?: boolean
  /** Delivery that is this session's own affair: QoS 1 and 2, identifiers, retained copies. */
  deliver(publication: Publication, qos: QoS, identifiers: readonly number[]): OfferOutcome
}

/** So many are written to in one go: it takes about as long as a slice (outbox.ts). */
const fewListeners = 250

/**
 * Gives one publication after another to the sessions that match it. Consecutive publications for the same
 * sessions form a run: at QoS 0 its frames are encoded and joined once for each wire format, and each session
 * is offered one frame for the whole run, so that the work per session doesn't grow with the number of
 * publications. Order is kept: a publication for other sessions ends the run before it. Never waits: a session
 * whose outbox is full is handed to `slow`, and the caller ends it.
 */
export class FanOut<R extends Recipient> {
  readonly #maxRunBytes: number
  readonly #slow: (session: R) => void
  readonly #tell: (news: News) => void
  #matches: readonly Match<R>[] = []
  #run: Publication[] = []
  #runBytes = 0

  /** `maxRunBytes`: publications after which a run ends, well below an outbox, so that only slow clients are slow. */
  constructor(maxRunBytes: number, slow: (session: R) => void, tell: (news: News) => void) {
    this.#maxRunBytes = maxRunBytes
    this.#slow = slow
    this.#tell = tell
  }

  /** Lists are compared by identity; nobody may modify one. */
  offer(publication: Publication, matches: readonly Match<R>[]): void {
    if (matches !== this.#matches || this.#runBytes > this.#maxRunBytes) {
      this.endRun()
      this.#matches = matches
    }
    this.#run.push(publication)
    this.#runBytes += publication.topic.length + publication.payload.byteLength
  }

  /** Hands the run over to the outboxes. `last`: the turn flushes right after, so frames may be written at once. */
  endRun(last = false): void {
    const run = this.#run
    if (run.length === 0) return
    this.#run = []
    this.#runBytes = 0
    const plain = run.every(({ qos }) => qos === 0)
    const shared = new SharedFrames(run)
    const give = (match: Match<R>, isLast: boolean): void => {
      if ((plain || match.qos === 0) && match.identifiers.length === 0) {
        if (this.#share(shared, match.session, isLast) === 'slow') this.#slow(match.session)
      } else {
        this.#deliver(run, match)
      }
    }
    if (this.#matches.length <= fewListeners) {
      for (const match of this.#matches) give(match, last)
      return
    }
    const crowd = new Map<Outbox, Match<R>>()
    for (const match of this.#matches) {
      const { listening } = match.session
      if (listening === undefined) give(match, last)
      else crowd.set(listening, match)
    }
    if (crowd.size === 0) return
    const tell = (outbox: Outbox): void => {
      const match = crowd.get(outbox)
      if (match !== undefined) give(match, false)
    }
    this.#tell({ outboxes: crowd.keys(), tell })
  }

  #share(shared: SharedFrames, session: R, last: boolean): OfferOutcome {
    const { outbox } = session
    if (session.singly !== true) {
      const frame = shared.joined(session.format)
      return (last ? outbox.pass?.(frame) : undefined) ?? outbox.offer(frame)
    }
    for (const frame of shared.single(session.format)) if (outbox.offer(frame) === 'slow') return 'slow'
    return 'queued'
  }

  #deliver(run: readonly Publication[], match: Match<R>): void {
    for (const publication of run) {
      const qos = Math.min(publication.qos, match.qos) as QoS
      if (match.session.deliver(publication, qos, match.identifiers) === 'slow') {
        this.#slow(match.session)
        return
      }
    }
  }
}

/** The frames of a run in each wire format that is asked for: encoded once, joined once. */
class SharedFrames {
  readonly #run: readonly Publication[]
  readonly #single = new Map<FrameFormat, readonly Frame[]>()
  #format: FrameFormat | undefined
  #frame: Frame | undefined
  #others: Map<FrameFormat, Frame> | undefined

  constructor(run: readonly Publication[]) {
    this.#run = run
  }

  single(format: FrameFormat): readonly Frame[] {
    let frames = this.#single.get(format)
    if (frames === undefined) {
      frames = this.#run.map((publication) => format.encode(publication))
      this.#single.set(format, frames)
    }
    return frames
  }

  joined(format: FrameFormat): Frame {
    // Most sessions share one format; a map is needed only from the second on.
    if (format === this.#format && this.#frame !== undefined) return this.#frame
    if (this.#frame === undefined) {
      this.#format = format
      this.#frame = joinFrames(this.single(format))
      return this.#frame
    }
    this.#others ??= new Map()
    let frame = this.#others.get(format)
    if (frame === undefined) {
      frame = joinFrames(this.single(format))
      this.#others.set(format, frame)
    }
    return frame
  }
}
