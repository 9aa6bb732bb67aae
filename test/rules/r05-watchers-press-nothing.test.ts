import { beforeEach, describe, expect, it } from 'vitest'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { defaultStreamLimits } from '../../src/downstream/json-stream/stream-limits.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import type { PressReport } from '../../src/protocol/contract/press-report.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryStreamClient } from '../support/memory-client.ts'
import { silentLog } from '../support/silent-log.ts'
import { fresh, press, PlainSession } from './stage.ts'

const A = 'A' as Platform
const seats: Readonly<Record<string, Principal>> = {
  referee1: { kind: 'seat', platform: A, role: 'referee', number: 1 },
  referee2: { kind: 'seat', platform: A, role: 'referee', number: 2 },
}

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub
let stream: JsonStream
let reports: PressReport[]

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  const platforms = new Platforms({ clock, random: () => 0.5 })
  hub = new Hub({ clock, upstream, platforms })
  stream = new JsonStream({
    ...{ hub, platforms, clock, log: silentLog, version: '1' },
    clientLimits: { ...defaultClientLimits, flushWindowMs: 0 },
    authenticateToken: (token) => (token === undefined ? { kind: 'viewer' } : seats[token]),
  })
  reports = []
  hub.ledger.listen((report) => reports.push(report))
  hub.linkChanged(true)
  upstream.settleAll()
  const config = publication('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"61"}')
  hub.receive(config)
})

function join(token?: string): MemoryStreamClient {
  const client = new MemoryStreamClient(stream, clock)
  client.send({ type: 'start', schema: 1, client: token ?? 'passer-by', ...(token && { token }) })
  client.take()
  return client
}

function decide(client: MemoryStreamClient, id: string, referee: number): void {
  const command = { kind: 'refereeDecision', referee, value: 'good' }
  client.send({ type: 'press', id, platform: 'A', command })
}

const answers = (client: MemoryStreamClient): string[] =>
  client.take().flatMap((message) => (message.type === 'error' ? [`${message.id} ${message.reason}`] : []))

describe('R5, R7: whoever may only look on leaves no trace among the officials’ presses', () => {
  it('refuses a passer-by, who needs no token, and reports no press of a seat', () => {
    const passerBy = join()
    decide(passerBy, 'p1', 1)
    expect([answers(passerBy), reports, upstream.lines.length]).toEqual([['p1 notAllowed'], [], 0])
    expect(hub.counters.refused).toBe(1)
  })

  it.each<Principal>([{ kind: 'viewer', platforms: [A] }, { kind: 'admin' }])(
    'refuses an MQTT client that is $kind in the same way, and shows it on no seat',
    (principal) => {
      const session = new PlainSession(hub, principal)
      const facts = { clientId: 'x', transport: 'tcp', address: '192.0.2.1', duplicate: false } as const
      hub.presence.connected(session.key, { ...facts, principal }, clock.now())
      const outcomes = press(hub, session, 'owlcms/refbox/decision/A', '1 good', fresh)
      expect([outcomes, reports]).toEqual([[{ kind: 'denied', why: 'notYourSeat' }], []])
      expect(hub.presence.clients(clock.now()).map(({ pressedSeats }) => pressedSeats)).toEqual([[]])
    },
  )

  it.each([
    ['a passer-by', undefined],
    ['a seat far over its rate', 'referee2'],
  ])('%s cannot make the bridge forget which presses it has passed on', (_who, token) => {
    const referee = join('referee1')
    decide(referee, 'mine', 1)
    const flood = join(token)
    for (let n = 0; n <= defaultStreamLimits.maxCommandIds; n += 1) decide(flood, `p${n}`, 2)
    clock.advance(1_000)
    referee.drop()
    decide(join('referee1'), 'mine', 1)
    clock.advance(1_000)
    expect(upstream.lines.filter((sent) => sent.includes('1 good'))).toHaveLength(1)
  })
})
