import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Principal } from '../../src/hub/people/permissions.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { defaultHubLimits } from '../../src/support/limits.ts'
import { line } from '../support/fake-upstream.ts'
import { PlainSession, press, setStage, type Stage } from './stage.ts'

const seat = (role: 'referee' | 'juryMember' | 'timekeeper', number?: number): Principal => ({
  kind: 'seat',
  platform: 'A' as Platform,
  role,
  ...(number === undefined ? {} : { number }),
})
const device: Principal = { kind: 'device' }

/** Who presses what, from where. The text tells whose press the broker got. */
interface Official {
  readonly topic: string
  readonly payload: string
  readonly principal: Principal
  readonly address: string
}

const vote = 'owlcms/jurybox/juryMember/decision/A'
const flooders: readonly Official[] = [
  {
    topic: 'owlcms/refbox/decision/A',
    payload: '1 good',
    principal: seat('referee', 1),
    address: '192.0.2.1',
  },
  { topic: 'owlcms/decision/A', payload: '3 bad', principal: device, address: '192.0.2.66' },
  { topic: vote, payload: '5 good', principal: seat('juryMember', 5), address: '192.0.2.1' },
  { topic: vote, payload: '4 bad', principal: device, address: '2001:db8::1' },
]
const officials: readonly Official[] = [
  { topic: 'owlcms/decision/A', payload: '2 good', principal: seat('referee', 2), address: '192.0.2.1' },
  { topic: 'owlcms/clock/A', payload: 'stop', principal: seat('timekeeper'), address: '192.0.2.1' },
  { topic: 'owlcms/refbox/decision/A', payload: '3 good', principal: device, address: '192.0.2.2' },
]

function sessionsOf(stage: Stage, { principal, address }: Official, connections: number): PlainSession[] {
  return Array.from({ length: connections }, () => {
    const session = new PlainSession(stage.hub, principal)
    const facts = {
      clientId: session.key,
      principal,
      transport: 'stream',
      address,
      duplicate: false,
    } as const
    stage.hub.presence.connected(session.key, facts, stage.clock.now())
    return session
  })
}

describe('the lane of a platform (R12)', () => {
  it('refuses no official and lets none wait above 50 ms, whatever seats and addresses flood it (property)', () => {
    const flood = fc.record({
      connections: fc.integer({ min: 1, max: 20 }),
      bursts: fc.array(fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 400 })), {
        minLength: 1,
        maxLength: 8,
      }),
    })
    const floods = fc.array(flood, { minLength: 1, maxLength: flooders.length })
    const pauses = fc.tuple(...officials.map(() => fc.integer({ min: 60, max: 400 })))
    fc.assert(
      fc.property(floods, pauses, (bad, everyMs) => {
        const stage = setStage()
        const { clock, hub, upstream } = stage
        const start = clock.now()
        const sent: { readonly text: string; readonly at: number }[] = []
        upstream.publish = (publication) => sent.push({ text: line(publication), at: clock.now() - start })
        for (const [at, { connections, bursts }] of bad.entries()) {
          const { topic, payload } = flooders[at]!
          const sessions = sessionsOf(stage, flooders[at]!, connections)
          for (const [ms, size] of bursts) {
            clock.setTimer(ms, () => {
              for (let count = 0; count < size; count += 1) {
                press(hub, sessions[count % connections]!, topic, payload)
              }
            })
          }
        }
        const good = officials.map((official, at) => {
          const [session] = sessionsOf(stage, official, 1)
          const made: number[] = []
          const outcomes: unknown[] = []
          for (let ms = 30 + at; ms < 1_200; ms += everyMs[at]!) {
            clock.setTimer(ms, () => {
              made.push(ms)
              outcomes.push(press(hub, session!, official.topic, official.payload))
            })
          }
          return { text: `${official.topic} ${official.payload}`, made, outcomes }
        })
        clock.advance(2_000)
        for (const { text, made, outcomes } of good) {
          expect(outcomes.flat()).toEqual([])
          const left = sent.filter((one) => one.text === text).map(({ at }) => at)
          expect(left).toHaveLength(made.length)
          expect(Math.max(...left.map((at, index) => at - made[index]!))).toBeLessThanOrEqual(50)
        }
        const gaps = sent.slice(1).map(({ at }, index) => at - sent[index]!.at)
        expect(Math.min(...gaps)).toBeGreaterThanOrEqual(defaultHubLimits.paceMs)
      }),
      { numRuns: 60 },
    )
  })

  it('fills for one seat only its own share, however many connections it has, and keeps its order', () => {
    const stage = setStage({ pacedMessages: 3 })
    const timekeeper = { topic: 'owlcms/clock/A', payload: '', principal: seat('timekeeper'), address: '1' }
    const sessions = sessionsOf(stage, timekeeper, 8)
    const words = ['start', 'stop', '60', '120', 'toggle', 'start']
    const outcomes = words.map((word, at) => press(stage.hub, sessions[at]!, 'owlcms/clock/A', word))
    const others = [1, 2].map((number) => {
      const [session] = sessionsOf(stage, { ...timekeeper, principal: seat('referee', number) }, 1)
      return press(stage.hub, session!, 'owlcms/decision/A', `${number} good`)
    })
    stage.clock.advance(100)
    expect(stage.upstream.lines).toEqual([
      'owlcms/clock/A start',
      'owlcms/clock/A stop',
      'owlcms/decision/A 1 good',
      'owlcms/decision/A 2 good',
      'owlcms/clock/A 60',
      'owlcms/clock/A 120',
    ])
    expect(others).toEqual([[], []])
    expect(outcomes).toEqual([[], [], [], [], [{ kind: 'tooFast' }], [{ kind: 'tooFast' }]])
  })

  it('is shared by the devices of one address only among themselves', () => {
    const stage = setStage()
    const box = { topic: 'owlcms/decision/A', payload: '', principal: device, address: '192.0.2.7' }
    const [one, two] = sessionsOf(stage, box, 2)
    const [other] = sessionsOf(stage, { ...box, address: '192.0.2.8' }, 1)
    for (const session of [one, one, one, two, other])
      press(stage.hub, session!, box.topic, boxVerdict(session!))
    stage.clock.advance(100)
    function boxVerdict(session: PlainSession): string {
      return session === one ? '1 good' : session === two ? '2 good' : '3 good'
    }
    expect(stage.upstream.lines.map((text) => text.slice(-6))).toEqual([
      '1 good',
      '1 good',
      '3 good',
      '2 good',
      '1 good',
    ])
  })
})
