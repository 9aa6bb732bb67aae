import { beforeEach, describe, expect, it } from 'vitest'
import { lightCheckOf } from '../../src/bridge/light-check.ts'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { LightCheck } from '../../src/hub/press/light-check.ts'
import { checkMs, stepMs } from '../../src/hub/press/light-check-run.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import type { ServerMessage } from '../../src/protocol/contract/stream-message.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { fresh, press as pressOf, PlainSession } from '../rules/stage.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryStreamClient } from '../support/memory-client.ts'
import { silentLog } from '../support/silent-log.ts'
import { publishedSchemas } from '../support/stream-schemas.ts'

const A = 'A' as Platform
const seats: Readonly<Record<string, Principal>> = {
  referee1: { kind: 'seat', platform: A, role: 'referee', number: 1 },
  referee2: { kind: 'seat', platform: A, role: 'referee', number: 2 },
  referee3: { kind: 'seat', platform: A, role: 'referee', number: 3 },
  timekeeper: { kind: 'seat', platform: A, role: 'timekeeper' },
  ...Object.fromEntries(
    [1, 2, 3, 4, 5].map((number) => [
      `juror${number}`,
      { kind: 'seat', platform: A, role: 'juryMember', number },
    ]),
  ),
}

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub
let platforms: Platforms
let stream: JsonStream
let check: LightCheck

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  platforms = new Platforms({ clock, random: () => 0.5 })
  hub = new Hub({ clock, upstream, platforms })
  check = lightCheckOf(clock, hub, platforms)
  stream = new JsonStream({
    hub,
    platforms,
    clock,
    log: silentLog,
    version: '1',
    clientLimits: { ...defaultClientLimits, flushWindowMs: 0 },
    authenticateToken: (token) => seats[token ?? ''],
    drills: check,
  })
  hub.linkChanged(true)
  upstream.settleAll()
  hear('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"61.0.0"}')
})

function hear(topic: string, payload = ''): void {
  const heard = publication(topic, payload)
  hub.receive(heard)
}

/** A phone on a seat, with what it was told of the check. */
function phone(token: string): { readonly client: MemoryStreamClient; readonly drills: () => object[] } {
  const client = new MemoryStreamClient(stream, clock)
  client.send({ type: 'start', schema: 1, token, client: `phone of ${token}` })
  const told: ServerMessage[] = []
  return {
    client,
    drills: () => {
      told.push(...client.take())
      return told
        .splice(0)
        .filter((message) => message.type === 'drill')
        .map(({ on, ask, result }) => ({ on, ...(ask && { ask }), ...(result && { result }) }))
    },
  }
}

let ids = 0
function decide(client: MemoryStreamClient, referee: number, value: 'good' | 'bad', ageMs = 0): void {
  const command = { kind: 'refereeDecision', referee, value }
  client.send({ type: 'press', id: `p${(ids += 1)}`, platform: 'A', command, at: clock.now() - ageMs })
}

function states(): string[] {
  return (check.overview(A)?.seats ?? []).map(({ seat, state, fault }) =>
    [seat, state, ...(fault === undefined ? [] : [fault])].join(' '),
  )
}

describe('the light check', () => {
  it('starts in a break only, and for a platform that is there', () => {
    expect(check.start('Z' as Platform)).toBe('unknownPlatform')
    // Idle is what a bridge shows that has only just started: nobody knows whether somebody lifts.
    expect(check.start(A)).toBe('notInBreak')
    hear('owlcms/fop/startLifting/A')
    expect(check.start(A)).toBe('notInBreak')
    hear('owlcms/fop/break/A', 'FIRST_CJ')
    expect(check.start(A)).toBeUndefined()
    expect(check.start(A)).toBe('running')
  })

  it.each(['juryDeliberation', 'challenge'])(
    'does not start in a jury’s %s, whose votes are real',
    (word) => {
      hear('owlcms/fop/break/A', 'TECHNICAL')
      hear(`owlcms/fop/${word}/A`)
      expect(check.start(A)).toBe('juryAtWork')
      const juror = new PlainSession(hub)
      pressOf(hub, juror, 'owlcms/jurybox/juryMember/decision/A', '1 good')
      expect(upstream.lines).toEqual(['owlcms/jurybox/juryMember/decision/A 1 good'])
    },
  )

  it('asks one seat after the other for white, red, reminder and summons, and nothing reaches owlcms', () => {
    const [one, two] = [phone('referee1'), phone('referee2')]
    hear('owlcms/fop/break/A', 'FIRST_CJ')
    one.drills()
    two.drills()
    check.start(A)
    expect([one.drills(), two.drills()]).toEqual([[{ on: true, ask: 'white' }], [{ on: true }]])
    decide(one.client, 1, 'good', 40)
    expect(one.drills()).toEqual([{ on: true, ask: 'red' }])
    decide(one.client, 1, 'bad', 60)
    expect(one.drills()).toEqual([{ on: true, ask: 'reminder' }])
    one.client.send({ type: 'drillDone', step: 'reminder' })
    one.client.send({ type: 'drillDone', step: 'summon' })
    expect(one.drills()).toEqual([
      { on: true, ask: 'summon' },
      { on: true, result: 'passed' },
    ])
    expect(two.drills()).toEqual([{ on: true, ask: 'white' }])
    expect(states()).toEqual(['referee-1 passed', 'referee-2 asked', 'referee-3 waiting'])
    expect(check.overview(A)?.seats[0]).toMatchObject({ device: 'phone of referee1', p95Ms: 60 })
    expect(upstream.lines).toEqual([])
    expect(hub.counters.drilled).toBe(2)
  })

  it('takes no answer from a second phone that waits for the seat, nor one faster than anybody answers', () => {
    const one = phone('referee1')
    hear('owlcms/fop/break/A', 'TECHNICAL')
    const second = new MemoryStreamClient(stream, clock)
    second.send({ type: 'start', schema: 1, token: 'referee1', client: 'another phone' })
    check.start(A)
    decide(one.client, 1, 'good')
    decide(one.client, 1, 'bad')
    second.send({ type: 'drillDone', step: 'reminder' })
    expect(one.drills().at(-1)).toEqual({ on: true, ask: 'reminder' })
    for (let n = 0; n <= defaultClientLimits.messageBurst * 10; n += 1)
      second.send({ type: 'drillDone', step: 'summon' })
    expect(second.closed?.code).toBe(closeCodes.tooFast.code)
  })

  it('goes on to the next seat when one is dead, and says which and why', () => {
    phone('referee1')
    const three = phone('referee3')
    hear('owlcms/fop/break/A', 'TECHNICAL')
    check.start(A)
    clock.advance(stepMs)
    expect(states()).toEqual(['referee-1 failed nothing', 'referee-2 asked', 'referee-3 waiting'])
    clock.advance(stepMs)
    decide(three.client, 3, 'good')
    clock.advance(stepMs)
    expect(states()).toEqual([
      'referee-1 failed nothing',
      'referee-2 failed nothing',
      'referee-3 failed noPress',
    ])
    expect(check.overview(A)).toMatchObject({ state: 'done', ended: 'allDone' })
    expect(three.drills().at(-1)).toEqual({ on: false })
  })

  it('knows a wrong colour, and a box without a phone, which owlcms alone could ring', () => {
    const box = new PlainSession(hub)
    hear('owlcms/fop/break/A', 'TECHNICAL')
    check.start(A)
    expect(pressOf(hub, box, 'owlcms/decision/A', '1 bad', fresh)).toEqual([{ kind: 'drill' }])
    clock.advance(stepMs)
    pressOf(hub, box, 'owlcms/decision/A', '2 good')
    pressOf(hub, box, 'owlcms/decision/A', '2 bad')
    expect(states()).toEqual(['referee-1 failed wrongColour', 'referee-2 passed', 'referee-3 asked'])
  })

  it('lets no swapped wires pass: the right colour after the wrong one fails, and the sheet says at which step', () => {
    const box = new PlainSession(hub)
    hear('owlcms/fop/break/A', 'TECHNICAL')
    check.start(A)
    for (const press of ['1 bad', '1 good', '1 good', '1 bad'])
      pressOf(hub, box, 'owlcms/decision/A', press, fresh)
    expect(states()[0]).toBe('referee-1 failed wrongColour')
    expect(check.overview(A)?.seats[0]).toMatchObject({ step: 'white', fault: 'wrongColour' })
    expect(states()[1]).toBe('referee-2 asked')
  })

  it('asks a timekeeper for any button', () => {
    const timekeeper = phone('timekeeper')
    hear('owlcms/fop/break/A', 'TECHNICAL')
    check.start(A)
    clock.advance(3 * stepMs)
    expect(timekeeper.drills().at(-1)).toEqual({ on: true, ask: 'press' })
    const command = { kind: 'clock', command: 'start' }
    timekeeper.client.send({ type: 'press', id: 'p', platform: 'A', command })
    expect(states().at(-1)).toBe('timekeeper passed')
    expect(upstream.lines).toEqual([])
  })

  it.each<[string, () => void, string]>([
    ['when lifting starts', () => hear('owlcms/fop/startLifting/A'), 'liftingStarted'],
    [
      'when the clock starts, whatever was missed',
      () => hear('owlcms/fop/start/A', '{} 60000'),
      'liftingStarted',
    ],
    [
      'when the link was away, since nobody knows what happened',
      () => platforms.linkChanged(true),
      'liftingStarted',
    ],
    ['when the organiser ends it', () => check.stop(A), 'stopped'],
    ['when the jury begins to deliberate', () => hear('owlcms/fop/juryDeliberation/A'), 'juryBegan'],
    ['when a challenge begins', () => hear('owlcms/fop/challenge/A'), 'juryBegan'],
  ])('ends %s, and the next press goes to owlcms', (_, happens, ended) => {
    const one = phone('referee1')
    hear('owlcms/fop/break/A', 'TECHNICAL')
    check.start(A)
    happens()
    expect(check.overview(A)).toMatchObject({ state: 'done', ended })
    expect(states()).toEqual([
      'referee-1 failed interrupted',
      'referee-2 failed notReached',
      'referee-3 failed notReached',
    ])
    expect(one.drills().at(-1)).toEqual({ on: false })
    decide(one.client, 1, 'good')
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 1 good'])
  })

  it('ends after three minutes by itself, however slowly seats answer', () => {
    const phones = Object.keys(seats).map((token) => ({ token, ...phone(token) }))
    hear('owlcms/fop/break/A', 'TECHNICAL')
    check.start(A)
    const end = clock.now() + checkMs
    while (clock.now() + stepMs - 1 < end) {
      const asked = phones.map((one) => ({
        ...one,
        ask: (one.drills().at(-1) as { ask?: string } | undefined)?.ask,
      }))
      for (const { token, client, ask } of asked) {
        const number = Number(token.slice(-1))
        if (ask === 'reminder' || ask === 'summon') client.send({ type: 'drillDone', step: ask })
        else if (ask !== undefined) {
          const value = ask === 'white' ? 'good' : 'bad'
          const command = token.startsWith('referee')
            ? { kind: 'refereeDecision', referee: number, value }
            : { kind: 'juryVote', member: number, value }
          client.send({ type: 'press', id: `q${(ids += 1)}`, platform: 'A', command })
        }
      }
      clock.advance(stepMs - 1)
    }
    expect(check.overview(A)?.state).toBe('running')
    clock.advance(end - clock.now())
    expect(check.overview(A)).toMatchObject({ state: 'done', ended: 'timeOver' })
    expect(states().slice(0, 3)).toEqual(['referee-1 passed', 'referee-2 passed', 'referee-3 passed'])
    expect(states().at(-1)).toMatch(/failed notReached$/)
  })

  it('tells its seats in messages of the published shape (docs/asyncapi.yaml)', () => {
    const { check: fault } = publishedSchemas()
    const one = phone('referee1')
    hear('owlcms/fop/break/A', 'TECHNICAL')
    check.start(A)
    clock.advance(stepMs)
    check.stop(A)
    const drills = one.client.take().filter(({ type }) => type === 'drill')
    expect(drills).toHaveLength(3)
    expect(drills.map(fault)).toEqual([undefined, undefined, undefined])
  })
})
