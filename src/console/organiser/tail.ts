import type { SaidMessage } from '../../protocol/contract/console-api.ts'
import type { EventMessage } from '../stream/stream-client.ts'

/** One message as the tail shows it. */
export interface TailLine {
  /** Grows by one with each message of this page; below 1: said before it. */
  readonly id: number
  /** Milliseconds, on the bridge's clock. */
  readonly at: number
  readonly platform: string
  readonly topic: string
  readonly payload: string
  readonly binary: boolean
}

/** Enough for some minutes of one platform; more would make a phone slow. */
export const tailLines = 300

/** The newest messages, newest first; older ones are let go (R7). */
export interface Tail {
  readonly lines: readonly TailLine[]
  readonly count: number
}

export const emptyTail: Tail = { lines: [], count: 0 }

/** The tail with one more message in front. */
export function withMessage(tail: Tail, { at, platform, topic, payload, encoding }: EventMessage): Tail {
  const count = tail.count + 1
  const line = { id: count, at, platform, topic, payload, binary: encoding !== undefined }
  return { count, lines: [line, ...tail.lines.slice(0, tailLines - 1)] }
}

/** The tail with what was said before this page listened, given oldest first; what it has heard itself stands once. */
export function withPast(tail: Tail, said: readonly SaidMessage[]): Tail {
  const heard = new Set(tail.lines.map(({ at, topic }) => `${at} ${topic}`))
  const past = said
    .filter(({ at, topic }) => !heard.has(`${at} ${topic}`))
    .map(({ at, platform, topic, payload = '' }, index) => {
      return {
        id: index - said.length,
        at,
        platform,
        topic,
        payload,
        binary: said[index]?.payload === undefined,
      }
    })
  return { ...tail, lines: [...tail.lines, ...past.reverse()].slice(0, tailLines) }
}

/** Lines that hold each word of `filter`, in topic or payload, whatever the case. */
export function matching(lines: readonly TailLine[], filter: string): readonly TailLine[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return lines
  return lines.filter(({ topic, payload }) => {
    const text = `${topic} ${payload}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
