import { readTopic } from '../../protocol/owlcms/topics.ts'
import { parseMessage } from '../../protocol/owlcms/parse.ts'
import { reducePlatform } from '../../protocol/field/reduce.ts'
import type { PlatformState } from '../../protocol/field/state.ts'
import { publicationBytes, type Publication } from '../../protocol/publication.ts'
import type { HistoryLimits, PlatformEvent } from './event.ts'

/**
 * Events between two states that the history keeps: those between are folded again for whoever missed some. A
 * state is about ten times the size of a publication.
 */
const checkpointEvents = 64

/** One platform's state, number and bounded history: the events `seq - kept + 1` to `seq`, without a hole. */
export class Track {
  seq: number
  state: PlatformState
  readonly #limits: HistoryLimits
  #publications: Publication[] = []
  /** Arrival of each, as moments of the clock. */
  #times: number[] = []
  /** What was shown before each publication number 0, `checkpointEvents`, twice that… of the array. */
  #checkpoints: PlatformState[] = []
  /** Where in the array the history begins; what is before it is forgotten and awaits the broom. */
  #start = 0
  #bytes = 0

  /** Begins with this state after event number `seq`. */
  constructor(state: PlatformState, seq: number, limits: HistoryLimits) {
    this.state = state
    this.seq = seq
    this.#limits = limits
  }

  /** The next event, which led from the state of before to its own. */
  add({ seq, at, publication, before, state }: PlatformEvent): void {
    this.seq = seq
    this.state = state
    if (this.#publications.length % checkpointEvents === 0) this.#checkpoints.push(before)
    this.#publications.push(publication)
    this.#times.push(at)
    this.#bytes += publicationBytes(publication)
    const { historyEvents, historyBytes } = this.#limits
    while (this.#publications.length - this.#start > historyEvents || this.#bytes > historyBytes)
      this.#forget()
    if (this.#start > this.#publications.length / 2) this.#sweep()
  }

  /** Exactly the events after this number, equal to those that were added; `gap` when not all are kept. */
  since(seq: number): readonly PlatformEvent[] | 'gap' {
    const missed = this.seq - seq
    if (missed < 0 || missed > this.#publications.length - this.#start) return 'gap'
    return missed === 0 ? [] : this.#foldAgain(this.#publications.length - missed)
  }

  /** Takes a number of its own, so that whoever stands at the number before it learns of the gap. */
  restart(state: PlatformState): void {
    this.seq += 1
    this.state = state
    this.#publications = []
    this.#times = []
    this.#checkpoints = []
    this.#start = 0
    this.#bytes = 0
  }

  /** The events from this place in the array on. */
  #foldAgain(first: number): readonly PlatformEvent[] {
    const checkpoint = Math.floor(first / checkpointEvents)
    const events: PlatformEvent[] = []
    let before = this.#checkpoints[checkpoint] ?? this.state
    for (let place = checkpoint * checkpointEvents; place < this.#publications.length; place += 1) {
      const [publication, at] = [this.#publications[place], this.#times[place]]
      if (publication === undefined || at === undefined) break
      const meaning = readTopic(publication.topic)
      const message = parseMessage(publication.topic, publication.payload, meaning)
      const state = reducePlatform(before, message, at)
      const seq = this.seq + 1 - (this.#publications.length - place)
      const { platform } = state
      if (place >= first) events.push({ platform, seq, at, publication, meaning, message, before, state })
      before = state
    }
    return events
  }

  #forget(): void {
    const oldest = this.#publications[this.#start]
    if (oldest !== undefined) this.#bytes -= publicationBytes(oldest)
    this.#start += 1
  }

  /** Whole stretches between checkpoints only. */
  #sweep(): void {
    const stretches = Math.floor(this.#start / checkpointEvents)
    if (stretches === 0) return
    this.#publications = this.#publications.slice(stretches * checkpointEvents)
    this.#times = this.#times.slice(stretches * checkpointEvents)
    this.#checkpoints = this.#checkpoints.slice(stretches)
    this.#start -= stretches * checkpointEvents
  }
}
