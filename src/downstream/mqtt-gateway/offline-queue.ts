/** Milliseconds after CONNACK in which a client with an offline queue begins to send it, however slow its line. */
export const firstWordMs = 5_000

/**
 * Milliseconds, beside the measured round trip, between our answer to a stored press and the next one. The slowest line has
 * 900 ms one way, 300 ms of jitter and a packet that comes 1 s late, thus 3.4 s there and back; of these a first word that came
 * as quickly as that line lets it has measured 0.92 s.
 */
const betweenStoredMs = 2_500

/** Milliseconds; half of the slowest round trip with its jitter. More was no round trip, or {@link betweenStoredMs} covers it. */
const maxRoundTripMs = 1_200

/** Milliseconds by which a line's delay differs from one packet to the next at most: as much as its round trip, or this. */
const maxJitterMs = 300

/** The same after SUBSCRIBE, where hardly anything of a queue is left and the official waits. */
const maxLastJitterMs = 80

/** Milliseconds more until a client counts as one that never subscribes. */
const subscribeMs = 250

/** Milliseconds; packets that follow each other closer than this were sent at once: no finger is so quick. */
const burstGapMs = 50

/** Packets sent at once that a device sends for one press (docs/owlcms.md: three at most); more are a queue. */
const packetsOfAPress = 3

/** Answers that a queue may wait for one after the other, and how long it may arrive in one burst (R7). */
const maxStored = 100
const maxBurstMs = 60_000

/**
 * Tells what may come from a client's offline queue (R4). MQTT.js sends its queue after CONNACK and before SUBSCRIBE: what
 * it has stored at QoS 1 and 2 one by one, each after our answer to the one before, then all of QoS 0 at once. So the
 * queue is what a client says first, up to SUBSCRIBE, and a little longer, since packets sent at once may arrive apart.
 * A client that never subscribes is believed to be through when it pauses. PROTOCOL.md tells it in four sentences.
 */
export class OfflineQueue {
  readonly #stragglerMs: number
  readonly #connackAt: number
  /** From CONNACK to the client's first word, in milliseconds. */
  #roundTripMs: number | undefined
  #maxJitterMs = maxJitterMs
  #subscribed = false
  #lastHeardAt: number
  /** Packets that came at once, up to the last. */
  #burst = 0
  #answered = 0
  #until: number

  /**
   * `stragglerMs`: how much later than the first a packet sent with it may arrive; 0: nothing is taken for a queue.
   * `now`: when CONNACK was sent.
   */
  constructor(stragglerMs: number, now: number) {
    this.#stragglerMs = stragglerMs
    this.#connackAt = now
    this.#lastHeardAt = now
    this.#until = stragglerMs === 0 ? -Infinity : now + firstWordMs
  }

  /** PUBLISH came, its first byte at `now`. True: it may be from the queue. */
  heard(now: number): boolean {
    if (!this.released(now)) return false
    this.#burst = now - this.#lastHeardAt <= burstGapMs ? this.#burst + 1 : 1
    this.#lastHeardAt = now
    if (this.#burst > packetsOfAPress && now < this.#connackAt + maxBurstMs) {
      this.#until = Math.max(this.#until, now + this.#stragglerMs + this.#jitterMs)
    }
    return true
  }

  /** PUBREL came, its first byte at `now`. True: what it ends may be from the queue. */
  released(now: number): boolean {
    if (now >= this.#until) return false
    if (this.#roundTripMs === undefined) {
      this.#measure(now)
      this.#until = now + this.#stragglerMs + this.#jitterMs + subscribeMs
    }
    return true
  }

  /** PUBACK, PUBREC or PUBCOMP was sent for something that may be from the queue: the next one may follow it. */
  answered(now: number): void {
    if (this.#subscribed || this.#answered >= maxStored) return
    this.#answered += 1
    this.#until = Math.max(this.#until, now + betweenStoredMs + (this.#roundTripMs ?? 0))
  }

  /**
   * SUBSCRIBE or UNSUBSCRIBE came: MQTT.js says that only when nothing that it has stored is left. As the first word it may
   * be from the queue itself, with presses behind it.
   */
  subscribed(now: number): void {
    if (this.#subscribed || now >= this.#until) return
    this.#subscribed = true
    if (this.#roundTripMs === undefined) this.#measure(now)
    else this.#maxJitterMs = maxLastJitterMs
    this.#until = now + this.#stragglerMs + this.#jitterMs
  }

  /** By how much the delays of two packets sent at once may differ. */
  get #jitterMs(): number {
    return Math.min(this.#maxJitterMs, this.#roundTripMs ?? 0)
  }

  #measure(now: number): void {
    // What was sent before CONNACK has waited for it.
    this.#roundTripMs = Math.max(0, Math.min(maxRoundTripMs, now - this.#connackAt))
  }
}
