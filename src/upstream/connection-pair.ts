import type { IConnackPacket } from 'mqtt'
import { bridgeMark } from '../protocol/contract/bridge-mark.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import type { LinkEvidence } from './faults.ts'

/** Those of each connection; what is told is told of the pair. */
export interface PairOptions extends Omit<ConnectionOptions, 'accepted' | 'ready'> {
  /** One connection does it all: none is opened for what goes up. */
  readonly alone: boolean
  /** The broker let us in; nothing is to be done. */
  readonly accepted: () => void
  /** Publications may leave. `refusal`: why there is no second connection, if one was tried. */
  readonly ready: (grantedQos: number, refusal: LinkEvidence | undefined) => void
}

/**
 * What the link consists of: one connection that listens and one that sends. A stock broker leaves Nagle's algorithm on,
 * and what it has to say on a connection waits until we have acknowledged, by TCP, what it said there before. A
 * PUBLISH is answered at once, with a PUBACK; a PUBACK by nothing, so that owlcms's answer to a press would
 * wait behind it for our kernel's delayed acknowledgement, 40 ms. On a connection of their own PUBACKs hold up nobody.
 *
 * The second one is opened once the broker has let the first one in, so that a wrong password is tried once, and before the
 * subscription, so that nothing is heard of a link that isn't up. A broker that doesn't give it gets everything
 * on the first; another bridge is asked for none. After that both are one: when one ends, the other is cut.
 */
export class ConnectionPair {
  readonly #options: PairOptions
  readonly #listens: Connection
  #sends: Connection | undefined
  #refusal: LinkEvidence | undefined

  /** Starts to connect at once. */
  constructor(options: PairOptions) {
    this.#options = options
    this.#listens = new Connection({
      ...options,
      accepted: (connack) => {
        options.accepted()
        if (options.alone || isBridge(connack)) this.#listens.subscribe()
        else this.#sends = this.#openSecond()
      },
      ready: (grantedQos) => options.ready(grantedQos, this.#refusal),
      down: (evidence) => this.#end(evidence),
    })
  }

  /** Whether there is a second connection, or one on its way. */
  get paired(): boolean {
    return this.#sends !== undefined
  }

  /** What publications leave on: all on one connection keeps the order of presses, and which one never changes while the link is up. */
  get sender(): Pick<Connection, 'ready' | 'room' | 'roundTripMs' | 'publish'> {
    return this.#sends ?? this.#listens
  }

  get ready(): boolean {
    return this.#listens.ready && this.sender.ready
  }

  /** As {@link Connection.subscribeAgain}. */
  subscribeAgain(granted: () => void): void {
    this.#listens.subscribeAgain(granted)
  }

  /** Ends both as {@link Connection.stop} does, at the same time. Then calls back, and never calls `down`. */
  stop(finished: () => void): void {
    let open = this.#sends === undefined ? 1 : 2
    const ended = (): void => {
      open -= 1
      if (open === 0) finished()
    }
    this.#sends?.stop(ended)
    this.#listens.stop(ended)
  }

  /** Ends both with a reset; `down` is told why. */
  cut(evidence: LinkEvidence): void {
    this.#end(evidence)
  }

  /** The will stays with the first one, which is always there. */
  #openSecond(): Connection {
    const options = this.#options
    let stood = false
    const second = new Connection({
      ...options,
      clientId: `${options.clientId}-sends`,
      will: undefined,
      // The hall doesn't wait longer for it than a step takes.
      stepTimeoutMs: options.timings.stepTimeoutMs,
      accepted: () => second.begin(),
      ready: () => {
        stood = true
        this.#listens.subscribe()
      },
      received: () => undefined,
      down: (evidence) => {
        if (stood) this.#end(evidence)
        else this.#goOnAlone(evidence)
      },
    })
    return second
  }

  #goOnAlone(refusal: LinkEvidence): void {
    this.#sends = undefined
    this.#refusal = refusal
    this.#listens.subscribe()
  }

  #end(evidence: LinkEvidence): void {
    this.#listens.abort()
    this.#sends?.abort()
    this.#options.down(evidence)
  }
}

function isBridge({ properties }: IConnackPacket): boolean {
  return Object.keys(bridgeMark).some((name) => properties?.userProperties?.[name] !== undefined)
}
