import { isUtf8 } from 'node:buffer'
import { err, ok, type Result } from '../../protocol/result.ts'

/**
 * `badText`: not UTF-8, or with U+0000 [MQTT-1.5.4-1, 1.5.4-2]. `malformed`: lengths that don't fit, a property twice, where it
 * has no meaning, or with a value that it can't have (MQTT 5 section 2.2.2.2).
 */
export type TextFault = 'badText' | 'malformed'

type PropertyType = 'flag' | 'int16' | 'int32' | 'identifier' | 'text' | 'binary'

/** Where a client may say it. */
type Place = 'connect' | 'will' | 'publish' | 'subscribe' | 'unsubscribe' | 'answer' | 'disconnect' | 'auth'

/** What a client may send, by identifier (MQTT 5 section 2.2.2.2). */
const properties: Readonly<Record<number, readonly [PropertyType, ...Place[]]>> = {
  0x01: ['flag', 'publish', 'will'],
  0x02: ['int32', 'publish', 'will'],
  0x03: ['text', 'publish', 'will'],
  0x08: ['text', 'publish', 'will'],
  0x09: ['binary', 'publish', 'will'],
  0x0b: ['identifier', 'subscribe'],
  0x11: ['int32', 'connect', 'disconnect'],
  0x15: ['text', 'connect', 'auth'],
  0x16: ['binary', 'connect', 'auth'],
  0x17: ['flag', 'connect'],
  0x18: ['int32', 'will'],
  0x19: ['flag', 'connect'],
  0x1f: ['text', 'answer', 'disconnect', 'auth'],
  0x21: ['int16', 'connect'],
  0x22: ['int16', 'connect'],
  0x23: ['int16', 'publish'],
  0x27: ['int32', 'connect'],
}
/** It may be said anywhere, again and again. */
const userProperty = 0x26

const types = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  disconnect: 14,
  auth: 15,
} as const
const flags = { will: 0x04, password: 0x40, username: 0x80, qos: 0x06 } as const

/**
 * Checks every text of one complete packet of a client in its raw bytes: the codec turns what is no UTF-8 into
 * U+FFFD, and the publication would go on under another name. `version` is 3, 4 or 5; CONNECT says its own.
 */
export function checkTexts(packet: Uint8Array, version: number): Result<undefined, TextFault> {
  try {
    walk(new Walk(packet), packet[0] ?? 0, version)
    return ok(undefined)
  } catch (error) {
    if (error instanceof Fault) return err(error.kind)
    throw error
  }
}

class Fault extends Error {
  readonly kind: TextFault

  constructor(kind: TextFault) {
    super(kind)
    this.kind = kind
  }
}

function walk(at: Walk, header: number, version: number): void {
  const type = header >> 4
  at.variable() // the packet's own length
  const v5 = version === 5
  if (type === types.connect) walkConnect(at)
  else if (type === types.publish) {
    at.text()
    if ((header & flags.qos) !== 0) at.skip(2)
    if (v5) at.properties('publish')
  } else if (type === types.subscribe || type === types.unsubscribe) {
    at.skip(2)
    if (v5) at.properties(type === types.subscribe ? 'subscribe' : 'unsubscribe')
    while (at.left > 0) {
      at.text()
      if (type === types.subscribe) at.skip(1)
    }
  } else if (v5 && type >= types.puback && type <= types.pubcomp) {
    at.skip(2)
    at.reason('answer')
  } else if (v5 && type === types.disconnect) at.reason('disconnect')
  else if (v5 && type === types.auth) at.reason('auth')
}

function walkConnect(at: Walk): void {
  at.text()
  const version = at.byte() & 0x7f
  // Which one it is matters only to who answers an unknown one.
  if (version < 3 || version > 5) return
  const has = at.byte()
  at.skip(2)
  if (version === 5) at.properties('connect')
  at.text()
  if ((has & flags.will) !== 0) {
    if (version === 5) at.properties('will')
    at.text()
    at.binary()
  }
  if ((has & flags.username) !== 0) at.text()
  if ((has & flags.password) !== 0) at.binary()
}

/** A place in the bytes of one packet. */
class Walk {
  readonly #bytes: Uint8Array
  #at = 1

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.byteLength - this.#at
  }

  skip(count: number): void {
    this.#at += count
    if (this.left < 0) throw new Fault('malformed')
  }

  byte(): number {
    this.skip(1)
    return this.#bytes[this.#at - 1] ?? 0
  }

  /** Variable Byte Integer [MQTT-1.5.5-1]. */
  variable(): number {
    let value = 0
    for (let digit = 0; digit < 4; digit += 1) {
      const byte = this.byte()
      value += (byte & 0x7f) * 128 ** digit
      if ((byte & 0x80) === 0) return value
    }
    throw new Fault('malformed')
  }

  binary(): Uint8Array {
    const length = this.byte() * 256 + this.byte()
    this.skip(length)
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  text(): void {
    const bytes = this.binary()
    if (!isUtf8(bytes) || bytes.includes(0)) throw new Fault('badText')
  }

  /** What may follow in acknowledgements, DISCONNECT and AUTH: a reason code, then properties. */
  reason(place: Place): void {
    if (this.left > 0) this.skip(1)
    if (this.left > 0) this.properties(place)
  }

  properties(place: Place): void {
    const length = this.variable()
    const end = this.left - length
    if (end < 0) throw new Fault('malformed')
    const seen = new Set<number>()
    while (this.left > end) {
      const id = this.variable()
      if (id === userProperty) {
        this.text()
        this.text()
        continue
      }
      const property = properties[id]
      if (property === undefined || seen.has(id)) throw new Fault('malformed')
      const [kind, ...places] = property
      if (!places.includes(place)) throw new Fault('malformed')
      seen.add(id)
      this.#property(kind)
    }
    if (this.left !== end) throw new Fault('malformed')
  }

  #property(kind: PropertyType): void {
    switch (kind) {
      case 'text':
        this.text()
        return
      case 'binary':
        this.binary()
        return
      case 'identifier':
        if (this.variable() === 0) throw new Fault('malformed')
        return
      case 'flag':
        if (this.byte() > 1) throw new Fault('malformed')
        return
      case 'int16':
        this.skip(2)
        return
      case 'int32':
        this.skip(4)
        return
      default:
        kind satisfies never
    }
  }
}
