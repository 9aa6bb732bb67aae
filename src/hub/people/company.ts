import { readState } from '../../protocol/contract/bridge-state.ts'
import {
  bridgeGoneMs,
  bridgeWords,
  maxBridges,
  readBridgeWord,
} from '../../protocol/contract/bridge-topic.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'

/** Another bridge, as its state at the broker tells. */
export interface OtherBridge {
  readonly name: string
  readonly version: string
  /** Seconds since the epoch. */
  readonly since: number
  /** It has our own name: a second machine of the same app, by decision or by accident. */
  readonly sameName: boolean
}

/** What a publication tells of another bridge. */
export interface Arrival {
  /** It wasn't known on this connection to the broker. */
  readonly came: boolean
  /** Its first live word in a while: it may not have heard what was said before. */
  readonly spoke: boolean
}

interface Known {
  readonly id: string
  name: string
  told: Pick<OtherBridge, 'version' | 'since'> | undefined
  /** On this connection; `heard`: on the one before, at most. */
  presence: 'heard' | 'speaks' | 'left'
  /** Set while its last live word is younger than {@link bridgeGoneMs}. */
  cancelGone: CancelTimer | undefined
}

export interface CompanyOptions {
  readonly clock: Clock
  readonly identity: { readonly name: string; readonly id: string }
  /** Nothing was heard of the bridge of this id for {@link bridgeGoneMs}: what it had is free. */
  readonly gone: (id: string) => void
}

const nothingNew: Arrival = { came: false, spoke: false }

/**
 * The other bridges at the broker, each process by itself: the one list of them. Some are known by their retained states
 * only, and may be long dead; the others speak. Any with company speaks every 3 s, so one that is silent for
 * {@link bridgeGoneMs} has gone, or can't be heard.
 */
export class Company {
  readonly #options: CompanyOptions
  readonly #others = new Map<string, Known>()

  constructor(options: CompanyOptions) {
    this.#options = options
  }

  /** Whether another bridge is there, as far as anybody can tell. */
  get hasOthers(): boolean {
    return this.#others.size > 0
  }

  /** Whether the bridge of this id has said something lately. */
  isHeard(id: string): boolean {
    return this.#others.get(id)?.cancelGone !== undefined
  }

  /** Whether it has said goodbye, or its will has: no word of it is awaited. */
  hasLeft(id: string): boolean {
    return this.#others.get(id)?.presence === 'left'
  }

  /** The ids of all that may be there, be it by their states alone. */
  present(): readonly string[] {
    return [...this.#others.values()].flatMap(({ id, presence }) => (presence === 'left' ? [] : [id]))
  }

  /** Those that are connected to the broker now. */
  speaking(): readonly { readonly name: string; readonly id: string }[] {
    return [...this.#others.values()].flatMap(({ id, name, presence, cancelGone }) =>
      presence === 'speaks' && cancelGone !== undefined ? [{ id, name }] : [],
    )
  }

  /** Those whose states are at the broker, one of each name. */
  told(): readonly OtherBridge[] {
    const own = this.#options.identity.name
    return [...this.#others.values()].flatMap(({ name, told }) =>
      told === undefined ? [] : [{ name, ...told, sameName: name === own }],
    )
  }

  /** The link came up or went down: what the broker told belongs to the connection that broke; who spoke lately may be back at once. */
  linkChanged(): void {
    for (const other of this.#others.values()) {
      other.told = undefined
      other.presence = 'heard'
      this.#forgetUnknown(other)
    }
  }

  /** A publication on a bridge's topic came down from the broker. */
  hear(publication: Publication): Arrival {
    const heard = readState(publication)
    if (heard === undefined) return this.#hearWord(publication)
    const { name, state } = heard
    const { id, version, since } = state
    if (state.state === 'offline') {
      // Only its own process may sign it off: two of one name share the topic.
      this.#leave(id)
      return nothingNew
    }
    return this.#met(id, name, !publication.retain, { version, since })
  }

  #hearWord(publication: Publication): Arrival {
    // What is retained may be of a process long gone.
    if (publication.retain) return nothingNew
    for (const word of bridgeWords) {
      const heard = word === 'state' ? undefined : readBridgeWord(word, publication)
      const id = heard?.said['bridge']
      if (heard !== undefined && typeof id === 'string') return this.#met(id, heard.name, true)
    }
    return nothingNew
  }

  #met(id: string, name: string, isLive: boolean, told?: Known['told']): Arrival {
    const { clock, identity, gone } = this.#options
    if (id === identity.id || (!this.#others.has(id) && this.#others.size >= maxBridges)) return nothingNew
    const other: Known = this.#others.get(id) ?? {
      id,
      name,
      told: undefined,
      presence: 'heard',
      cancelGone: undefined,
    }
    this.#others.set(id, other)
    // Words on the way while it signed off bring nobody back; its state does.
    if (other.presence === 'left') {
      if (told === undefined) return nothingNew
      other.presence = 'heard'
    }
    const spokeBefore = other.presence === 'speaks' && other.cancelGone !== undefined
    const wasKnown = spokeBefore || other.told !== undefined
    other.name = name
    if (told !== undefined) this.#tell(other, told)
    if (isLive) {
      other.presence = 'speaks'
      other.cancelGone?.()
      other.cancelGone = clock.setTimer(bridgeGoneMs, () => {
        other.cancelGone = undefined
        this.#forgetUnknown(other)
        gone(id)
      })
    }
    return { came: !wasKnown, spoke: isLive && !spokeBefore }
  }

  /** The broker keeps one state of each name. */
  #tell(other: Known, told: Known['told']): void {
    for (const twin of this.#others.values()) {
      if (twin === other || twin.name !== other.name) continue
      twin.told = undefined
      this.#forgetUnknown(twin)
    }
    other.told = told
  }

  #leave(id: string): void {
    const other = this.#others.get(id)
    if (other === undefined) return
    other.told = undefined
    other.presence = 'left'
    this.#forgetUnknown(other)
  }

  #forgetUnknown({ id, told, cancelGone }: Known): void {
    if (told === undefined && cancelGone === undefined) this.#others.delete(id)
  }
}
