/** Samples looked at; a keypad measures about one a second. */
const keptSamples = 10

interface Sample {
  readonly roundTripMs: number
  /** The bridge's clock minus this device's. */
  readonly aheadMs: number
}

/**
 * The round trip to the bridge, and how far the bridge's clock is ahead of the device's. Phones may be minutes off. The
 * quickest of the last ten samples counts, since waiting in a queue only ever makes a sample worse.
 */
export class RoundTrip {
  #samples: readonly Sample[] = []

  /** A ping that left at `sentAt` came back at `heardAt`; the bridge said `bridgeAt` in between. */
  add(sentAt: number, heardAt: number, bridgeAt: number): void {
    // The phone has corrected its clock in between.
    if (heardAt < sentAt) return
    const sample = { roundTripMs: heardAt - sentAt, aheadMs: bridgeAt - (sentAt + heardAt) / 2 }
    const agreeing = this.#samples.filter((other) => agree(other, sample))
    this.#samples = [...agreeing, sample].slice(-keptSamples)
  }

  /** The device slept, or its clock may have been corrected: what was measured before counts no longer. */
  forget(): void {
    this.#samples = this.#samples
      .slice(-1)
      .map(({ aheadMs }) => ({ aheadMs, roundTripMs: Number.POSITIVE_INFINITY }))
  }

  /** A rough first guess from a message alone; any measured sample beats it. */
  guess(heardAt: number, bridgeAt: number): void {
    if (this.#samples.length > 0) return
    this.#samples = [{ roundTripMs: Number.POSITIVE_INFINITY, aheadMs: bridgeAt - heardAt }]
  }

  get aheadMs(): number {
    return this.#best?.aheadMs ?? 0
  }

  /**
   * The most that the bridge's clock can be ahead: half a round trip more. A press dated so never looks older than it is,
   * however lopsided the line was when it was measured.
   */
  get mostAheadMs(): number {
    return this.aheadMs + (this.roundTripMs ?? 0) / 2
  }

  /** Milliseconds; undefined until measured. */
  get roundTripMs(): number | undefined {
    const best = this.#best?.roundTripMs
    return best === undefined || !Number.isFinite(best) ? undefined : best
  }

  get #best(): Sample | undefined {
    const [first, ...rest] = this.#samples
    if (first === undefined) return undefined
    return rest.reduce((best, sample) => (sample.roundTripMs < best.roundTripMs ? sample : best), first)
  }
}

/**
 * Whether both may be true: each is off by half its round trip at most, and the bridge's whole milliseconds. If not, a clock
 * was set in between.
 */
function agree(one: Sample, other: Sample): boolean {
  return Math.abs(one.aheadMs - other.aheadMs) <= (one.roundTripMs + other.roundTripMs) / 2 + 2
}
