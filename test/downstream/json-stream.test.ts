import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { JsonStream, type JsonStreamOptions } from '../../src/downstream/json-stream/stream.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import type { HistoryLimits } from '../../src/hub/field/event.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { closeCodes, withRetryHint } from '../../src/protocol/contract/close-codes.ts'
import { maxPlatforms, type Platform } from '../../src/protocol/owlcms/topics.ts'
import type { ServerMessage, SnapshotReason } from '../../src/protocol/contract/stream-message.ts'
import { applyChanges, type VisibleState } from '../../src/protocol/field/visible-state.ts'
import { defaultClientLimits, type ClientLimits } from '../../src/support/limits.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { MemoryStreamClient } from '../support/memory-client.ts'
import { recordingLog, silentLog } from '../support/silent-log.ts'
import { publishedSchemas } from '../support/stream-schemas.ts'

const A = 'A' as Platform

const tokens: Readonly<Record<string, Principal>> = {
  device: { kind: 'device' },
  admin: { kind: 'admin' },
  referee2: { kind: 'seat', platform: A, role: 'referee', number: 2 },
  juror4: { kind: 'seat', platform: A, role: 'juryMember', number: 4 },
  president: { kind: 'seat', platform: A, role: 'juryPresident', number: 1 },
  timekeeper: { kind: 'seat', platform: A, role: 'timekeeper' },
  controller: { kind: 'seat', platform: A, role: 'technicalController' },
  screenOfB: { kind: 'viewer', platforms: ['B' as Platform] },
}

let clock: FakeClock
let upstream: FakeUpstream
let hub: Hub
let platforms: Platforms
let stream: JsonStream

/** Messages that clients of this file got, up to 50 of each shape; checked at the end. */
const recorded = new Map<string, ServerMessage[]>()

function record(message: ServerMessage): void {
  const reason = 'reason' in message ? message.reason : ''
  const kind = message.type === 'event' ? message.message.kind : ''
  const changed = 'changed' in message ? Object.keys(message.changed ?? {}).join() : ''
  const shape = [message.type, reason, kind, changed].join(' ')
  const ofShape = recorded.get(shape) ?? []
  if (ofShape.length < 50) ofShape.push(message)
  recorded.set(shape, ofShape)
}

beforeEach(() => setUp())

function setUp(
  options: Partial<JsonStreamOptions> = {},
  history: Partial<HistoryLimits> = {},
  clientLimits: Partial<ClientLimits> = {},
): void {
  clock = new FakeClock()
  upstream = new FakeUpstream()
  let draw = 0
  platforms = new Platforms({
    clock,
    random: () => ((draw += 1) * 0.1) % 1,
    limits: history,
  })
  hub = new Hub({ clock, upstream, platforms })
  stream = new JsonStream({
    hub,
    platforms,
    clock,
    log: silentLog,
    version: '1.2.3',
    clientLimits: { ...defaultClientLimits, flushWindowMs: 0, ...clientLimits },
    authenticateToken: (token) => (token === undefined ? { kind: 'viewer' } : tokens[token]),
    ...options,
  })
  hub.linkChanged(true)
  upstream.settleAll()
  hear('owlcms/fop/config', '{"jurySize":5,"platforms":["A","B"],"version":"61.0.0"}')
}

function hear(topic: string, payload: string | Uint8Array = ''): void {
  const heard = publication(topic, typeof payload === 'string' ? payload : '')
  const whole = typeof payload === 'string' ? heard : { ...heard, payload }
  hub.receive(whole)
}

function connect(remoteAddress?: string): MemoryStreamClient {
  return new MemoryStreamClient(stream, clock, record, remoteAddress)
}

/** A client that has said `start` and has read what came of it. */
function started(start: object = {}): MemoryStreamClient {
  const client = connect()
  client.send({ type: 'start', schema: 1, ...start })
  client.take()
  return client
}

function brief(messages: readonly ServerMessage[]): string[] {
  return messages.map((message) => {
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the others say enough by their type
    switch (message.type) {
      case 'event':
        return `${message.platform} ${message.topic} ${message.payload}${message.encoding ?? ''}`
      case 'change':
        return `${message.platform} change ${JSON.stringify(message.changed)}`
      case 'snapshot':
        return `${message.platform} snapshot ${message.reason}`
      case 'error':
        return `error ${message.reason}${message.id === undefined ? '' : ` ${message.id}`}`
      case 'ack':
        return `ack ${message.id}`
      case 'receipt':
        return `${message.outcome} ${message.id}`
      default:
        return message.type
    }
  })
}

describe('the beginning', () => {
  it('is hello, then after start who one is, how things stand, and a snapshot of each platform', () => {
    const client = connect()
    expect(client.take()).toEqual([
      {
        type: 'hello',
        schema: { min: 1, max: 1 },
        epoch: platforms.epoch,
        version: '1.2.3',
        at: clock.now(),
        time: clock.now(),
      },
    ])
    client.send({ type: 'start', schema: 1 })
    const fence = platforms.now(A)!.state.fence
    const state = (platform: string) => ({
      platform,
      fence,
      since: { lift: fence, started: fence, stopped: fence, votes: fence, pause: fence },
      phase: { kind: 'idle' },
      clock: { kind: 'unknown' },
      decisions: {},
      down: false,
      summoned: [],
      jury: { size: 5, votes: {}, revealed: false },
      owlcms: { state: 'present' },
    })
    const at = clock.now()
    expect(client.take()).toEqual([
      { type: 'started', audience: 'viewer', as: { kind: 'viewer' }, at },
      {
        type: 'status',
        ready: true,
        presence: 'answering',
        owlcms: { version: '61.0.0', jurySize: 5 },
        platforms: ['A', 'B'],
      },
      { type: 'snapshot', platform: 'A', seq: 1, at, reason: 'start', state: state('A') },
      { type: 'snapshot', platform: 'B', seq: 1, at, reason: 'start', state: state('B') },
    ])
  })

  it('tells a seat which one it is', () => {
    const client = connect()
    client.send({ type: 'start', schema: 1, token: 'referee2' })
    expect(client.take()[1]).toMatchObject({
      audience: 'referee 2 of A',
      as: { kind: 'seat', platform: 'A', role: 'referee', number: 2 },
    })
  })

  it('has an absolute deadline for start', () => {
    const client = connect()
    clock.advance(4_999)
    expect(client.closed).toBeUndefined()
    clock.advance(1)
    expect(client.closed).toEqual(closeCodes.noStart)
    expect(stream.connectionCount).toBe(0)
  })

  it.each([
    ['a wrong token', { type: 'start', schema: 1, token: 'wrong' }, closeCodes.unauthorised],
    ['a version of the future', { type: 'start', schema: 2 }, closeCodes.wrongSchema],
    ['no start', { type: 'ping' }, closeCodes.badMessage],
    ['junk', 'junk', closeCodes.badMessage],
  ])('ends with %s', (_, message, reason) => {
    const client = connect()
    client.send(message as object)
    expect(client.closed).toEqual(reason)
    expect(brief(client.take())).toEqual(['hello'])
  })

  it('never writes a token into a log or an answer (R10)', () => {
    const { log, lines } = recordingLog()
    setUp({ log })
    const client = connect()
    client.send({ type: 'start', schema: 1, token: 'planted-secret' })
    connect().text('{"type":"start","schema":1,"token":["planted-secret"]}')
    expect(lines.length).toBeGreaterThan(0)
    expect(JSON.stringify([lines, client.take()])).not.toContain('planted-secret')
  })

  it('is heard after any number of wrong tokens from its address: nobody guesses a signature', () => {
    for (let at = 0; at < 1_000; at += 1) started({ token: 'wrong' })
    expect([started({ token: 'device' }).closed, started().closed]).toEqual([undefined, undefined])
  })

  it('is refused when there are too many clients from one address', () => {
    setUp({}, {}, { maxClientsPerAddress: 2 })
    const clients = [started(), started(), started()]
    expect(clients.map(({ closed }) => closed)).toEqual([undefined, undefined, closeCodes.full])
    clients[0]!.drop()
    expect(started().closed).toBeUndefined()
  })

  it('is said once', () => {
    const client = started()
    client.send({ type: 'start', schema: 1 })
    expect(brief(client.take())).toEqual(['error alreadyStarted'])
  })
})

describe('platforms of a client', () => {
  it('are those it asked for; unknown ones and those of others are named in an error', () => {
    const client = connect()
    client.send({ type: 'start', schema: 1, platforms: ['B', 'b', 'X'] })
    expect(brief(client.take())).toEqual([
      'hello',
      'started',
      'error unknownPlatform',
      'error unknownPlatform',
      'status',
      'B snapshot start',
    ])
    hear('owlcms/fop/down/A')
    hear('owlcms/fop/down/B')
    hear('owlcms/fop/down/X')
    expect(brief(client.take())).toEqual([
      'B owlcms/fop/down/B ',
      'status',
      'X snapshot start',
      'X owlcms/fop/down/X ',
    ])
  })

  it('that give way to those of the list of owlcms are gone from the list, and begin anew when they come back', () => {
    const names = Array.from({ length: 62 }, (_, at) => `Z${at}`)
    for (const name of names) hear(`owlcms/fop/down/${name}`)
    const z0 = 'Z0' as Platform
    const before = platforms.now(z0)!
    const client = started({ token: 'device' })
    const listed = (): readonly string[] =>
      client
        .take()
        .flatMap((message) => (message.type === 'status' ? [message.platforms] : []))
        .at(-1) ?? []
    hear('owlcms/fop/config', '{"platforms":["A","B","New"],"version":"61"}')
    expect([listed().includes('Z0'), platforms.names.includes('New' as Platform)]).toEqual([false, true])
    hear('owlcms/fop/down/Z0')
    expect(client.take()).toEqual([])
    hear('owlcms/fop/config', '{"platforms":["A","B","Z0"],"version":"61"}')
    expect(brief(client.take()).filter((text) => text.startsWith('Z0'))).toEqual([
      'Z0 snapshot start',
      expect.stringMatching(/^Z0 owlcms.fop.config /),
    ])
    // Neither a number nor a fence of before means something else now (R4).
    const after = platforms.now(z0)!
    expect([after.seq > before.seq + 1, after.state.fence > before.state.fence]).toEqual([true, true])
  })

  it('are its own only, for a seat, whether the others exist or not', () => {
    const client = connect()
    client.send({ type: 'start', schema: 1, token: 'referee2', platforms: ['A', 'B', 'X'] })
    const messages = client.take()
    expect(brief(messages)).toEqual([
      'hello',
      'started',
      'seat',
      'error notAllowed',
      'error notAllowed',
      'status',
      'A snapshot start',
    ])
    expect(messages.find(({ type }) => type === 'status')).toMatchObject({ platforms: ['A'] })
    hear('owlcms/fop/down/B')
    expect(client.take()).toEqual([])
  })

  it('of a viewer may be limited by its token', () => {
    const client = connect()
    client.send({ type: 'start', schema: 1, token: 'screenOfB' })
    hear('owlcms/fop/down/A')
    hear('owlcms/fop/down/B')
    expect(brief(client.take())).toEqual([
      'hello',
      'started',
      'status',
      'B snapshot start',
      'B owlcms/fop/down/B ',
    ])
  })
})

/** The athlete's clock ran and stands: what follows says nothing new of the phase but what it is about. */
function lift(): void {
  hear('owlcms/fop/start/A', '{} 60000')
  hear('owlcms/fop/stop/A', '40000')
}

describe('an event', () => {
  it('has its number, time, topic, payload, typed form, and what changed', () => {
    const client = started({ platforms: ['A'] })
    clock.advance(5)
    hear('owlcms/fop/refereesDecision/A', 'good')
    expect(client.take()).toEqual([
      {
        type: 'event',
        platform: 'A',
        seq: 2,
        at: clock.now(),
        topic: 'owlcms/fop/refereesDecision/A',
        payload: 'good',
        message: { kind: 'refereesDecision', platform: 'A', value: 'good' },
        changed: {
          ...{ phase: { kind: 'decisionShown' }, shown: 'good', down: true },
          fence: Math.floor((clock.now() - 5 + 0.3) * 2048) + 1,
        },
      },
    ])
  })

  it('tells a viewer of the clocks, typed and in the state, where owlcms does', () => {
    setUp()
    hear('owlcms/fop/break/A', 'FIRST_CJ')
    const client = started({ platforms: ['A'] })
    clock.advance(5)
    hear('owlcms/fop/breakClock/A', 'start 600000')
    hear('owlcms/fop/athleteClock/A', 'set 60000')
    const at = clock.now()
    expect(client.take()).toMatchObject([
      {
        type: 'event',
        message: { kind: 'breakClock', platform: 'A', change: 'start', remainingMs: 600_000 },
        changed: { breakClock: { kind: 'running', remainingMs: 600_000, at } },
      },
      {
        type: 'event',
        message: { kind: 'athleteClock', platform: 'A', change: 'set', remainingMs: 60_000 },
        changed: { clock: { kind: 'stopped', remainingMs: 60_000, at } },
      },
    ])
    clock.advance(500)
    hear('owlcms/fop/breakClock/A', 'set -1')
    hear('owlcms/fop/startLifting/A')
    expect(client.take()).toMatchObject([
      { message: { kind: 'breakClock', change: 'set' }, changed: { breakClock: { kind: 'noEnd' } } },
      { changed: { phase: { kind: 'athleteCalled' }, breakClock: null } },
    ])
  })

  it('keeps what it does not know, in base64 when it is no text (R6)', () => {
    const client = started({ token: 'device', platforms: ['A'] })
    hear('owlcms/fop/brandNew/A', Uint8Array.of(0xff, 0))
    hear('owlcms/fop/brandNew/A', '\uFEFFé')
    expect(client.take()).toMatchObject([
      { payload: '/wA=', encoding: 'base64', message: { kind: 'unknown' } },
      { payload: '\uFEFFé', message: { kind: 'unknown' } },
    ])
  })

  it('is encoded once for all who are told the same, and for nobody else', () => {
    lift()
    const clients = [started(), started(), started({ token: 'device' })]
    const frames: Uint8Array[][] = clients.map(() => [])
    for (const [at, client] of clients.entries()) client.write = (frame) => void frames[at]?.push(frame)
    const [viewer, otherViewer, device] = frames
    hear('owlcms/fop/down/A')
    clock.finishTurn()
    expect(viewer).toHaveLength(1)
    expect(otherViewer?.[0]).toBe(viewer?.[0])
    expect(device?.[0]).toBe(viewer?.[0])
    hear('owlcms/fop/decision/A', '2 good')
    clock.finishTurn()
    expect(viewer).toHaveLength(1)
    expect(device).toHaveLength(2)
    // A viewer learns the decisions only with the lights.
    hear('owlcms/fop/refereesDecision/A', 'good')
    clock.finishTurn()
    expect(otherViewer?.[1]).toBe(viewer?.[1])
    expect(device?.[2]).not.toBe(viewer?.[1])
  })

  it('is text that any reader of JSON understands, whatever names and payloads hold', () => {
    const odd = 'Q"\\\u2028é \ufeff'
    hear(`owlcms/fop/startLifting/${odd}`)
    const client = started({ token: 'device', platforms: [odd] })
    hear(`owlcms/test/${odd}`, '"\\\n\u0000🏋')
    expect(client.take()).toEqual([
      {
        type: 'event',
        platform: odd,
        seq: 2,
        at: clock.now(),
        topic: `owlcms/test/${odd}`,
        payload: '"\\\n\u0000🏋',
        message: { kind: 'unknown' },
      },
    ])
  })
})

describe('what each principal sees and hears (R5), in events, history and snapshots alike', () => {
  const play: readonly (readonly [topic: string, payload: string])[] = [
    ['owlcms/clock/A', 'start'],
    ['owlcms/refbox/decision/A', '1 good'],
    ['owlcms/fop/decision/A', '1 good'],
    ['owlcms/fop/decision/A', '2 bad'],
    ['owlcms/fop/decisionRequest/A', '3'],
    ['owlcms/fop/summon/A', '4'],
    ['owlcms/jurybox/juryMember/decision/A', '2 bad'],
    ['owlcms/fop/juryMemberDecision/A', '2 bad'],
    ['owlcms/fop/brandNew/A', 'x'],
    ['owlcms/fop/down/A', ''],
  ]
  const down = 'A owlcms/fop/down/A '
  const decisions = ['A owlcms/fop/decision/A 1 good', 'A owlcms/fop/decision/A 2 bad']
  const reminder = 'A owlcms/fop/decisionRequest/A 3'
  const summons = 'A owlcms/fop/summon/A 4'
  const vote = 'A owlcms/fop/juryMemberDecision/A 2 bad'
  const all = play.map(([topic, payload]) => `A ${topic} ${payload}`)
  const none = { decisions: {}, reminded: undefined, summoned: [], votes: {} }
  const whole = { decisions: { 1: 'good', 2: 'bad' }, reminded: 3, summoned: [4], votes: { 2: 'bad' } }

  it.each<[string | undefined, string[], object]>([
    [undefined, [down], none],
    ['device', all, whole],
    ['admin', all, whole],
    ['referee2', [decisions[1]!, down], { ...none, decisions: { 2: 'bad' } }],
    ['juror4', [...decisions, summons, vote, down], { ...whole, reminded: undefined }],
    ['president', [...decisions, reminder, summons, vote, down], whole],
    ['timekeeper', [down], none],
    ['controller', [summons, down], { ...none, summoned: [4] }],
  ])('%s', (token, events, visible) => {
    const start = { platforms: ['A'], ...(token === undefined ? {} : { token }) }
    lift()
    const live = started(start)
    const { seq } = platforms.now(A)!
    for (const [topic, payload] of play) hear(topic, payload)
    expect(brief(live.take())).toEqual(events)

    const audience = (takeStart(start).find(({ type }) => type === 'started') as { audience: string })
      .audience
    const since = { epoch: platforms.epoch, audience, seq: { A: seq } }
    const resumed = takeStart({ ...start, since }).filter(({ type }) => type !== 'seat')
    expect(brief(resumed).slice(3)).toEqual(events)

    const snapshot = takeStart(start).at(-1) as { state: VisibleState }
    const { decisions: lights, reminded, summoned, jury } = snapshot.state
    expect({ decisions: lights, reminded, summoned, votes: jury.votes }).toEqual(visible)
  })

  it('shows viewers the three lights with the decision, and hides what comes after it', () => {
    lift()
    const client = started({ platforms: ['A'] })
    hear('owlcms/fop/decision/A', '1 good')
    hear('owlcms/fop/decision/A', '2 bad')
    expect(client.take()).toEqual([])
    hear('owlcms/fop/refereesDecision/A', 'good')
    expect(client.take()).toMatchObject([{ changed: { decisions: { 1: 'good', 2: 'bad' } } }])
    // A change while the lights are on is seen, though the message itself is not heard.
    hear('owlcms/fop/decision/A', '2 good')
    expect(brief(client.take())).toEqual(['A change {"decisions":{"1":"good","2":"good"}}'])
    clock.advance(4_000)
    hear('owlcms/fop/liftingOrderUpdated/A')
    expect(client.take()).toMatchObject([{ changed: { decisions: {}, phase: { kind: 'athleteCalled' } } }])
    lift()
    client.take()
    hear('owlcms/fop/decision/A', '1 bad')
    expect(client.take()).toEqual([])
  })
})

function takeStart(start: object): ServerMessage[] {
  const client = connect()
  client.send({ type: 'start', schema: 1, ...start })
  const messages = client.take()
  client.drop()
  return messages
}

describe('after a reconnect', () => {
  const since = (audience = 'viewer', seq = 1) => ({ epoch: platforms.epoch, audience, seq: { A: seq } })

  it('a client gets exactly what it missed', () => {
    lift()
    const { seq } = platforms.now(A)!
    hear('owlcms/fop/down/A')
    hear('owlcms/fop/decision/A', '1 good')
    hear('owlcms/fop/startLifting/A')
    expect(brief(takeStart({ platforms: ['A'], since: since('viewer', seq) })).slice(3)).toEqual([
      'A owlcms/fop/down/A ',
      'A owlcms/fop/startLifting/A ',
    ])
    expect(brief(takeStart({ platforms: ['A'], since: since('viewer', seq + 3) })).slice(3)).toEqual([])
  })

  it.each<[string, (good: object) => object]>([
    ['another epoch', (good) => ({ ...good, epoch: 'x' })],
    ['another audience: it saw less then', (good) => ({ ...good, audience: 'everything' })],
    ['a number of the future', (good) => ({ ...good, seq: { A: 99 } })],
  ])('a client with %s gets a snapshot that says so', (_, bend) => {
    const messages = takeStart({ platforms: ['A'], since: bend(since()) })
    expect(brief(messages).slice(3)).toEqual(['A snapshot gap'])
  })

  it('a client gets a snapshot when the history has forgotten, or when it missed too much at once', () => {
    setUp({ limits: { replayBytes: 2_000 } }, { historyEvents: 20 })
    for (let at = 0; at < 20; at += 1) hear('owlcms/fop/startLifting/A')
    expect(brief(takeStart({ platforms: ['A'], since: since('viewer', 1) })).slice(3)).toEqual([
      'A snapshot gap',
    ])
    expect(takeStart({ platforms: ['A'], since: since('viewer', 20) })).toHaveLength(4)
    hear('owlcms/fop/startLifting/A')
    expect(brief(takeStart({ platforms: ['A'], since: since('viewer', 1) })).slice(3)).toEqual([
      'A snapshot gap',
    ])
  })

  it('a connected client gets a snapshot when the link to the broker was down', () => {
    const client = started({ platforms: ['A'] })
    upstream.ready = false
    hub.linkChanged(false)
    expect(client.take()).toEqual([
      { type: 'status', ready: false, presence: 'unknown', platforms: ['A', 'B'] },
    ])
    upstream.ready = true
    hub.linkChanged(true)
    expect(brief(client.take())).toEqual(['status', 'A snapshot gap'])
  })

  it('there are no holes and no duplicates, whatever is cut, lost, slow or gone for a while (property)', () => {
    const audiences = [undefined, 'device', 'referee2', 'president', 'controller']
    const message = fc.nat(lines.length - 1)
    const step = fc.oneof(
      { weight: 12, arbitrary: fc.record({ says: message }) },
      // `lost`: of what is on its way to it then, the last ones.
      { weight: 4, arbitrary: fc.record({ away: fc.nat(12), lost: fc.nat(3), says: message }) },
      { weight: 1, arbitrary: fc.record({ linkDownFor: fc.nat(3), says: message }) },
      { weight: 1, arbitrary: fc.record({ lists: fc.constantFrom('B', 'C', 'D') }) },
      { weight: 1, arbitrary: fc.record({ frozenFor: fc.nat(120), says: message }) },
    )
    const seen = { cuts: 0, gap: 0, conflated: 0, start: 0 }
    fc.assert(
      fc.property(
        fc.constantFrom(...audiences),
        fc.integer({ min: 1, max: 15 }),
        fc.array(step, { minLength: 40, maxLength: 60 }),
        (token, historyEvents, steps) => {
          setUp({ limits: { conflateBytes: 8_000 } }, { historyEvents })
          // Names that owlcms doesn't list give way to those that it does: a platform may go, and come back.
          for (let at = 0; at < maxPlatforms - 2; at += 1) hear(`owlcms/fop/down/X${at}`)
          const start = { platforms: ['A', 'B', 'C', 'D'], ...(token === undefined ? {} : { token }) }
          const witness = new Follower(start)
          const wanderer = new Follower(start)
          for (const each of steps) {
            if ('lists' in each) {
              hear('owlcms/fop/config', JSON.stringify({ platforms: ['A', each.lists], version: '61.0.0' }))
            } else if ('linkDownFor' in each) {
              hub.linkChanged(false)
              for (let at = 0; at < each.linkDownFor; at += 1) clock.advance(1_000)
              hub.linkChanged(true)
            } else if ('away' in each) {
              seen.cuts += 1
              speak(each.says)
              wanderer.leave(each.lost)
              for (let at = 0; at < each.away; at += 1) speak(each.says + at)
              wanderer.comeBack()
              // It may be told more at once than it takes.
              clock.advance(250)
            } else if ('frozenFor' in each) {
              wanderer.freeze(true)
              for (let at = 0; at < each.frozenFor; at += 1) speak(each.says + at)
              wanderer.freeze(false)
              // It could be told this, were it not behind.
              speak(each.says)
              clock.advance(250)
            } else speak(each.says)
            witness.read()
            wanderer.read()
            expect(wanderer.states).toEqual(witness.states)
          }
          wanderer.expectSubsequenceOf(witness)
          for (const { reason } of wanderer.runs) seen[reason] += 1
        },
      ),
      { numRuns: 150 },
    )
    const { cuts, gap, conflated } = seen
    expect(cuts).toBeGreaterThan(1_000)
    expect([gap > 100, gap < cuts, conflated > 50]).toEqual([true, true, true])
  }, 120_000)
})

const lines: readonly (readonly [string, string])[] = [
  ['owlcms/fop/decision/A', '1 good'],
  ['owlcms/fop/decision/A', '2 bad'],
  ['owlcms/fop/down/A', ''],
  ['owlcms/fop/refereesDecision/A', 'good'],
  ['owlcms/fop/liftingOrderUpdated/A', ''],
  ['owlcms/fop/resetDecisions/A', 'reset'],
  ['owlcms/fop/juryMemberDecision/A', '2 hidden'],
  ['owlcms/refbox/decision/A', '3 bad'],
  ['owlcms/fop/down/B', ''],
  ['owlcms/fop/summon/A', '4'],
  ['owlcms/fop/startup/A', 'on'],
  ['owlcms/fop/break/A', 'TECHNICAL'],
  ['owlcms/fop/start/A', '60000'],
  ['owlcms/fop/down/C', ''],
]

function speak(number: number): void {
  const [topic, payload] = lines[number % lines.length]!
  hear(topic, payload)
  clock.finishTurn()
}

interface Run {
  readonly platform: string
  readonly reason: SnapshotReason
  readonly seqs: number[]
  readonly from: number
}

/** A client written from PROTOCOL.md part 2: keeps states and numbers, and notices what must not be. */
class Follower {
  readonly states: Record<string, VisibleState> = {}
  /** Per platform, the events between two snapshots. */
  readonly runs: Run[] = []
  readonly #start: object
  readonly #seq: Record<string, number> = {}
  readonly #open = new Map<string, Run>()
  #audience = ''
  #client: MemoryStreamClient

  constructor(start: object) {
    this.#start = start
    this.#client = connect()
    this.#client.send({ type: 'start', schema: 1, ...start })
    this.read()
  }

  /** The last so many messages to it are lost with its line. */
  leave(lost: number): void {
    const { received } = this.#client
    clock.finishTurn()
    received.splice(Math.max(0, received.length - lost))
    this.read()
    this.#client.drop()
  }

  freeze(isFrozen: boolean): void {
    this.#client.frozen = isFrozen
    this.#client.bufferedBytes = 0
  }

  comeBack(): void {
    this.#client = connect()
    const since = { epoch: platforms.epoch, audience: this.#audience, seq: this.#seq }
    this.#client.send({ type: 'start', schema: 1, ...this.#start, since })
  }

  read(): void {
    for (const message of this.#client.take()) {
      if (message.type === 'started') this.#audience = message.audience
      if (message.type === 'status') {
        for (const name of Object.keys(this.states)) {
          if (!message.platforms.some((one) => one === name)) Reflect.deleteProperty(this.states, name)
        }
      }
      if (message.type === 'snapshot') {
        this.states[message.platform] = message.state
        this.#seq[message.platform] = message.seq
        const { platform, reason, seq } = message
        const run = { platform, reason, seqs: [], from: seq }
        this.#open.set(message.platform, run)
        this.runs.push(run)
      }
      if (message.type === 'event' || message.type === 'change') {
        const { platform, seq, changed } = message
        if (seq <= this.#seq[platform]!) throw new Error('a duplicate')
        this.#seq[platform] = seq
        this.#open.get(platform)!.seqs.push(seq)
        if (changed !== undefined) this.states[platform] = applyChanges(this.states[platform]!, changed)
      }
    }
  }

  /** Between two snapshots of mine, everything that an uninterrupted client got, and nothing else. */
  expectSubsequenceOf(witness: Follower): void {
    for (const { platform, seqs, from } of this.runs) {
      const last = seqs.at(-1) ?? from
      const whole = witness.runs.flatMap((run) => (run.platform === platform ? run.seqs : []))
      expect(seqs).toEqual(whole.filter((seq) => seq > from && seq <= last))
    }
  }
}

describe('a slow client', () => {
  const limits = { conflateBytes: 2_000, catchUpMs: 250, slowMs: 10_000 }
  const noise = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      hear('owlcms/fop/liftingOrderUpdated/A')
      clock.finishTurn()
    }
  }

  it('gets a snapshot of the latest state instead of what piled up, and events again after it', () => {
    setUp({ limits })
    const client = started({ platforms: ['A'] })
    const quick = started({ platforms: ['A'] })
    client.frozen = true
    noise(50)
    expect(client.take().length).toBeLessThan(20)
    expect(quick.take()).toHaveLength(50)
    client.frozen = false
    client.bufferedBytes = 0
    clock.advance(250)
    expect(client.take()).toMatchObject([
      { type: 'snapshot', reason: 'conflated', seq: 51, state: { fence: platforms.now(A)!.state.fence } },
    ])
    noise(1)
    expect(client.take()).toMatchObject([{ type: 'event', seq: 52 }])
    expect(stream.counters.conflated).toBe(1)
  })

  it('is ended with 4408 when it stays behind, and nobody else notices', () => {
    setUp({ limits })
    const client = started({ platforms: ['A'] })
    const quick = started({ platforms: ['A'] })
    client.frozen = true
    noise(50)
    clock.advance(9_999)
    expect(client.closed).toBeUndefined()
    clock.advance(1)
    expect(client.closed).toEqual(closeCodes.slowConsumer)
    expect(quick.closed).toBeUndefined()
    noise(1)
    expect(quick.take()).toHaveLength(51)
    expect(stream.connectionCount).toBe(1)
    expect(stream.counters.streamSlow).toBe(1)
  })
})

describe('a command', () => {
  beforeEach(() => setUp())
  const decision = { kind: 'refereeDecision', referee: 2, value: 'good' }
  const press = (id: string, rest: object = {}) => ({
    type: 'press',
    id,
    platform: 'A',
    command: decision,
    ...rest,
  })
  const fenceOfA = () => platforms.now(A)!.state.fence

  it('is acknowledged only after the broker has it (R3)', () => {
    const client = started({ token: 'referee2' })
    client.send(press('p1', { fence: fenceOfA() }))
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 2 good'])
    expect(client.take()).toEqual([])
    upstream.settleAll()
    expect(client.take()).toEqual([{ type: 'ack', id: 'p1', outcome: 'delivered' }])
  })

  it('is answered by its receipt and what owlcms said at once, where at most eight hear it', () => {
    const clients = [
      started({ token: 'referee2' }),
      ...Array.from({ length: 7 }, () => started({ token: 'device' })),
    ]
    const [client] = clients
    client?.send(press('p1'))
    upstream.settleAll()
    for (const each of clients) each.take()
    hear('owlcms/fop/decision/A', '2 good')
    const echo = 'A owlcms/fop/decision/A 2 good'
    expect(clients.map(({ received }) => brief(received))).toEqual([
      ['taken p1', echo],
      ...Array<string[]>(7).fill([echo]),
    ])
    started({ token: 'device' })
    for (const each of clients) each.take()
    hear('owlcms/fop/decision/A', '3 good')
    expect(clients.flatMap(({ received }) => received)).toEqual([])
  })

  it('is passed on once, however often it is sent under its id', () => {
    const client = started({ token: 'referee2', client: 'phone' })
    client.send(press('p1'))
    client.send(press('p1'))
    upstream.settleAll()
    expect(brief(client.take())).toEqual(['ack p1'])
    client.send(press('p1'))
    expect(brief(client.take())).toEqual(['ack p1'])
    expect(upstream.lines).toEqual([])
    expect(stream.counters.streamRepeated).toBe(2)
  })

  it('is passed on once over a reconnect too, and answered on the new connection', () => {
    const before = started({ token: 'referee2', client: 'phone' })
    before.send(press('p1'))
    before.drop()
    const after = started({ token: 'referee2', client: 'phone' })
    after.send(press('p1'))
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 2 good'])
    upstream.settleAll()
    expect(brief(after.take())).toEqual(['ack p1'])
    expect(before.take()).toEqual([])
  })

  it('of another client may have the same id', () => {
    for (const client of ['phone', 'tablet', undefined, undefined]) {
      started({ token: 'device', ...(client === undefined ? {} : { client }) }).send(press('p1'))
      clock.advance(5)
    }
    expect(upstream.lines).toHaveLength(4)
  })

  it('with an id that was used for another one is refused', () => {
    const client = started({ token: 'referee2' })
    client.send(press('p1'))
    client.send(press('p1', { command: { ...decision, value: 'bad' } }))
    expect(brief(client.take())).toEqual(['error idReused p1'])
    expect(upstream.lines).toHaveLength(1)
  })

  it('made for an attempt that is over is refused as too late, and stays so (R4)', () => {
    const client = started({ token: 'referee2' })
    hear('owlcms/fop/start/A', '{} 60000')
    const fence = fenceOfA()
    for (const line of ['down', 'refereesDecision', 'liftingOrderUpdated'])
      hear(`owlcms/fop/${line}/A`, 'good')
    hear('owlcms/fop/start/A', '{} 60000')
    client.take()
    client.send(press('p1', { fence }))
    client.send(press('p1', { fence }))
    client.send(press('p2', { fence: fenceOfA() }))
    expect(brief(client.take())).toEqual(['error tooLate p1', 'error tooLate p1'])
    expect(upstream.lines).toEqual(['owlcms/refbox/decision/A 2 good'])
    expect(hub.counters.tooLate).toBe(1)
  })

  it('without a fence is held back right after start, as an offline queue would come (R4)', () => {
    setUp({}, {}, { flushWindowMs: 300 })
    const client = started({ token: 'referee2' })
    client.send(press('p1'))
    client.send(press('p2', { fence: fenceOfA() }))
    clock.advance(300)
    client.send(press('p3'))
    upstream.settleAll()
    clock.advance(5)
    upstream.settleAll()
    expect(brief(client.take())).toEqual(['error held p1', 'ack p2', 'ack p3'])
  })

  it.each<[string, string | undefined, object, string]>([
    ['of a viewer', undefined, {}, 'notAllowed'],
    ['of an admin', 'admin', {}, 'notAllowed'],
    ["of another's number", 'referee2', { command: { ...decision, referee: 1 } }, 'notAllowed'],
    ['of another seat', 'timekeeper', {}, 'notAllowed'],
    ['for another platform', 'referee2', { platform: 'B' }, 'notAllowed'],
    ['for a platform that is not there', 'device', { platform: 'a' }, 'unknownPlatform'],
    ['that is not understood', 'device', { command: { kind: 'clock', command: 'begin' } }, 'invalidMessage'],
  ])('%s is refused', (_, token, rest, reason) => {
    const client = started(token === undefined ? {} : { token })
    client.send(press('p1', rest))
    expect(client.take()).toMatchObject([{ type: 'error', id: 'p1', reason }])
    expect(upstream.lines).toEqual([])
  })

  it('fails at once while the link is down (R1, R3)', () => {
    const client = started({ token: 'referee2' })
    upstream.ready = false
    client.send(press('p1'))
    expect(brief(client.take())).toEqual(['error offline p1'])
  })

  it('is refused beyond the rate, without another client noticing', () => {
    setUp({}, {}, { messageBurst: 1, messagesPerSecond: 1 })
    const client = started({ token: 'device' })
    client.send(press('p1'))
    client.send(press('p2'))
    expect(brief(client.take())).toEqual(['error tooFast p2'])
  })

  it('ends who says start again and again beyond the rate', () => {
    setUp({}, {}, { messageBurst: 3, messagesPerSecond: 1 })
    const client = started()
    for (let n = 0; n < 3; n += 1) client.send({ type: 'start', schema: 1 })
    const away = { ...closeCodes.tooFast, reason: 'too many messages, retry in 1.0 s' }
    expect([brief(client.take()).length, client.closed]).toEqual([2, away])
  })

  it("is followed to owlcms's echo, and whoever sent it last gets the receipt", () => {
    const client = started({ token: 'referee2', client: 'phone' })
    client.send(press('p1'))
    upstream.settleAll()
    expect(client.take()).toEqual([{ type: 'ack', id: 'p1', outcome: 'delivered' }])
    client.drop()
    const again = started({ token: 'referee2', client: 'phone' })
    again.send(press('p1'))
    hear('owlcms/fop/decision/A', '2 good')
    const told = again.take().filter(({ type }) => type !== 'event')
    expect(told).toEqual([
      { type: 'ack', id: 'p1', outcome: 'delivered' },
      { type: 'receipt', id: 'p1', outcome: 'taken', at: clock.now() },
    ])
  })

  it('is not taken when no echo comes within 1.5 s of the broker’s acknowledgement', () => {
    const client = started({ token: 'referee2' })
    client.send(press('p1'))
    clock.advance(400)
    upstream.settleAll()
    clock.advance(1_499)
    expect(brief(client.take())).toEqual(['ack p1'])
    clock.advance(1)
    expect(brief(client.take())).toEqual(['notTaken p1'])
  })

  it.each([3_600_000, -3_600_000, 90 * 86_400_000, -90 * 86_400_000])(
    'is judged and answered alike when the machine’s clock is set by %i ms on its way',
    (byMs) => {
      /** All that a timekeeper and a referee are told, and all that goes up, while the clock is set in between or not. */
      const lived = (set: () => void): readonly string[] => {
        setUp()
        const timekeeper = started({ token: 'timekeeper' })
        const referee = started({ token: 'referee2' })
        const command = { kind: 'clock', command: 'start' }
        const madeAt = clock.now()
        clock.advance(400)
        set()
        timekeeper.send(press('p1', { command, fence: fenceOfA(), at: madeAt }))
        upstream.settleAll()
        clock.advance(101)
        timekeeper.send(press('p2', { command, fence: fenceOfA(), at: madeAt }))
        hear('owlcms/fop/start/A', '{} 60000')
        referee.send(press('p3'))
        upstream.settleAll()
        set()
        clock.advance(1_499)
        const before = brief(referee.take())
        clock.advance(1)
        set()
        clock.advance(19_000)
        const closed = [timekeeper, referee].map((client) => client.closed?.code ?? 'open')
        return [
          ...brief(timekeeper.take()),
          '|',
          ...before,
          '|',
          ...brief(referee.take()),
          ...closed,
          ...upstream.lines,
        ].map(String)
      }
      const expected = lived(() => undefined)
      expect(expected).toContain('error tooLate p2')
      expect(expected).toContain('notTaken p3')
      expect(lived(() => clock.setWallClock(byMs))).toEqual(expected)
    },
  )

  it('that owlcms never echoes is delivered, and never called taken', () => {
    const client = started({ token: 'president' })
    client.send(press('p1', { command: { kind: 'juryDecision', value: 'good' } }))
    upstream.settleAll()
    expect(client.take()).toEqual([
      { type: 'ack', id: 'p1', outcome: 'delivered' },
      { type: 'receipt', id: 'p1', outcome: 'delivered', because: 'noEcho', at: clock.now() },
    ])
  })

  it('older than its kind may be is refused, by the sender’s own time (docs/owlcms.md 5.1)', () => {
    const client = started({ token: 'timekeeper' })
    const command = { kind: 'clock', command: 'start' }
    client.send(press('p1', { command, fence: fenceOfA(), at: clock.now() - 501 }))
    client.send(press('p2', { command, fence: fenceOfA(), at: clock.now() - 500 }))
    upstream.settleAll()
    expect(brief(client.take())).toEqual(['error tooLate p1', 'ack p2'])
    expect(upstream.lines).toEqual([])
  })

  it('ping is answered with the time', () => {
    const client = started()
    client.send({ type: 'ping' })
    expect(client.take()).toEqual([{ type: 'pong', at: clock.now(), time: clock.now() }])
  })
})

describe('junk', () => {
  it('is answered after start, and ends the connection when it does not stop', () => {
    const client = started()
    for (let at = 0; at < 10; at += 1) client.text('{')
    expect(brief(client.take())).toEqual(Array.from({ length: 10 }, () => 'error invalidMessage'))
    client.text('{')
    expect(client.closed).toEqual(closeCodes.badMessage)
  })

  it('never throws and never goes up: every text is answered or ends the connection (property)', () => {
    const word = fc.constantFrom('start', 'press', 'ping', 'hello', '__proto__', '', 'A', 'refereeDecision')
    const object = fc.dictionary(
      fc.constantFrom('type', 'schema', 'id', 'platform', 'command', 'since', 'token', 'platforms', 'kind'),
      fc.oneof(word, fc.anything(), fc.constant(1)),
    )
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      object.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(fc.boolean(), fc.array(text, { minLength: 1, maxLength: 5 }), (afterStart, texts) => {
        const client = afterStart ? started() : connect('192.0.2.3')
        client.take()
        for (const each of texts) {
          client.text(each)
          expect(client.take().length > 0 || client.closed !== undefined).toBe(true)
          expect(client.closed?.code).not.toBe(closeCodes.internalError.code)
        }
        client.drop()
      }),
      { numRuns: 1_000 },
    )
    expect(upstream.lines).toEqual([])
  })
})

describe('the end', () => {
  it('tells every client to come back, and leaves nothing behind', () => {
    const clients = [connect(), started(), started({ token: 'referee2' })]
    for (const leaver of stream.drain()) leaver.leave(closeCodes.restarting, 0)
    const told = withRetryHint(closeCodes.restarting, 0)
    expect(clients.map(({ closed }) => closed)).toEqual([told, told, told])
    expect([stream.connectionCount, hub.sessionCount]).toEqual([0, 0])
    expect(connect().closed).toEqual(closeCodes.restarting)
  })
})

describe('the published schemas', () => {
  it('fit every live message recorded above, and none is missing (docs/asyncapi.yaml)', () => {
    const { types, check } = publishedSchemas()
    const fromClient = ['start', 'press', 'drillDone', 'ping']
    // `drill` is held against its schema in test/hub/light-check.test.ts.
    const fromBridge = types.filter((type) => ![...fromClient, 'drill'].includes(type))
    const messages = [...recorded.values()].flat()
    expect(messages.map(check).filter((fault) => fault !== undefined)).toEqual([])
    expect([...new Set<string>(messages.map(({ type }) => type))].sort()).toEqual(fromBridge.sort())
  })
})
