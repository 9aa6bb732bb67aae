import { beforeEach, describe, expect, it } from 'vitest'
import { deviceAuthenticator, deviceOrToken, whoIs } from '../../src/downstream/guests/authenticate.ts'
import { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { publishDenial, type Principal } from '../../src/hub/people/permissions.ts'
import type { SeatRole } from '../../src/protocol/contract/seat.ts'
import { readTopic, type Platform } from '../../src/protocol/owlcms/topics.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { LoginBudget } from '../../src/support/login-budget.ts'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { silentLog } from '../support/silent-log.ts'
import { filter, PlainSession, press, setStage, type Stage } from './stage.ts'

const A = 'A' as Platform
const anyToken = `owl1${'a'.repeat(40)}`
const seat = (role: SeatRole, number?: number): Principal => ({
  kind: 'seat',
  platform: A,
  role,
  ...(number === undefined ? {} : { number }),
})

const people: Readonly<Record<string, Principal>> = {
  referee1: seat('referee', 1),
  referee2: seat('referee', 2),
  solo: seat('soloReferee'),
  juror2: seat('juryMember', 2),
  president: seat('juryPresident', 1),
  timekeeper: seat('timekeeper'),
  controller: seat('technicalController'),
  viewer: { kind: 'viewer' },
}
const all = Object.keys(people)
const jury = ['juror2', 'president']

let stage: Stage
beforeEach(() => {
  stage = setStage()
})

describe('through the hub, everybody hears each word of owlcms that is meant for them, and no other (R5)', () => {
  it.each<[word: string, payload: string, who: readonly string[]]>([
    ['startup', 'on', all],
    ['start', '{} 60000', all],
    ['stop', '60000', all],
    ['timeRemaining', '30', all],
    ['athleteClock', 'start 60000', all],
    ['breakClock', 'set -1', all],
    ['down', '', all],
    ['refereesDecision', 'good', all],
    ['resetDecisions', 'reset', all],
    ['juryDeliberation', '', all],
    ['challenge', '', all],
    ['break', 'TECHNICAL', all],
    ['ceremony', 'MEDALS', all],
    ['startLifting', '', all],
    ['liftingOrderUpdated', '', all],
    ['decision', '1 good', ['referee1', 'solo', ...jury]],
    ['decision', '12 good', ['solo', ...jury]],
    ['decisionRequest', '2', ['referee2', 'solo', 'president']],
    ['summon', '1', ['referee1', 'solo', ...jury]],
    ['summon', '4', ['controller', 'solo', ...jury]],
    ['juryMemberDecision', '1 good', jury],
    ['somethingNew', '1', []],
  ])('%s %j', (word, payload, who) => {
    const sessions = Object.entries(people).map(
      ([name, principal]) => [name, new PlainSession(stage.hub, principal)] as const,
    )
    for (const [, session] of sessions) stage.hub.subscribe(session, filter('#'), { qos: 0 })
    for (const platform of ['A', 'B']) {
      stage.hub.receive(publication(`owlcms/fop/${word}/${platform}`, payload))
    }
    stage.clock.finishTurn()
    const heardInA = sessions.filter(([, { heard }]) =>
      heard.some((text) => text.startsWith(`owlcms/fop/${word}/A `)),
    )
    expect(heardInA.map(([name]) => name).toSorted()).toEqual([...who].toSorted())
    // A viewer of all platforms hears the other one too; a seat never does.
    const heardInB = sessions.filter(([, { heard }]) => heard.some((text) => text.includes('/B ')))
    expect(heardInB.map(([name]) => name)).toEqual(who.includes('viewer') ? ['viewer'] : [])
  })
})

describe('what is kept for late joiners (R5)', () => {
  it('is told only to those who may hear it', () => {
    stage.hub.receive(publication('owlcms/bridge/hall/state', '{}', 1, true))
    const told = (principal: Principal): number =>
      stage.hub.retainedFor(new PlainSession(stage.hub, principal), filter('#')).length
    expect([told({ kind: 'device' }), ...Object.values(people).map(told)]).toEqual([1, ...all.map(() => 0)])
  })
})

describe('seats come and go beside devices (R5)', () => {
  const secretVote = publication('owlcms/jurybox/juryMember/decision/A', '2 bad')

  it('and the vote stays secret as long as one seat is there, whoever leaves', () => {
    const device = new PlainSession(stage.hub)
    const gone = new PlainSession(stage.hub, people['viewer'])
    const there = new PlainSession(stage.hub, people['referee1'])
    for (const session of [device, gone, there]) stage.hub.subscribe(session, filter('#'), { qos: 0 })
    const leaving = Array.from({ length: 5 }, () => new PlainSession(stage.hub))
    for (const session of [...leaving, gone, gone]) stage.hub.close(session)
    stage.hub.open(there)
    stage.hub.receive(secretVote)
    stage.clock.finishTurn()
    expect([device.heard.length, gone.heard, there.heard]).toEqual([1, [], []])
  })
})

describe('what a seat publishes (R5)', () => {
  it('is judged by what goes up, and refused and counted when it is another’s', () => {
    const referee = new PlainSession(stage.hub, people['referee1'])
    expect(press(stage.hub, referee, 'owlcms/refbox/decision/A', ' 1  GOOD ')).toEqual([])
    expect(press(stage.hub, referee, 'owlcms/refbox/decision/A', '2 good')).toEqual([
      { kind: 'denied', why: 'notYourSeat' },
    ])
    expect([stage.upstream.lines, stage.hub.counters.refused]).toEqual([
      ['owlcms/refbox/decision/A 1 good'],
      1,
    ])
  })

  it.each<[string, Principal, string, string]>([
    ['a referee without a number', seat('referee'), 'owlcms/refbox/decision/A', '1 good'],
    ['a juror without a number', seat('juryMember'), 'owlcms/jurybox/juryMember/decision/A', '1 good'],
    ['a number that only begins like the own one', seat('referee', 1), 'owlcms/refbox/decision/A', '12 good'],
  ])('%s gets no say', (_, principal, topic, payload) => {
    const { topic: parsed, payload: bytes } = publication(topic, payload)
    expect(publishDenial(principal, parsed, readTopic(parsed), bytes)).toBe('notYourSeat')
  })
})

describe('a will (R5)', () => {
  it.each([
    ['owlcms/clock/A', 'start', []],
    ['owlcms/refbox/decision/A', '2 good', []],
    ['owlcms/test/A', 'gone', ['owlcms/test/A gone']],
    ['owlcms/test/B', 'gone', []],
    ['owlcms/fop/down/A', '', []],
  ])('of referee 1 on %s %j goes up only if the seat may say it', async (topic, payload, lines) => {
    const gateway = new MqttGateway({
      ...{ hub: stage.hub, clock: stage.clock, log: silentLog, limits: defaultClientLimits },
      random: () => 0.5,
      authenticate: deviceOrToken(deviceAuthenticator('hall', 'sesame'), () =>
        Promise.resolve(seat('referee', 1)),
      ),
    })
    const client = new MemoryClient(gateway, stage.clock)
    const will = { topic, payload: Buffer.from(payload), qos: 0, retain: false } as const
    client.connect({ will, password: Buffer.from(anyToken) })
    await eventually(() => expect(client.take()).toMatchObject([{ returnCode: 0 }]))
    client.drop()
    expect(stage.upstream.lines).toEqual(lines)
  })
})

describe('user name and password (R5)', () => {
  const logins = new LoginBudget(new FakeClock(), defaultClientLimits)
  const login = (
    username: string | undefined,
    password: string | undefined,
    entrance = deviceAuthenticator('hall', 'sesame'),
  ): unknown => {
    const bytes = password === undefined ? undefined : Buffer.from(password)
    const answer = whoIs(entrance, { username, password: bytes }, logins, '192.0.2.1')
    return 'principal' in answer ? answer.principal.kind : undefined
  }

  it('must both be right, letter for letter', () => {
    expect([
      login('hall', 'sesame'),
      login('hall', 'sesam'),
      login('hall', 'sesame '),
      login('Hall', 'sesame'),
      login('hall', undefined),
      login(undefined, 'sesame'),
      login(undefined, undefined),
      login('', ''),
    ]).toEqual(['device', ...Array<undefined>(7)])
  })

  it('without a password of ours take only an empty one', () => {
    const open = deviceAuthenticator('hall', undefined)
    const kinds = [undefined, '', 'x'].map((password) => login('hall', password, open))
    expect(kinds).toEqual(['device', 'device', undefined])
  })
})
