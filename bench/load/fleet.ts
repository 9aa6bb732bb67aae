import { openLines, type Door, type Line } from './line.ts'
import { stampBytes, subscribersFilter } from './messages.ts'

/** Publications that may be under way at once; far above what any scenario has. */
const ring = 16_384

/** Clients whose delays are recorded, spread over all of them. */
const sampledClients = 50

/**
 * Many subscribers that hear the same publications. Counts by bytes, since all publications have the same
 * size on the wire, which {@link Fleet.calibrate} learns; looks into payloads for a few clients only.
 */
export class Fleet {
  readonly size: number
  /** Deliveries, all clients together, since the last reset. */
  delivered = 0
  /** Publications that all clients have, since the last reset. */
  completed = 0
  /** Milliseconds from sending to arrival at one of the sampled clients. */
  delays: number[] = []
  /** Publications that came to a sampled client out of order, or twice. */
  disorder = 0
  hungUp = 0
  onCompleted: () => void = () => undefined
  #wireBytes = 0
  readonly #sampleEvery: number
  readonly #bytes: Float64Array
  readonly #nextSequence: Float64Array
  readonly #arrived = new Uint32Array(ring)
  #lines: readonly Line[] = []

  private constructor(size: number) {
    this.size = size
    this.#sampleEvery = Math.ceil(size / sampledClients)
    this.#bytes = new Float64Array(size)
    this.#nextSequence = new Float64Array(size)
  }

  static async connect(door: Door, size: number): Promise<Fleet> {
    const fleet = new Fleet(size)
    fleet.#lines = await openLines(size, (at) => ({
      door,
      clientId: `bench-${at}`,
      filter: subscribersFilter,
      onBytes: (bytes, length) => fleet.#heard(at, bytes, length),
      onClose: () => (fleet.hungUp += 1),
    }))
    return fleet
  }

  /** Learns from one publication how many bytes one takes on the wire of this server. */
  async calibrate(publish: () => void): Promise<void> {
    this.#wireBytes = 0
    this.#bytes.fill(0)
    publish()
    await until(() => this.#bytes.every((bytes) => bytes > 0), 5_000)
    // Some servers send one publication in several pieces.
    await pause(200)
    const bytes = this.#bytes[0] ?? 0
    if (bytes === 0 || !this.#bytes.every((other) => other === bytes))
      throw new Error('the subscribers did not all hear the first publication alike')
    this.#wireBytes = bytes
    this.reset(1)
  }

  /** Starts counting from zero; the next publication must have number `sequence`. */
  reset(sequence: number): void {
    this.delivered = 0
    this.completed = 0
    this.disorder = 0
    this.delays = []
    this.#bytes.fill(0)
    this.#arrived.fill(0)
    this.#nextSequence.fill(sequence)
  }

  close(): void {
    for (const line of this.#lines) line.close()
  }

  #heard(client: number, buffer: Buffer, length: number): void {
    const before = this.#bytes[client]!
    this.#bytes[client] = before + length
    const size = this.#wireBytes
    if (size === 0) return
    const from = Math.floor(before / size)
    const to = Math.floor((before + length) / size)
    if (to === from) return
    this.delivered += to - from
    const completedBefore = this.completed
    for (let message = from; message < to; message += 1) {
      const slot = message % ring
      const count = this.#arrived[slot]! + 1
      this.#arrived[slot] = count === this.size ? 0 : count
      if (count === this.size) this.completed += 1
    }
    if (client % this.#sampleEvery === 0) this.#sample(client, buffer, before, from, to)
    if (this.completed > completedBefore) this.onCompleted()
  }

  #sample(client: number, buffer: Buffer, before: number, from: number, to: number): void {
    const now = performance.now()
    for (let message = from; message < to; message += 1) {
      const at = (message + 1) * this.#wireBytes - before - stampBytes
      if (at < 0) continue // its stamp came in two reads
      const sequence = buffer.readUInt32LE(at)
      if (sequence < this.#nextSequence[client]!) this.disorder += 1
      this.#nextSequence[client] = sequence + 1
      this.delays.push(now - buffer.readDoubleLE(at + 4))
    }
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits for a condition, at most `timeoutMs`; says whether it came true. */
export async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) return false
    await pause(5)
  }
  return true
}
