import { bytesToLatin1, latin1ToBytes } from './record.ts'
import type { Attempt } from '../owlcms/message.ts'
import { parseMessage } from '../owlcms/parse.ts'
import type { PlatformState } from '../field/state.ts'
import { payloadText } from '../payload-text.ts'
import type { Topic } from '../topic.ts'

/** Names remembered at once (R7); the biggest competitions have about 2,000 athletes. */
const maxNames = 5_000

/** A name in the JSON of a message, whatever stands around it; each byte is one character. */
const namePattern = /("athleteName"\s*:\s*)("(?:[^"\\]|\\.)*")/gs

const encoder = new TextEncoder()

/**
 * Replaces athletes' names by "athlete 1", "athlete 2"… in the order in which they appear: the same name always by the
 * same words, so that a reader still sees whose lifts belong together, and states differ in nothing but names.
 */
export class NameHider {
  readonly #words = new Map<string, string>()
  #count = 0

  /** A payload with the names replaced and not a byte else changed; the very bytes given when there is none. */
  hide(topic: Topic, payload: Uint8Array): Uint8Array {
    const before = bytesToLatin1(payload)
    const after = before.replaceAll(
      namePattern,
      (_whole, key: string, literal: string) => `${key}"${this.#wordFor(nameIn(literal))}"`,
    )
    const hidden = after === before ? payload : latin1ToBytes(after)
    if (!topic.startsWith('owlcms/fop/start/')) return hidden
    const said = parseMessage(topic, payload)
    // Nobody can tell what is in it, and owlcms never says such a thing.
    if (said.kind !== 'clockStarted') return new Uint8Array(0)
    const wanted = this.#hideIn(said.attempt)
    const got = parseMessage(topic, hidden)
    const isSame = got.kind === 'clockStarted' && JSON.stringify(got.attempt) === JSON.stringify(wanted)
    // JSON that can't be read, or that writes its keys in a roundabout way, is written anew.
    const isClear = isSame && (Object.keys(wanted).length > 0 || !before.includes('"'))
    return isClear ? hidden : encoder.encode(`${JSON.stringify(wanted)} ${said.remainingMs}`)
  }

  /** A state with the names replaced. */
  hideInState(state: PlatformState): PlatformState {
    const { attempt, judged } = state
    // The lift judged last came first.
    const hiddenJudged =
      judged?.attempt === undefined ? {} : { judged: { ...judged, attempt: this.#hideIn(judged.attempt) } }
    return {
      ...state,
      ...hiddenJudged,
      ...(attempt === undefined ? {} : { attempt: this.#hideIn(attempt) }),
    }
  }

  #hideIn(attempt: Attempt): Attempt {
    const { athleteName } = attempt
    return athleteName === undefined ? attempt : { ...attempt, athleteName: this.#wordFor(athleteName) }
  }

  #wordFor(name: string): string {
    const known = this.#words.get(name)
    if (known !== undefined) return known
    const [oldest] = this.#words.keys()
    if (this.#words.size >= maxNames && oldest !== undefined) this.#words.delete(oldest)
    this.#count += 1
    const word = `athlete ${this.#count}`
    this.#words.set(name, word)
    return word
  }
}

function nameIn(literal: string): string {
  const text = payloadText(latin1ToBytes(literal))
  try {
    return String(JSON.parse(text))
  } catch {
    return text // Not JSON; the words only need to tell one from another.
  }
}
