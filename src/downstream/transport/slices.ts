import type { Clock } from '../../support/clock.ts'

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
  readonly #use: (bytes: Uint8Array) => void
  readonly #waiting: Uint8Array[] = []
  #end: (() => void) | undefined
  #stopped = false

  constructor(clock: Pick<Clock, 'endOfTurn'>, source: Source, use: (bytes: Uint8Array) => void) {
    this.#clock = clock
    this.#source = source
    this.#use = use
  }

  /** In order, and at once where that is little. */
  take(chunk: Uint8Array): void {
    if (this.#stopped) return
    if (this.#waiting.length === 0 && chunk.byteLength <= sliceBytes) this.#use(chunk)
    else if (this.#waiting.push(chunk) === 1) {
      this.#source.pause()
      this.#next()
    }
  }

  /** Calls back after the last byte. */
  end(then: () => void): void {
    if (this.#waiting.length === 0) then()
    else this.#end = then
  }

  /** Nothing is handed on any more, and who waits for the end waits no longer. The source may be left paused. */
  stop(): void {
    this.#stopped = true
    this.#waiting.length = 0
    this.#ended()
  }

  #next(): void {
    const [chunk] = this.#waiting
    if (chunk === undefined) return
    const rest = chunk.subarray(sliceBytes)
    if (rest.byteLength > 0) this.#waiting[0] = rest
    else this.#waiting.shift()
    this.#use(chunk.subarray(0, sliceBytes))
    if (this.#waiting.length > 0) this.#clock.endOfTurn(() => this.#next())
    else if (!this.#stopped) {
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
