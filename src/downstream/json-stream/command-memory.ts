import type { ServerMessage } from '../../protocol/contract/stream-message.ts'

type Listener = (message: ServerMessage) => void

interface Entry {
  readonly body: string
  readonly at: number
  /** Everything told about it so far, to tell again. */
  readonly told: ServerMessage[]
  listener: Listener
}

/** What is known of a command that came. */
export type Remembered =
  /** Never seen: pass it on, and report through `tell`. */
  | { readonly kind: 'new'; readonly tell: (message: ServerMessage) => void }
  /** Seen: what is known was told again, and what follows goes to the new listener. */
  | { readonly kind: 'repeated' }
  /** The same id with another content: a mistake of the client. */
  | { readonly kind: 'reused' }

/**
 * Makes commands idempotent: a command sent again under its id, also after a reconnect, is never passed on
 * again; its sender gets the same answer. Bounded in number and time (R7).
 */
export class CommandMemory {
  readonly #maxIds: number
  readonly #keepMs: number
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>()

  constructor(maxIds: number, keepMs: number) {
    this.#maxIds = maxIds
    this.#keepMs = keepMs
  }

  /** Whether this sender's command is remembered. */
  knows(scope: string, id: string): boolean {
    return this.#entries.has(keyOf(scope, id))
  }

  /** `scope` names the sender, `body` is what must be equal. `now` in milliseconds. */
  remember(scope: string, id: string, body: string, now: number, listener: Listener): Remembered {
    const key = keyOf(scope, id)
    this.#forgetOld(now)
    const known = this.#entries.get(key)
    if (known !== undefined) {
      if (known.body !== body) return { kind: 'reused' }
      known.listener = listener
      for (const message of known.told) listener(message)
      return { kind: 'repeated' }
    }
    const entry: Entry = { body, at: now, told: [], listener }
    this.#entries.set(key, entry)
    const tell = (message: ServerMessage): void => {
      entry.told.push(message)
      entry.listener(message)
    }
    return { kind: 'new', tell }
  }

  #forgetOld(now: number): void {
    for (const [key, { at }] of this.#entries) {
      if (now - at < this.#keepMs && this.#entries.size < this.#maxIds) return
      this.#entries.delete(key)
    }
  }
}

function keyOf(scope: string, id: string): string {
  return JSON.stringify([scope, id])
}
