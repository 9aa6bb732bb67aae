import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { clientAddress } from '../../src/downstream/transport/client-address.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { SeatStatisticsBook } from '../../src/hub/press/seat-statistics.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { Buckets, TokenBucket } from '../../src/support/token-bucket.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { publish, setStage, type Stage } from './stage.ts'

describe('clients of one address (R7)', () => {
  it('are counted as they come and go', () => {
    const stage = setStage({ maxClientsPerAddress: 3 })
    let names = 0
    const open = (): MemoryClient => {
      const client = new MemoryClient(stage.gateway, stage.clock)
      client.connect({ clientId: `box ${(names += 1)}` })
      return client
    }
    const [first] = [open(), open(), open()]
    expect(open().closed).toEqual(closeCodes.full)
    first.drop()
    expect([open().closed, open().closed]).toEqual([undefined, closeCodes.full])
    expect(stage.gateway.counters.tooManyClients).toBe(2)
  })

  it.each([
    ['fly', '203.0.113.1'],
    ['heroku', '198.51.100.2'],
    ['other', '10.0.0.9'],
  ] as const)(
    'are told apart on %s by what its own proxy wrote, not by what a client claims',
    (hosting, address) => {
      const request = {
        headers: { 'fly-client-ip': '203.0.113.1', 'x-forwarded-for': '192.0.2.66, 198.51.100.2' },
        socket: { remoteAddress: '10.0.0.9' },
      } as unknown as IncomingMessage
      expect(clientAddress(hosting)(request)).toBe(address)
    },
  )

  const loopback = ['127.0.0.0/8', '::1']
  it.each<[string, readonly string[], string, string | undefined, string]>([
    ['Caddy or Nginx on this computer', loopback, '127.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['the same, heard on ::', loopback, '::ffff:127.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['a client that made one up before', loopback, '127.0.0.1', '192.0.2.66, 203.0.113.1', '203.0.113.1'],
    [
      'a client that made up a proxy',
      loopback,
      '127.0.0.1',
      '192.0.2.66, 127.0.0.1, 203.0.113.1',
      '203.0.113.1',
    ],
    ['two proxies', [...loopback, '10.0.0.0/24'], '127.0.0.1', '203.0.113.1, 10.0.0.7', '203.0.113.1'],
    ['a proxy in IPv6', ['2400:cb00::/32'], '2400:cb00::7', '2001:db8::1', '2001:db8::1'],
    ['somebody who is no proxy', loopback, '198.51.100.9', '203.0.113.1', '198.51.100.9'],
    ['somebody on a link of IPv6', ['fe80::1'], 'fe80::2%eth0', '203.0.113.1', 'fe80::2%eth0'],
    ['nobody trusted', [], '127.0.0.1', '203.0.113.1', '127.0.0.1'],
    ['a proxy without the header', loopback, '127.0.0.1', undefined, '127.0.0.1'],
    ['a check of the proxy’s own', loopback, '127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['a header that is no address', loopback, '127.0.0.1', '203.0.113.1, unknown', '127.0.0.1'],
    ['an empty header', loopback, '127.0.0.1', ' , ', '127.0.0.1'],
  ])('are told apart behind a proxy of one’s own: %s', (_, trusted, remoteAddress, forwarded, address) => {
    const headers = { 'x-forwarded-for': forwarded, 'cf-connecting-ip': '192.0.2.77' }
    const request = { headers, socket: { remoteAddress } } as unknown as IncomingMessage
    expect(clientAddress('other', trusted)(request)).toBe(address)
  })
})

describe('wrong passwords (R7)', () => {
  it('keep waiting one address and no other, and each refusal is counted', () => {
    const stage = setStage({ loginFailureBurst: 1, loginWaitMs: 0 })
    const guess = (password: string, address: string): number | undefined => {
      const client = new MemoryClient(stage.gateway, stage.clock, 4, address)
      const answer = client.connect({ clientId: address, password: Buffer.from(password) })
      return answer?.cmd === 'connack' ? answer.returnCode : undefined
    }
    expect(guess('x', '192.0.2.66')).toBe(4)
    expect([guess('secret', '192.0.2.66'), guess('secret', '192.0.2.7')]).toEqual([3, 0])
    expect([stage.gateway.counters.loginsBlocked, stage.gateway.counters.refusedConnects]).toEqual([1, 2])
  })

  it('are not counted for right ones', () => {
    const stage = setStage({ loginFailureBurst: 1 })
    const answers = Array.from({ length: 5 }, () => new MemoryClient(stage.gateway, stage.clock).connect())
    expect(answers.map((answer) => answer?.cmd === 'connack' && answer.returnCode)).toEqual(Array(5).fill(0))
  })
})

describe('a rate (R7)', () => {
  it('gives back exactly what time has earned, and never more than the burst', () => {
    const bucket = new TokenBucket(50, 3, 0)
    const takeAll = (now: number): number => {
      let taken = 0
      while (taken < 10 && bucket.take(now)) taken += 1
      return taken
    }
    expect([takeAll(0), takeAll(19), takeAll(20), takeAll(60), takeAll(3_600_000)]).toEqual([3, 0, 1, 2, 3])
  })

  it('of more than 10 000 names makes the oldest be forgotten, and those that are good again first', () => {
    const guilty = new Buckets(0.001, 1)
    for (let count = 0; count <= 10_000; count += 1) guilty.of(`name ${count}`, count).take(count)
    const allowed = [1, 2, 10_000, 0].map((count) => guilty.of(`name ${count}`, 10_000).take(10_000))
    expect(allowed).toEqual([false, false, false, true])
    const quiet = new Buckets(1, 1)
    for (let count = 0; count < 10_000; count += 1) quiet.of(`name ${count}`, 0).take(count === 5 ? 9_000 : 0)
    quiet.of('one more', 9_500).take(9_500)
    expect([quiet.of('name 5', 9_500).take(9_500), quiet.of('one more', 9_500).take(9_500)]).toEqual([
      false,
      false,
    ])
  })
})

describe('names that come from outside (R7)', () => {
  const platforms = Array.from({ length: 70 }, (_, at) => `platform ${at}`)

  it('of platforms are remembered up to 64, pressed on, heard and starting', () => {
    const stage = setStage()
    const client = stage.client()
    for (const name of platforms) publish(client, `owlcms/clock/${name}`, 'start')
    expect(stage.upstream.lines.length).toBe(70)
    stage.upstream.settleAll()
    stage.clock.advance(2_000)
    for (const name of platforms) stage.hub.receive(publication(`owlcms/fop/startup/${name}`, 'on'))
    const deaf = platforms.filter((name) => stage.hub.watch.isDeaf(name as Platform))
    expect([stage.hub.presses.size, stage.hub.watch.platforms().length, deaf.length]).toEqual([64, 64, 64])
  })

  it('of platforms never keep out one that owlcms lists', () => {
    const stage = setStage()
    const client = stage.client()
    const book = new SeatStatisticsBook(stage.platforms.roster)
    stage.hub.ledger.listen((report) => book.note(report))
    for (const name of platforms) {
      publish(client, `owlcms/led/${name}`, 'on')
      publish(client, `owlcms/refbox/decision/${name}`, '1 maybe')
      // Somebody at the broker itself may forge owlcms's own words.
      stage.hub.receive(publication(`owlcms/fop/startup/${name}`, 'on'))
    }
    stage.hub.receive(publication('owlcms/fop/config', '{"platforms":["A","B"],"version":"61"}'))
    stage.hub.receive(publication('owlcms/fop/startup/A', 'on'))
    publish(client, 'owlcms/clock/A', 'start')
    expect(stage.upstream.lines.filter((line) => line.startsWith('owlcms/led'))).toEqual([])
    expect(stage.platforms.names).toEqual(expect.arrayContaining(['A', 'B']))
    expect([stage.platforms.names.length, stage.hub.presses.size]).toEqual([64, 64])
    expect(stage.hub.watch.platforms()).toContainEqual({
      platform: 'A',
      lastHeardAt: stage.clock.now(),
      deafUntil: stage.clock.now() + 1_500,
      silent: false,
    })
    expect(stage.hub.presses.get('A')).toEqual({ lastPressAt: stage.clock.now(), dropped: 1 })
    expect(book.of('A' as Platform)).toMatchObject([{ seat: 'timekeeper', outcomes: { refused: 1 } }])
  })

  it('of clients push out only clients that left', () => {
    const stage = setStage()
    const facts = (clientId: string) =>
      ({ clientId, principal: { kind: 'device' }, transport: 'tcp', address: '', duplicate: false }) as const
    for (let count = 0; count < 500; count += 1)
      stage.hub.presence.connected(`${count}`, facts(`${count}`), 0)
    stage.hub.presence.disconnected('250', 1)
    stage.hub.presence.connected('new', facts('new'), 2)
    const names = stage.hub.presence.clients(2).map(({ clientId }) => clientId)
    expect([names.length, names.includes('250'), names.includes('0'), names.at(-1)]).toEqual([
      500,
      false,
      true,
      'new',
    ])
  })
})

describe('two clients that take one client ID from each other', () => {
  const again = (stage: Stage, clean: boolean): MemoryClient => stage.client(4, { clean, keepalive: 0 })

  it('take it also after a fight of long ago', () => {
    const stage = setStage()
    again(stage, true)
    again(stage, true)
    const third = again(stage, true)
    stage.clock.advance(60_000)
    again(stage, true)
    expect([third.closed, stage.gateway.counters.takeovers]).toEqual([closeCodes.takenOver, 3])
  })

  it('are forgotten when a thousand others do it: client IDs come from outside', () => {
    const stage = setStage()
    again(stage, true)
    again(stage, true)
    const third = again(stage, true)
    for (let count = 0; count < 1_000; count += 1) {
      const connect = { clientId: `other ${count}`, keepalive: 0 }
      const old = new MemoryClient(stage.gateway, stage.clock)
      old.connect(connect)
      const taking = new MemoryClient(stage.gateway, stage.clock)
      taking.connect(connect)
      taking.drop()
      expect(old.closed).toEqual(closeCodes.takenOver)
    }
    again(stage, true)
    expect(third.closed).toEqual(closeCodes.takenOver)
  })

  it('never both stay where a session is to be kept: there is only one', () => {
    const stage = setStage()
    const clients = Array.from({ length: 5 }, () => again(stage, false))
    const closed = clients.map((client) => client.closed)
    expect(closed).toEqual([...Array<unknown>(4).fill(closeCodes.takenOver), undefined])
    expect(stage.hub.sessionCount).toBe(1)
  })
})
