import { isUtf8 } from 'node:buffer'
import { err, ok, type Result } from '../../protocol/result.ts'

/** `badText`: not UTF-8, or with U+0000 [MQTT-1.5.4-1, 1.5.4-2]. `malformed`: lengths that don't fit, or a property twice. */
export type TextFault = 'badText' | 'malformed'

type PropertyType = 'byte' | 'int16' | 'int32' | 'variable' | 'text' | 'twoTexts' | 'binary'

/** What a client may send, by identifier (MQTT 5 section 2.2.2.2). */
const propertyTypes: Readonly<Record<number, PropertyType>> = {
  0x01: 'byte',
  0x02: 'int32',
  0x03: 'text',
  0x08: 'text',
  0x09: 'binary',
  0x0b: 'variable',
  0x11: 'int32',
  0x15: 'text',
  0x16: 'binary',
  0x17: 'byte',
  0x18: 'int32',
  0x19: 'byte',
  0x1f: 'text',
  0x21: 'int16',
  0x22: 'int16',
  0x23: 'int16',
  0x26: 'twoTexts',
  0x27: 'int32',
}
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
    if (v5) at.properties()
  } else if (type === types.subscribe || type === types.unsubscribe) {
    at.skip(2)
    if (v5) at.properties()
    while (at.left > 0) {
      at.text()
      if (type === types.subscribe) at.skip(1)
    }
  } else if (v5 && type >= types.puback && type <= types.pubcomp) {
    at.skip(2)
    at.reason()
  } else if (v5 && (type === types.disconnect || type === types.auth)) at.reason()
}

function walkConnect(at: Walk): void {
  at.text()
  const version = at.byte() & 0x7f
  // Which one it is matters only to who answers an unknown one.
  if (version < 3 || version > 5) return
  const has = at.byte()
  at.skip(2)
  if (version === 5) at.properties()
  at.text()
  if ((has & flags.will) !== 0) {
    if (version === 5) at.properties()
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
  reason(): void {
    if (this.left > 0) this.skip(1)
    if (this.left > 0) this.properties()
  }

  properties(): void {
    const length = this.variable()
    const end = this.left - length
    if (end < 0) throw new Fault('malformed')
    const seen = new Set<number>()
    while (this.left > end) {
      const id = this.variable()
      if (seen.has(id)) throw new Fault('malformed')
      if (id !== userProperty) seen.add(id)
      this.#property(propertyTypes[id])
    }
    if (this.left !== end) throw new Fault('malformed')
  }

  #property(kind: PropertyType | undefined): void {
    switch (kind) {
      case 'text':
        this.text()
        return
      case 'twoTexts':
        this.text()
        this.text()
        return
      case 'binary':
        this.binary()
        return
      case 'variable':
        this.variable()
        return
      case 'byte':
        this.skip(1)
        return
      case 'int16':
        this.skip(2)
        return
      case 'int32':
        this.skip(4)
        return
      case undefined:
        throw new Fault('malformed')
      default:
        kind satisfies never
    }
  }
}
