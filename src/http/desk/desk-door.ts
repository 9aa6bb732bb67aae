import { randomBytes } from 'node:crypto'
import type { Answer } from '../door/front-door.ts'
import { secretComparer } from '../../support/compare-secret.ts'

/** Tabs that may be open at once; more forget the oldest. */
const maxKeys = 8
const maxInvitations = 8

/**
 * Who may use the settings page. Everybody on this computer reaches its port, other users' programs and other web pages too; so
 * a tab needs a key, which it gets for a word that only its address holds and that works once.
 */
export class DeskKeys {
  #invitations: readonly string[] = []
  #keys: readonly string[] = []

  /** A word for an address; it belongs behind its `#`, which no browser sends anywhere. */
  invite(): string {
    const word = newSecret()
    this.#invitations = [...this.#invitations, word].slice(-maxInvitations)
    return word
  }

  /** A key for the word; undefined when it was used before, or never given. */
  redeem(word: string): string | undefined {
    const isIt = secretComparer(word)
    const found = this.#invitations.find((invitation) => isIt(invitation))
    if (found === undefined) return undefined
    this.#invitations = this.#invitations.filter((invitation) => invitation !== found)
    const key = newSecret()
    this.#keys = [...this.#keys, key].slice(-maxKeys)
    return key
  }

  admits(key: string): boolean {
    const isIt = secretComparer(key)
    return this.#keys.some((known) => isIt(known))
  }
}

const newSecret = (): string => randomBytes(24).toString('base64url')

/**
 * Answers only who has asked for this very computer by name: a page elsewhere whose own name was turned to 127.0.0.1 (DNS
 * rebinding) asks for that name, and so does a proxy that was put in front.
 */
export function forThisComputer(answer: Answer, port: number): Answer {
  const hosts: readonly (string | undefined)[] = [`127.0.0.1:${port}`, `localhost:${port}`]
  return (request, response) => {
    if (hosts.includes(request.headers.host?.toLowerCase())) {
      answer(request, response)
      return
    }
    response.writeHead(421, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
    response.end('This page is for the computer itself.\n')
  }
}
