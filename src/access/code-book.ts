import type { Pass, Principal } from '../hub/people/permissions.ts'
import { defined } from '../protocol/defined.ts'

/** Who has a seat's or viewer's link. */
export type CodeHolder = Extract<Principal, { readonly kind: 'seat' | 'viewer' }> & { readonly pass: Pass }

/** A link that was made or shown here. */
export interface CodeNote {
  readonly holder: CodeHolder
  /** When it was last shown, on the steady clock, and whether it was let in. */
  readonly shown?: { readonly at: number; readonly what: 'entered' | 'refused' }
}

/** Links remembered at most (R7): every seat of a dozen platforms, made anew twice. */
const maxCodes = 500

/**
 * The links that were made or shown here since the start, for the organiser's list. Nothing is decided by it: a link that isn't in
 * it is as good as its signature says.
 */
export class CodeBook {
  /** By token id; who was heard of last is last. */
  readonly #notes = new Map<string, CodeNote>()

  /** A link was made, or shown with this outcome. Only for tokens that were signed here or by who has our secret. */
  note(holder: CodeHolder, shown?: CodeNote['shown']): void {
    const { tokenId } = holder.pass
    this.#notes.delete(tokenId)
    this.#notes.set(tokenId, { holder, ...defined({ shown }) })
    if (this.#notes.size <= maxCodes) return
    const [oldest] = this.#notes.keys()
    if (oldest !== undefined) this.#notes.delete(oldest)
  }

  /** Those that have not run out at `wallTime`, in milliseconds since the epoch. */
  list(wallTime: number): readonly CodeNote[] {
    for (const [id, { holder }] of this.#notes) if (holder.pass.expiresAt <= wallTime) this.#notes.delete(id)
    return [...this.#notes.values()]
  }
}
