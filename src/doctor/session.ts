import type { Trust } from '../upstream/transport.ts'
import type { PublishOutcome } from '../hub/upstream-link.ts'
import type { Publication, QoS } from '../protocol/publication.ts'
import { parseTopic, type Topic } from '../protocol/topic.ts'
import { defined } from '../protocol/defined.ts'
import type { Clock } from '../support/clock.ts'
import { ConnectionPair } from '../upstream/connection-pair.ts'
import { hungUpOnConnect, refusesVersion, type LinkEvidence } from '../upstream/faults.ts'
import { defaultUpstreamTimings } from '../upstream/timings.ts'
import { orLate, type Visit } from './visit.ts'

/** Publications kept of what the broker sends during a check (R7); a busy competition sends some dozens. */
const maxHeard = 2_000

/** A connection of the doctor's own: connected, subscribed, and listening. */
export interface Session {
  readonly kind: 'open'
  readonly protocolVersion: 4 | 5
  readonly grantedQos: number
  readonly connectMs: number
  readonly subscribeMs: number
  /** Why the broker gave no second connection, if one was asked for. */
  readonly refusal: LinkEvidence | undefined
  /** Everything that came so far, in the broker's order. */
  readonly heard: readonly Publication[]
  /** How the connection ended, if it did. */
  readonly ended: LinkEvidence | undefined
  /** Publishes now at QoS 1. */
  publish(topic: Topic, payload: string, retain?: boolean): Promise<PublishOutcome>
  /** Subscribes once more; says whether that is granted, in the time that a step of MQTT may take. */
  subscribeAgain(): Promise<boolean>
  /** Resolves once `enough` holds, or the connection ended, or the time is over; says whether it holds. */
  until(limitMs: number, enough: () => boolean): Promise<boolean>
  stop(): Promise<void>
}

/** Why there is no session: how far it came, and what was seen. */
export interface NoSession {
  readonly kind: 'none'
  readonly protocolVersion: 4 | 5
  /** Milliseconds until the broker let us in; undefined when it did not. */
  readonly connectMs: number | undefined
  readonly evidence: LinkEvidence
  readonly ms: number
}

/**
 * Connects as the bridge does: MQTT 5 first, 3.1.1 when the broker doesn't know it, one subscription to
 * `owlcms/#`, a second connection for what is sent unless `alone`. No will is left, so that nobody notices.
 */
export async function openSession(
  visit: Visit,
  trust: Trust,
  clientId: string,
  alone: boolean,
): Promise<Session | NoSession> {
  const first = await tryVersion(visit, trust, { clientId, alone }, 5)
  if (first.kind === 'open') return first
  if (!refusesVersion(first.evidence) && !hungUpOnConnect(first.evidence)) return first
  const second = await tryVersion(visit, trust, { clientId, alone }, 4)
  // Who hangs up on both says nothing about versions.
  return second.kind === 'none' && hungUpOnConnect(second.evidence) ? first : second
}

function tryVersion(
  visit: Visit,
  trust: Trust,
  own: { readonly clientId: string; readonly alone: boolean },
  protocolVersion: 4 | 5,
): Promise<Session | NoSession> {
  const { broker, clock, limits, lookup } = visit
  const { address, username, password } = broker
  const begun = clock.now()
  const ear = new Ear(clock)
  let connectMs: number | undefined
  return new Promise((resolve) => {
    const connection = new ConnectionPair({
      ...own,
      address,
      clock,
      protocolVersion,
      trust,
      lookup,
      timings: defaultUpstreamTimings,
      timeoutMs: visit.within(limits.mqttMs),
      ...defined({ username, password }),
      accepted: () => (connectMs = clock.now() - begun),
      ready(grantedQos, refusal) {
        const readyMs = clock.now() - begun
        const tookMs = { connectMs: connectMs ?? readyMs, subscribeMs: readyMs - (connectMs ?? readyMs) }
        resolve(sessionOn(connection, ear, visit, { protocolVersion, grantedQos, refusal, ...tookMs }))
      },
      received: (topic, payload, qos, retain) => ear.received(topic, payload, qos, retain),
      down(evidence) {
        ear.end(evidence)
        resolve({ kind: 'none', protocolVersion, connectMs, evidence, ms: clock.now() - begun })
      },
    })
  })
}

/** What came down a connection, and how it ended; whoever waits for either is told. */
class Ear {
  readonly heard: Publication[] = []
  ended: LinkEvidence | undefined
  readonly #clock: Clock
  readonly #lookers = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  received(text: string, payload: Uint8Array, qos: QoS, retain: boolean): void {
    const topic = parseTopic(text)
    if (!topic.ok || this.heard.length >= maxHeard) return
    this.heard.push({ topic: topic.value, payload, qos, retain })
    this.look()
  }

  end(evidence: LinkEvidence): void {
    this.ended = evidence
    this.look()
  }

  /** Has all who wait look whether they have enough. */
  look(): void {
    for (const look of [...this.#lookers]) look()
  }

  until(limitMs: number, enough: () => boolean): Promise<boolean> {
    return new Promise((done) => {
      const finish = (): void => {
        cancel()
        this.#lookers.delete(look)
        done(enough())
      }
      const cancel = this.#clock.setTimer(limitMs, finish)
      const look = (): void => {
        if (this.ended !== undefined || enough()) finish()
      }
      this.#lookers.add(look)
      look()
    })
  }
}

function sessionOn(
  connection: ConnectionPair,
  ear: Ear,
  visit: Visit,
  facts: Pick<Session, 'protocolVersion' | 'grantedQos' | 'connectMs' | 'subscribeMs' | 'refusal'>,
): Session {
  const { clock, limits } = visit
  // One turn later, so that whoever waits for the outcome has noted it.
  const settled = (): void => clock.endOfTurn(() => ear.look())
  return {
    kind: 'open',
    ...facts,
    heard: ear.heard,
    get ended() {
      return ear.ended
    },
    publish: (topic, payload, retain = false) =>
      publishOn(connection, topic, payload, retain).finally(settled),
    subscribeAgain: () => {
      const granted = new Promise<boolean>((done) => connection.subscribeAgain(() => done(true)))
      return orLate(clock, visit.within(limits.mqttMs), granted, false)
    },
    until: (limitMs, enough) => ear.until(visit.within(limitMs), enough),
    stop: () => new Promise<void>((done) => connection.stop(done)),
  }
}

function publishOn(
  connection: ConnectionPair,
  topic: Topic,
  payload: string,
  retain: boolean,
): Promise<PublishOutcome> {
  if (!connection.ready) return Promise.resolve({ kind: 'offline' })
  return new Promise((resolve) => {
    connection.sender.publish({ topic, payload: new TextEncoder().encode(payload), qos: 1, retain }, resolve)
  })
}
