import * as v from 'valibot'
import { commandRules, type PressKind } from '../field/fence.ts'
import { commandKinds, type CommandKind, type Platform } from '../owlcms/topics.ts'
import type { Publication } from '../publication.ts'
import { bridgeTopic, platformName as platform, readNews, shortText as short } from './bridge-topic.ts'
import type { DeviceOverview } from './console-api.ts'
import { pressOutcomes, type PressReport } from './press-report.ts'
import { parseSeatKey } from './seat.ts'

/**
 * What bridges tell each other of their devices and of what became of presses, on `owlcms/bridge/<name>/hall`, never
 * retained (PROTOCOL.md 6).
 */
export interface HallNews {
  /** Of the process that says it. */
  readonly bridge: string
  /** All that sit or have pressed somewhere, in place of those told before. */
  readonly devices?: readonly ToldDevice[]
  /** Presses that have ended since the last word. */
  readonly presses?: readonly ToldPress[]
}

/** A device of a seat. Its `since` and `lastPressAt` are milliseconds ago; clocks differ. */
export interface ToldDevice {
  readonly platform: Platform
  readonly seat: string
  readonly device: DeviceOverview
}

/** `ago`: milliseconds since it reached its bridge; `client`: what people call the device. */
export interface ToldPress extends Omit<PressReport, 'at' | 'bridge'> {
  readonly ago: number
}

/** Bytes of a word at most, as of what was revoked: brokers and boxes take that. */
const maxBytes = 7_500
/** Presses in one word. */
export const maxToldPresses = 20

const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const flag = v.optional(v.boolean(), false)
const seat = v.pipe(
  short,
  v.check((word) => word === 'unknown' || parseSeatKey(word) !== undefined),
)
const kinds = [...(Object.keys(commandRules) as PressKind[]), ...commandKinds] satisfies readonly (
  PressKind | CommandKind
)[]

const device = v.object({
  id: short,
  name: v.pipe(v.string(), v.maxLength(64)),
  kind: short,
  since: ms,
  way: v.picklist(['phone', 'websocket', 'tcp']),
  from: v.optional(short),
  tokenId: v.optional(short),
  lastPressAt: v.optional(ms),
  presses: v.optional(count, 0),
  dropped: v.optional(count, 0),
  held: v.optional(count, 0),
  connected: flag,
  waiting: flag,
  asks: flag,
  deaf: flag,
  flapping: flag,
  duplicate: flag,
})

/** Fences are each bridge's own: those told are left out. */
const press = v.object({
  platform,
  seat,
  id: short,
  client: short,
  kind: v.picklist(kinds),
  via: v.picklist(['mqtt', 'stream']),
  ago: ms,
  outcome: v.picklist(pressOutcomes),
  why: v.optional(short),
  brokerMs: v.optional(ms),
  echoMs: v.optional(ms),
})

const newsSchema = v.object({
  bridge: short,
  devices: v.optional(v.pipe(v.array(v.object({ platform, seat, device })), v.maxLength(200))),
  presses: v.optional(v.pipe(v.array(press), v.maxLength(maxToldPresses))),
})

const encoder = new TextEncoder()

/** Tells as many of the devices as fit, the first ones first. Throws when the name makes no topic. */
export function hallNewsOf(name: string, { bridge, devices, presses }: HallNews): Publication {
  let room = maxBytes
  const told = devices
    ?.map(withoutDefaults)
    .filter((text) => (room -= encoder.encode(text).byteLength + 1) > 0)
  const parts = [
    `"bridge":${JSON.stringify(bridge)}`,
    ...(told === undefined ? [] : [`"devices":[${told.join()}]`]),
    ...(presses === undefined ? [] : [`"presses":${JSON.stringify(presses)}`]),
  ]
  const payload = encoder.encode(`{${parts.join()}}`)
  return { topic: bridgeTopic(name, 'hall'), payload, qos: 1, retain: false }
}

/** Reads such a publication; undefined when it is none. Never throws. */
export function readHallNews(
  publication: Publication,
): { readonly name: string; readonly news: HallNews } | undefined {
  return readNews('hall', newsSchema, publication) as
    { readonly name: string; readonly news: HallNews } | undefined
}

function withoutDefaults(told: ToldDevice): string {
  return JSON.stringify(told, (key, value: unknown) => {
    const isDefault = value === false || (value === 0 && key !== 'since' && key !== 'lastPressAt')
    return isDefault ? undefined : value
  })
}
