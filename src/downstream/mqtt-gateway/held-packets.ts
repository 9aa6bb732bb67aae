/** Bytes that a packet takes besides its own, as an object of Node's. */
const overheadBytes = 128

/** Packets that wait until their client is known; bounded in bytes (R7). */
export class HeldPackets {
  readonly packets: Uint8Array[] = []
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Copies the packet, whose memory belongs to the socket's next read. False: that is too much. */
  add(packet: Uint8Array): boolean {
    this.#bytes += packet.byteLength + overheadBytes
    if (this.#bytes > this.#maxBytes) return false
    this.packets.push(packet.slice())
    return true
  }
}
