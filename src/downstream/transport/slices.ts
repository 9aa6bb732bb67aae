import type { Clock } from '../../support/clock.ts'
import type { TransportEvents } from './transport.ts'

/** Bytes of one socket that are looked at in one turn: some ten small packets. More is a flood, or can wait a moment. */
const sliceBytes = 256

/** What brings the bytes. */
export interface Source {
  pause(): void
  resume(): void
}

/**
 * Hands on what a socket brings, a little in each turn of the event loop, so that one that floods doesn't hold up the
 * others; it isn't read meanwhile.
 */
export class Slices {
  readonly #clock: Pick<Clock, 'endOfTurn'>
  readonly #source: Source
  readonly #to: Pick<TransportEvents, 'bytes'>
  /** Made with the first chunk that is more than a slice: most clients never send one. */
  #waiting: Uint8Array[] | undefined
  #end: (() => void) | undefined
  #stopped = false

  constructor(clock: Pick<Clock, 'endOfTurn'>, source: Source, to: Pick<TransportEvents, 'bytes'>) {
    this.#clock = clock
    this.#source = source
    this.#to = to
  }

  /** In order, and at once where that is little. */
  take(chunk: Uint8Array): void {
    if (this.#stopped) return
    if (this.#waiting !== undefined) this.#waiting.push(chunk)
    else if (chunk.byteLength <= sliceBytes) this.#to.bytes(chunk)
    else {
      this.#waiting = [chunk]
      this.#source.pause()
      this.#next()
    }
  }

  /** Calls back after the last byte. */
  end(then: () => void): void {
    if (this.#waiting === undefined) then()
    else this.#end = then
  }

  /** Nothing is handed on any more, and who waits for the end waits no longer. The source may be left paused. */
  stop(): void {
    this.#stopped = true
    this.#waiting = undefined
    this.#ended()
  }

  #next(): void {
    const waiting = this.#waiting
    const chunk = waiting?.[0]
    if (waiting === undefined || chunk === undefined) return
    const rest = chunk.subarray(sliceBytes)
    if (rest.byteLength > 0) waiting[0] = rest
    else waiting.shift()
    this.#to.bytes(chunk.subarray(0, sliceBytes))
    if (waiting.length > 0) this.#clock.endOfTurn(() => this.#next())
    else if (!this.#stopped) {
      this.#waiting = undefined
      this.#source.resume()
      this.#ended()
    }
  }

  #ended(): void {
    const end = this.#end
    this.#end = undefined
    end?.()
  }
}
