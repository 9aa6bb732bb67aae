import * as v from 'valibot'
import type { Platform } from '../owlcms/topics.ts'
import type { Publication } from '../publication.ts'
import { parseTopic, type Topic } from '../topic.ts'

/** What bridges tell each other at the broker, each in its own name: `owlcms/bridge/<name>/<word>` (PROTOCOL.md 6). */
export const bridgeWords = ['state', 'revoked', 'seats', 'check', 'hall'] as const
/** The last level of `owlcms/bridge/<name>/…`. */
export type BridgeWord = (typeof bridgeWords)[number]

/**
 * Milliseconds: silent for so long, a bridge is gone, and its seats are free: three words are missing. With what agreeing takes,
 * nobody waits more than 10 s.
 */
export const bridgeGoneMs = 9_000
/** Bridges remembered; their names and ids come from outside (R7). */
export const maxBridges = 50

const decoder = new TextDecoder()
const pattern = /^owlcms\/bridge\/([^/]+)\/([a-z]+)$/

/** An id, a seat or a name of a device. */
export const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
/** A platform's name, as another bridge tells it. */
export const platformName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(256),
  v.transform((name) => name as Platform),
)

/** The topic of a bridge's word. Throws when the name makes no topic. */
export function bridgeTopic(name: string, word: BridgeWord): Topic {
  const topic = parseTopic(`owlcms/bridge/${name}/${word}`)
  if (!topic.ok) throw new Error(`not a bridge's name: ${topic.error}`)
  return topic.value
}

/** The name of the bridge that says this word; undefined for every other topic. */
export function bridgeSaying(word: BridgeWord, topic: Topic): string | undefined {
  const [, name, said] = pattern.exec(topic) ?? []
  return said === word ? name : undefined
}

/** A bridge's name and the members of the JSON object that it said; undefined when it is none. Never throws. */
export function readBridgeWord(
  word: BridgeWord,
  { topic, payload }: Publication,
): { readonly name: string; readonly said: Readonly<Record<string, unknown>> } | undefined {
  const name = bridgeSaying(word, topic)
  if (name === undefined) return undefined
  try {
    const value: unknown = JSON.parse(decoder.decode(payload))
    return typeof value === 'object' && value !== null ? { name, said: { ...value } } : undefined
  } catch {
    return undefined // Somebody else's words on our topic.
  }
}

/** As {@link readBridgeWord}, for a word that has this shape; undefined for all else. Never throws. */
export function readNews<Shape extends v.GenericSchema>(
  word: BridgeWord,
  shape: Shape,
  publication: Publication,
): { readonly name: string; readonly news: v.InferOutput<Shape> } | undefined {
  const heard = readBridgeWord(word, publication)
  if (heard === undefined) return undefined
  const read = v.safeParse(shape, heard.said)
  return read.success ? { name: heard.name, news: read.output } : undefined
}
