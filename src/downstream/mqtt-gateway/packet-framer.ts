import { err, ok, type Result } from '../../protocol/result.ts'

/** More bytes than a packet may have, or a length of five bytes [MQTT-1.5.5-1]. */
export type FramingFault = 'tooLarge' | 'badLength'

const none: readonly Uint8Array[] = []

/**
 * Cuts a byte stream into complete MQTT packets, however the wire split or joined them
 * [MQTT-6.0.0-3]. Holds at most one incomplete packet of `maxPacketBytes`. After a fault the stream is
 * lost and the connection must end.
 */
export class PacketFramer {
  readonly #maxPacketBytes: number
  #rest: Uint8Array | undefined

  constructor(maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes
  }

  /** Whether part of a packet is waiting for the rest. */
  get incomplete(): boolean {
    return this.#rest !== undefined
  }

  /** The packets completed by this chunk, in order; views into it where possible. */
  push(chunk: Uint8Array): Result<readonly Uint8Array[], FramingFault> {
    const bytes = this.#rest === undefined ? chunk : join(this.#rest, chunk)
    this.#rest = undefined
    let packets: Uint8Array[] | undefined
    let at = 0
    while (at < bytes.byteLength) {
      const length = packetLength(bytes, at)
      if (length === 'bad') return err('badLength')
      if (length !== undefined && length > this.#maxPacketBytes) return err('tooLarge')
      if (length === undefined || at + length > bytes.byteLength) break
      packets ??= []
      packets.push(bytes.subarray(at, at + length))
      at += length
    }
    // Copied, since the chunk's memory belongs to the socket's next read.
    if (at < bytes.byteLength) this.#rest = new Uint8Array(bytes.subarray(at))
    return ok(packets ?? none)
  }
}

/** Bytes of the packet that starts at `at`, header included; undefined while its length is incomplete. */
function packetLength(bytes: Uint8Array, at: number): number | undefined | 'bad' {
  let remaining = 0
  for (let digit = 0; digit < 4; digit += 1) {
    const byte = bytes[at + 1 + digit]
    if (byte === undefined) return undefined
    remaining += (byte & 0x7f) * 128 ** digit
    if ((byte & 0x80) === 0) return 2 + digit + remaining
  }
  return 'bad' // a fifth length byte [MQTT-1.5.5-1]
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.byteLength + b.byteLength)
  joined.set(a)
  joined.set(b, a.byteLength)
  return joined
}
