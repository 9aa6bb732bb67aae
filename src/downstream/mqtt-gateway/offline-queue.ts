/** Milliseconds after CONNACK in which a client with an offline queue begins to send it, however slow its line. */
export const firstWordMs = 5_000

/** Milliseconds between our answer to a stored press and the next one: a round trip of 2.4 s and a packet 1 s late. */
const betweenStoredMs = 3_500

/** Milliseconds by which a line's delay differs from one packet to the next at most: as much as its round trip, or this. */
const maxJitterMs = 300

/** The same after SUBSCRIBE, where hardly anything of a queue is left and the official waits. */
const maxLastJitterMs = 80

/** Milliseconds more until a client counts as one that never subscribes. */
const subscribeMs = 250

/** Milliseconds; packets that follow each other closer than this were sent at once: no finger is so quick. */
const burstGapMs = 50

/** Packets sent at once that a device sends for one press (protocol.md: three at most); more are a queue. */
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
  /** From CONNACK to the client's first word, as far as it tells how steady the line is; in milliseconds. */
  #jitterMs: number | undefined
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
    this.#until = stragglerMs === 0 ? now : now + firstWordMs
  }

  /** PUBLISH came. True: it may be from the queue. */
  heard(now: number): boolean {
    if (!this.released(now)) return false
    this.#burst = now - this.#lastHeardAt <= burstGapMs ? this.#burst + 1 : 1
    this.#lastHeardAt = now
    if (this.#burst > packetsOfAPress && now < this.#connackAt + maxBurstMs) {
      this.#until = Math.max(this.#until, now + this.#stragglerMs + (this.#jitterMs ?? 0))
    }
    return true
  }

  /** PUBREL came. True: what it ends may be from the queue. */
  released(now: number): boolean {
    if (now >= this.#until) return false
    if (this.#jitterMs === undefined) {
      this.#until = now + this.#stragglerMs + this.#measure(now) + subscribeMs
    }
    return true
  }

  /** PUBACK, PUBREC or PUBCOMP was sent for something that may be from the queue: the next one may follow it. */
  answered(now: number): void {
    if (this.#subscribed || this.#answered >= maxStored) return
    this.#answered += 1
    this.#until = Math.max(this.#until, now + betweenStoredMs)
  }

  /**
   * SUBSCRIBE or UNSUBSCRIBE came: MQTT.js says that only when nothing that it has stored is left. As the first word it may
   * be from the queue itself, with presses behind it.
   */
  subscribed(now: number): void {
    if (this.#subscribed || now >= this.#until) return
    this.#subscribed = true
    this.#jitterMs =
      this.#jitterMs === undefined ? this.#measure(now) : Math.min(this.#jitterMs, maxLastJitterMs)
    this.#until = now + this.#stragglerMs + this.#jitterMs
  }

  #measure(now: number): number {
    this.#jitterMs = Math.min(maxJitterMs, now - this.#connackAt)
    return this.#jitterMs
  }
}
