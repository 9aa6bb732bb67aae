import { beforeEach, describe, expect, it } from 'vitest'
import {
  confirmMs,
  RevocationKeeper,
  type Reach,
  type RevocationFile,
} from '../../src/access/revocation-keeper.ts'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, line, publication } from '../support/fake-upstream.ts'
import { recordingLog } from '../support/silent-log.ts'

const own = 'owlcms/bridge/north/revoked'
const other = 'owlcms/bridge/south/revoked'
const dayMs = 86_400_000

let clock: FakeClock
let upstream: FakeUpstream
let log: ReturnType<typeof recordingLog>
let keeper: RevocationKeeper
let others: { readonly name: string; readonly id: string }[]
let replays: boolean | undefined
let cutOffs: number

beforeEach(() => {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  log = recordingLog()
  others = []
  replays = true
  keeper = make('north')
  cutOffs = 0
  keeper.onRevoked = () => (cutOffs += 1)
})

function make(name: string, id = `${name}1`, file?: RevocationFile): RevocationKeeper {
  return new RevocationKeeper({
    ...{ clock, upstream, log: log.log, identity: { name, id } },
    ...{ others: () => others, replays: () => replays },
    ...(file === undefined ? {} : { file }),
  })
}

function referee(issuedAt = clock.now()): Principal {
  const pass = { tokenId: 't1', issuedAt, expiresAt: issuedAt + dayMs }
  return { kind: 'seat', platform: 'A' as Platform, role: 'referee', number: 1, pass }
}

/** What was published, oldest first; each is retained and wants an acknowledgement. */
function published(outcome: Parameters<FakeUpstream['settleAll']>[0] = { kind: 'delivered' }): string[] {
  const sent = upstream.sent.map(
    ({ publication: each }) => `${line(each)} ${each.qos}${each.retain ? ' kept' : ''}`,
  )
  upstream.settleAll(outcome)
  return sent
}

const all = (at = clock.now(), bridge = 'north1'): string =>
  `{"bridge":"${bridge}","revoked":[{"what":"all","at":${at}}]}`

describe('a revocation', () => {
  it('counts at once, and is kept at the broker', () => {
    keeper.linkChanged(true)
    clock.advance(500)
    const at = clock.now()
    expect(keeper.voids(referee())).toBe(false)
    expect(keeper.revoke({ what: 'all', at })).toBe('revoked')
    expect([keeper.voids(referee(at)), keeper.voids(referee(at + 1)), cutOffs]).toEqual([true, false, 1])
    clock.advance(100)
    expect(published()).toEqual([`${own} ${all(at)} 1 kept`])
  })

  it('made while the link is down is published when it is back, after what the broker has was heard', () => {
    upstream.ready = false
    keeper.revoke({ what: 'token', id: 't1', at: clock.now() })
    clock.advance(60_000)
    expect(published()).toEqual([])
    upstream.ready = true
    const at = clock.now()
    keeper.linkChanged(true)
    keeper.receive(publication(own, all(at), 1, true))
    clock.advance(500)
    // The token was revoked before all were, so it needs no word of its own.
    expect(published()).toEqual([`${own} ${all(at)} 1 kept`])
  })

  it('of another bridge counts here too, and is told in our own topic', () => {
    keeper.linkChanged(true)
    keeper.receive(publication(other, all(), 1, true))
    expect([keeper.voids(referee()), cutOffs]).toEqual([true, 1])
    clock.advance(500)
    expect(published()).toEqual([`${own} ${all(clock.now() - 500)} 1 kept`])
  })

  it('heard again is no news', () => {
    keeper.linkChanged(true)
    keeper.receive(publication(other, all()))
    clock.advance(500)
    for (const echo of published()) {
      const [topic = '', payload = ''] = echo.split(' ')
      keeper.receive(publication(topic, payload))
    }
    clock.advance(10_000)
    expect([published(), cutOffs]).toEqual([[], 1])
  })

  it('that a twin of the same name did not know is told again, and no quarrel begins', () => {
    const twin = make('north', 'north2')
    for (const one of [keeper, twin]) one.linkChanged(true)
    keeper.revoke({ what: 'token', id: 't1', at: clock.now() })
    twin.revoke({ what: 'token', id: 't2', at: clock.now() })
    let rounds = 0
    for (; rounds < 20; rounds += 1) {
      clock.advance(500)
      const sent = published()
      if (sent.length === 0) break
      for (const echo of sent) {
        const [topic = '', payload = ''] = echo.split(' ')
        for (const one of [keeper, twin]) one.receive(publication(topic, payload))
      }
    }
    expect(rounds).toBeLessThan(4)
    const both = ['t1', 't2'].map((tokenId) =>
      [keeper, twin].map((one) =>
        one.voids({ kind: 'viewer', pass: { tokenId, issuedAt: clock.now() + 1, expiresAt: 0 } }),
      ),
    )
    expect(both).toEqual([
      [true, true],
      [true, true],
    ])
  })

  it('is told again each day and after each connect, since HiveMQ Cloud forgets after three days', () => {
    keeper.linkChanged(true)
    keeper.revoke({ what: 'all', at: clock.now() })
    clock.advance(500)
    published()
    clock.advance(dayMs)
    expect(published()).toHaveLength(1)
    keeper.linkChanged(false)
    keeper.linkChanged(true)
    clock.advance(500)
    expect(published()).toHaveLength(1)
  })

  it('that can mean no token any more is taken back from the broker', () => {
    keeper.linkChanged(true)
    keeper.revoke({ what: 'session', id: 's', until: clock.now() + 1_000 })
    clock.advance(500)
    for (const echo of published()) keeper.receive(publication(own, echo.split(' ')[1]))
    clock.advance(dayMs)
    expect(published()).toEqual([`${own}  1 kept`])
  })

  it('of the last moment still goes out when the bridge stops', () => {
    keeper.linkChanged(true)
    clock.advance(500)
    keeper.revoke({ what: 'all', at: clock.now() })
    void keeper.stop()
    expect([published().length, clock.pending]).toEqual([1, 0])
  })

  it('that the broker refuses to keep is told in the log once, with what to do', () => {
    keeper.linkChanged(true)
    keeper.revoke({ what: 'all', at: clock.now() })
    clock.advance(500)
    published({ kind: 'refused', reasonCode: 0x87 })
    keeper.revoke({ what: 'all', at: clock.now() })
    clock.advance(dayMs)
    expect(published()).toEqual([])
    expect(log.lines.filter((text) => text.includes('does not keep'))).toHaveLength(1)
  })
})

describe('the answer to a revocation', () => {
  const south = { name: 'south', id: 'south1' }
  const pi = { name: 'pi', id: 'pi1' }

  /** Revokes all; afterwards `reached` is the answer, once it is there. */
  function revokeAll(): { readonly at: number; reached: Reach | undefined } {
    const asked = { at: clock.now(), reached: undefined as Reach | undefined }
    const record = { what: 'all', at: asked.at } as const
    keeper.revoke(record)
    void keeper.reach(record).then((reach) => (asked.reached = reach))
    return asked
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  beforeEach(() => {
    keeper.linkChanged(true)
    clock.advance(1_500)
  })

  it('of success waits for the broker and for every bridge that is connected', async () => {
    others = [south, pi]
    const asked = revokeAll()
    published()
    keeper.receive(publication(other, all(asked.at, 'south1')))
    await turn()
    expect(asked.reached).toBeUndefined()
    keeper.receive(publication('owlcms/bridge/pi/revoked', all(asked.at, 'pi1')))
    await turn()
    expect(asked.reached).toEqual({ kind: 'everywhere' })
  })

  it.each<[string, string, number]>([
    ['says nothing', 'south1', 0],
    ['knows only what was revoked before', 'pi1', -1],
    ['is a twin of one that said it', 'pi2', 0],
  ])('names after two seconds the bridge that %s', async (_, id, later) => {
    others = [pi]
    const asked = revokeAll()
    published()
    keeper.receive(publication('owlcms/bridge/pi/revoked', all(asked.at + later, id)))
    clock.advance(confirmMs - 1)
    await turn()
    expect(asked.reached).toBeUndefined()
    clock.advance(1)
    await turn()
    expect(asked.reached).toEqual({ kind: 'here', unconfirmed: ['pi'] })
  })

  it('waits no longer for a bridge that has gone', async () => {
    others = [pi]
    const asked = revokeAll()
    published()
    others = []
    keeper.receive(publication(other, all(asked.at, 'south1')))
    await turn()
    expect(asked.reached).toEqual({ kind: 'everywhere' })
  })

  it.each<[string, () => void]>([
    ['has no link', () => keeper.linkChanged(false)],
    ['loses it meanwhile', () => clock.advance(10)],
  ])('says at once that only this bridge has it, when it %s', async (_, before) => {
    before()
    const asked = revokeAll()
    keeper.linkChanged(false)
    await turn()
    expect(asked.reached).toEqual({ kind: 'here', unconfirmed: [] })
  })

  it.each<[string, boolean | undefined, PublishOutcome, boolean | undefined, Reach['kind']]>([
    ['the broker keeps and gives back', true, { kind: 'delivered' }, undefined, 'everywhere'],
    ['the broker keeps and does not give back', false, { kind: 'delivered' }, undefined, 'untilRestart'],
    ['the broker refuses', true, { kind: 'refused', reasonCode: 0x87 }, undefined, 'untilRestart'],
    [
      'is in a file, whatever the broker does',
      false,
      { kind: 'refused', reasonCode: 0x87 },
      true,
      'everywhere',
    ],
    ['could not be written, but the broker keeps', true, { kind: 'delivered' }, false, 'everywhere'],
    ['nobody keeps', false, { kind: 'delivered' }, false, 'untilRestart'],
  ])('where it is what %s', async (_, gives, outcome, written, expected) => {
    replays = gives
    if (written !== undefined) {
      const file = { read: () => Promise.resolve(undefined), write: () => Promise.resolve(written) }
      keeper = make('north', 'north1', file)
      keeper.linkChanged(true)
      clock.advance(1_500)
      await turn()
    }
    const asked = revokeAll()
    published(outcome)
    await turn()
    clock.advance(confirmMs)
    await turn()
    expect(asked.reached?.kind).toBe(expected)
    expect(log.lines.some((text) => text.includes('until the next restart only'))).toBe(
      expected === 'untilRestart',
    )
  })
})

it('whoever comes is told what was revoked, since the broker may not tell', () => {
  keeper.linkChanged(true)
  clock.advance(1_500)
  keeper.companyCame()
  clock.advance(1_000)
  expect(published()).toEqual([])
  keeper.revoke({ what: 'all', at: clock.now() })
  clock.advance(100)
  published()
  keeper.companyCame()
  clock.advance(1)
  expect(published()).toHaveLength(1)
})

it('what a file has kept is void from the start, and told to the others', async () => {
  const bytes: Uint8Array[] = [new TextEncoder().encode(all())]
  const file: RevocationFile = {
    read: () => Promise.resolve(bytes.at(-1)),
    write: (more) => Promise.resolve(bytes.push(more) > 0),
  }
  const restarted = make('north', 'north2', file)
  restarted.linkChanged(true)
  const reading = restarted.whenRead()
  clock.advance(500)
  await reading
  expect(restarted.voids(referee(clock.now() - 500))).toBe(true)
  clock.advance(100)
  expect(published().join()).toContain('"what":"all"')
  restarted.revoke({ what: 'token', id: 't2', at: clock.now() })
  await restarted.stop()
  expect(new TextDecoder().decode(bytes.at(-1))).toContain('t2')
})

describe('after a start', () => {
  it.each([
    ['until the broker has told what it keeps', [100, true, 499, 1], true],
    ['until others have had the time to, where the broker gives nothing back', [true, 1_499, 1], false],
    ['three seconds at most where there is no link', [2_999, false, 1], undefined],
  ])('whoever has a token waits %s', async (_, steps, gives) => {
    replays = gives
    let read = false
    const waiting = keeper.whenRead().then(() => (read = true))
    const seen: boolean[] = []
    for (const step of steps) {
      if (typeof step === 'boolean') {
        if (step) keeper.linkChanged(true)
        continue
      }
      clock.advance(step)
      await Promise.resolve()
      seen.push(read)
    }
    await waiting
    expect(seen.slice(0, -1)).not.toContain(true)
    // Later nobody waits, whatever becomes of the link.
    keeper.linkChanged(false)
    await keeper.whenRead()
  })
})

it('a stranger’s words on such a topic are told in the log and change nothing', () => {
  keeper.receive(publication(other, 'nonsense'))
  keeper.receive(publication('owlcms/bridge/north/state', all()))
  expect([keeper.voids(referee()), cutOffs, log.lines.length]).toEqual([false, 0, 1])
})
