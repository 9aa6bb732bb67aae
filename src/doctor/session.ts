import type { Trust } from '../upstream/transport.ts'
import type { PublishOutcome } from '../hub/upstream-link.ts'
import type { Publication } from '../protocol/publication.ts'
import { parseTopic, type Topic } from '../protocol/topic.ts'
import { defined } from '../protocol/defined.ts'
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
  const heard: Publication[] = []
  const lookers = new Set<() => void>()
  const changed = (): void => [...lookers].forEach((look) => look())
  // One turn later, so that whoever waits for the outcome has noted it.
  const settled = (): void => clock.endOfTurn(changed)
  let connectMs: number | undefined
  let ended: LinkEvidence | undefined
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
        resolve({
          kind: 'open',
          protocolVersion,
          grantedQos,
          refusal,
          heard,
          connectMs: connectMs ?? readyMs,
          subscribeMs: readyMs - (connectMs ?? readyMs),
          get ended() {
            return ended
          },
          publish: (topic, payload, retain = false) =>
            publishOn(connection, topic, payload, retain).finally(settled),
          subscribeAgain: () => {
            const granted = new Promise<boolean>((done) => connection.subscribeAgain(() => done(true)))
            return orLate(clock, visit.within(limits.mqttMs), granted, false)
          },
          until: (limitMs, enough) =>
            new Promise((done) => {
              const finish = (): void => {
                cancel()
                lookers.delete(look)
                done(enough())
              }
              const cancel = clock.setTimer(visit.within(limitMs), finish)
              const look = (): void => {
                if (ended !== undefined || enough()) finish()
              }
              lookers.add(look)
              look()
            }),
          stop: () => new Promise<void>((done) => connection.stop(done)),
        })
      },
      received(text, payload, qos, retain) {
        const topic = parseTopic(text)
        if (!topic.ok || heard.length >= maxHeard) return
        heard.push({ topic: topic.value, payload, qos, retain })
        changed()
      },
      down(evidence) {
        ended = evidence
        changed()
        resolve({ kind: 'none', protocolVersion, connectMs, evidence, ms: clock.now() - begun })
      },
    })
  })
}

function publishOn(
  connection: ConnectionPair,
  topic: Topic,
  payload: string,
  retain: boolean,
): Promise<PublishOutcome> {
  if (!connection.ready) return Promise.resolve({ kind: 'offline' })
  return new Promise((resolve) => {
    connection.publish({ topic, payload: new TextEncoder().encode(payload), qos: 1, retain }, resolve)
  })
}
