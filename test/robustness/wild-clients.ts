import type { Random } from '../support/random.ts'

/**
 * Clients that say anything a socket can carry, as raw bytes, since no MQTT library would write them: every text of
 * every packet, from well-formed rarities to what no broker takes.
 */

type Version = 3 | 4 | 5

export interface Login {
  readonly username: string
  readonly password: string
}

/** Starts every client ID, so that a text can be told from a platform's name. */
export const clientIdMark = 'wild:'

const utf8 = (text: string): Buffer => Buffer.from(text)
const point = (code: number): Buffer => utf8(String.fromCodePoint(code))
const hex = (bytes: string): Buffer => Buffer.from(bytes, 'hex')

/** Well-formed, and as such nobody's business (R6): must come through as it is. */
const rarePoints = [
  0x20, 0x24, 0x2f, 0xa0, 0xad, 0x0301, 0x200b, 0x200e, 0x202e, 0x2028, 0xe000, 0xfeff, 0xfdbf, 0xfdfa,
  0xfe00, 0xfffc, 0x1d11e, 0x1f3cb, 0xe0001, 0xf0000, 0x10fffd,
]
/** Lone continuation, overlong, surrogates, cut short, above U+10FFFF, bytes that UTF-8 never has, Latin-1. */
const notUtf8 = [
  ...['80', 'bf', 'c0af', 'c080', 'e08080', 'f0808080', 'eda080', 'edbfbf', 'eda080edb080', 'f09f98', 'e282'],
  ...['c3', 'f4908080', 'f8888080', 'fc8480808080', 'fe', 'ff', 'e9', 'fffe'],
].map(hex)

/** One piece of a text. What ends a connection at once is rarer, or no stream would come to its second packet. */
function rarity(random: Random): Buffer {
  return random.pick([
    ...[control, control, control, control, nonCharacter, nonCharacter, nonCharacter],
    ...[levels, levels, length, rarePoint, rarePoint, rarePoint, rarePoint, rarePoint],
    ...[nul, illFormed, illFormed, wildcard],
  ])(random)
}

const control = (random: Random): Buffer =>
  point(random.chance(0.5) ? 1 + random.below(0x1f) : 0x7f + random.below(0x21))
const nonCharacter = (random: Random): Buffer =>
  point(
    random.chance(0.5) ? 0xfdd0 + random.below(32) : random.below(17) * 0x1_0000 + 0xfffe + random.below(2),
  )
const levels = (random: Random): Buffer =>
  utf8('/'.repeat(random.pick([1, 2, 27, 31, 32, 40, 199, 201, 300])))
const length = (random: Random): Buffer => utf8('x'.repeat(random.pick([1, 250, 1_000, 7_000])))
const rarePoint = (random: Random): Buffer => point(random.pick(rarePoints))
const nul = (): Buffer => hex('00')
const illFormed = (random: Random): Buffer => random.pick(notUtf8)
const wildcard = (random: Random): Buffer => utf8(random.pick(['+', '#', '/+/', '/#', '+/', '$', '$SYS/']))

/** A text with up to three rarities at any place of it. */
function wildText(random: Random, base: string, chance = 0.5): Buffer {
  let text = utf8(base)
  if (!random.chance(chance)) return text
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const at = random.pick([text.length, text.length, random.below(text.length + 1)])
    text = Buffer.concat([text.subarray(0, at), rarity(random), text.subarray(at)])
  }
  return text.subarray(0, 7_800)
}

const topics = [
  'owlcms/refbox/decision/B',
  'owlcms/refbox/downEmitted/B',
  'owlcms/decision/B',
  'owlcms/clock/B',
  'owlcms/jurybox/juryMember/decision/B',
  'owlcms/jurybox/break/B',
  'owlcms/jurybox/decision/B',
  'owlcms/jurybox/summon/B',
  'owlcms/test/B',
  'owlcms/led/B',
  'owlcms/summon/B/4',
  'owlcms/decisionRequest/B/2',
  'owlcms/config',
  'owlcms/box/status',
  'owlcms/',
  'owlcms//B',
  'owlcms',
  'owlcms/$SYS/x',
  'owlcms/fop/decision/B',
  'owlcms/fop/startup/B',
  'owlcms/bridge/x/state',
  '$SYS/broker/uptime',
  '$share/g/owlcms/test/B',
  '$CONTROL/dynamic-security/v1',
  '/owlcms/clock/B',
  '',
]
const filters = [...topics, 'owlcms/#', 'owlcms/fop/+/B', '+/+', '#', '$share/g/owlcms/#', '$queue/owlcms/#']
const payloads = ['1 good', '2 bad', '3 good', 'start', 'stop', 'deliberation', 'all', '', 'x'.repeat(300)]

const wildTopic = (random: Random): Buffer => wildText(random, random.pick(topics))
const wildPayload = (random: Random): Buffer =>
  random.chance(0.7) ? utf8(random.pick(payloads)) : wildText(random, random.pick(payloads))

const int16 = (value: number): Buffer => Buffer.of((value >> 8) & 0xff, value & 0xff)
const int32 = (value: number): Buffer =>
  Buffer.concat([int16(Math.floor(value / 65_536)), int16(value % 65_536)])
const field = (bytes: Buffer): Buffer => Buffer.concat([int16(bytes.length), bytes])
const property = (id: number, ...values: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.of(id), ...values])

function variable(value: number): Buffer {
  const bytes: number[] = []
  do {
    bytes.push((value % 128) | (value >= 128 ? 0x80 : 0))
    value = Math.floor(value / 128)
  } while (value > 0)
  return Buffer.from(bytes)
}

function packet(header: number, ...body: readonly Buffer[]): Buffer {
  const rest = Buffer.concat(body)
  return Buffer.concat([Buffer.of(header), variable(rest.length), rest])
}

/** Properties for MQTT 5, each with some chance; nothing before it. */
function properties(random: Random, version: Version, ...all: readonly (() => Buffer)[]): Buffer {
  if (version !== 5) return Buffer.alloc(0)
  const list = Buffer.concat(all.filter(() => random.chance(0.3)).map((make) => make()))
  return Buffer.concat([variable(list.length), list])
}

const userProperty = (random: Random) => (): Buffer =>
  property(0x26, field(wildText(random, 'key', 0.4)), field(wildText(random, 'value', 0.4)))
const reasonString = (random: Random) => (): Buffer => property(0x1f, field(wildText(random, 'because', 0.4)))

function messageProperties(random: Random): (() => Buffer)[] {
  return [
    () => property(0x01, Buffer.of(random.below(2))),
    () => property(0x02, int32(random.pick([0, 1, 60, 0xffff_ffff]))),
    () => property(0x03, field(wildText(random, 'text/plain', 0.4))),
    () => property(0x08, field(wildText(random, 'owlcms/answer', 0.4))),
    () => property(0x09, field(wildText(random, 'correlation', 0.4))),
    userProperty(random),
    userProperty(random),
  ]
}

function connect(random: Random, version: Version, login: Login): Buffer {
  const will = random.chance(0.5)
  const clean = random.chance(0.7)
  const willFlags = will ? 0x04 | (random.below(3) << 3) | (random.chance(0.5) ? 0x20 : 0) : 0
  // Rarely another one: who tries many is soon refused unread, and so are all others of its address.
  const username = random.chance(0.998) ? utf8(login.username) : wildText(random, login.username)
  return packet(
    0x10,
    ...[field(utf8(version === 3 ? 'MQIsdp' : 'MQTT')), Buffer.of(version)],
    ...[Buffer.of(0xc0 | willFlags | (clean ? 2 : 0)), int16(random.pick([0, 20]))],
    properties(
      random,
      version,
      () => property(0x11, int32(random.pick([0, 1, 60]))),
      () => property(0x21, int16(random.pick([1, 10, 65_535]))),
      () => property(0x27, int32(random.pick([2, 5, 20, 256, 100_000]))),
      () => property(0x22, int16(random.below(20))),
      () => property(0x17, Buffer.of(random.below(2))),
      userProperty(random),
    ),
    field(Buffer.concat([utf8(clientIdMark), wildText(random, String(random.below(1e9)), 0.15)])),
    ...(will
      ? [
          properties(
            random,
            version,
            () => property(0x18, int32(random.below(3))),
            ...messageProperties(random),
          ),
          ...[field(wildTopic(random)), field(wildPayload(random))],
        ]
      : []),
    ...[field(username), field(utf8(login.password))],
  )
}

function publish(random: Random, version: Version): Buffer {
  const qos = random.below(3)
  const flags = (qos > 0 && random.chance(0.2) ? 8 : 0) | (qos << 1) | (random.chance(0.3) ? 1 : 0)
  const alias = random.chance(0.3)
  const topic = version === 5 && alias && random.chance(0.5) ? Buffer.alloc(0) : wildTopic(random)
  return packet(
    0x30 | flags,
    field(topic),
    ...(qos > 0 ? [int16(1 + random.below(5))] : []),
    properties(
      random,
      version,
      ...(alias ? [() => property(0x23, int16(1 + random.below(3)))] : []),
      ...messageProperties(random),
    ),
    wildPayload(random),
  )
}

function subscribe(random: Random, version: Version): Buffer {
  const wanted = Array.from({ length: 1 + random.below(3) }, () =>
    Buffer.concat([field(wildText(random, random.pick(filters))), Buffer.of(random.below(3))]),
  )
  return packet(
    0x82,
    int16(1 + random.below(9)),
    properties(random, version, () => property(0x0b, variable(1 + random.below(300))), userProperty(random)),
    ...wanted,
  )
}

function unsubscribe(random: Random, version: Version): Buffer {
  const filter = field(wildText(random, random.pick(filters)))
  return packet(0xa2, int16(1 + random.below(9)), properties(random, version, userProperty(random)), filter)
}

function acknowledgement(random: Random, version: Version): Buffer {
  const header = random.pick([0x40, 0x50, 0x62, 0x62, 0x62, 0x70])
  const more = version === 5 && random.chance(0.5)
  return packet(
    header,
    int16(1 + random.below(5)),
    ...(more ? [Buffer.of(0), properties(random, version, reasonString(random), userProperty(random))] : []),
  )
}

function goodbye(random: Random, version: Version): Buffer {
  if (version !== 5) return packet(0xe0)
  const reasonCode = Buffer.of(random.pick([0x00, 0x04, 0x04, 0x04]))
  return packet(0xe0, reasonCode, properties(random, version, reasonString(random), userProperty(random)))
}

/** CONNECT, a few packets, and sometimes a DISCONNECT, each whole. */
export function wildStream(random: Random, login: Login): Buffer[] {
  const version = random.pick([3, 4, 5, 5] as const)
  const packets = [connect(random, version, login)]
  for (let left = 1 + random.below(6); left > 0; left -= 1) {
    const kind = random.below(10)
    if (kind < 6) packets.push(publish(random, version))
    else if (kind < 8) packets.push(subscribe(random, version))
    else if (kind === 8) packets.push(unsubscribe(random, version))
    else packets.push(acknowledgement(random, version))
  }
  if (random.chance(0.2)) packets.push(goodbye(random, version))
  return packets
}

/** A platform's name for JSON: any UTF-16, halves of surrogate pairs included. */
export function wildName(random: Random): string {
  // U+FFFD is as good a character as any here, yet elsewhere it betrays what was no UTF-8.
  const text = wildText(random, random.pick(['B', 'Plattform', 'a/b']))
    .toString()
    .replaceAll('\ufffd', '\ud83c')
  if (random.chance(0.8)) return text.slice(0, 200)
  const half = String.fromCharCode(0xd800 + random.below(0x800))
  return random.pick([half, `B${half}`, `${half}B`])
}
