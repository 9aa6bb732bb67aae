import { beforeEach, describe, expect, it } from 'vitest'
import type { LineEvents } from '../../src/console/stream/parts.ts'
import { StreamClient, type FreshToken } from '../../src/console/stream/stream-client.ts'
import type { StreamCommand } from '../../src/protocol/contract/stream-message.ts'
import { FakeClock } from '../support/fake-clock.ts'

const white: StreamCommand = { kind: 'refereeDecision', referee: 2, value: 'good' }
const state = {
  ...{ platform: 'A', fence: 7, phase: { kind: 'clockRunning' }, decisions: {}, summoned: [] },
  since: { lift: 5, started: 7, stopped: 0, votes: 5, pause: 0 },
  jury: { size: 3, votes: {}, revealed: false },
  owlcms: { state: 'present' },
}

interface Line {
  readonly events: LineEvents
  readonly sent: Record<string, unknown>[]
  closed: boolean
}

let clock: FakeClock
let lines: Line[]
let client: StreamClient
let ids: number
let random: number

beforeEach(() => {
  clock = new FakeClock()
  lines = []
  ids = 0
  random = 0.5
  client = new StreamClient({ ...world(), client: 'phone', token: 'secret' })
})

const world = () => ({
  clock,
  random: () => random,
  newId: () => `press-${++ids}`,
  openLine(events: LineEvents) {
    const line: Line = { events, sent: [], closed: false }
    lines.push(line)
    return {
      send: (text: string) => void line.sent.push(JSON.parse(text) as Record<string, unknown>),
      close: () => void (line.closed = true),
    }
  },
})

const line = (): Line => lines.at(-1)!
const says = (message: object): void => line().events.text(JSON.stringify(message))
const sentTypes = (): unknown[] => line().sent.map(({ type }) => type)
const pressesSent = (): unknown[] => lines.flatMap(({ sent }) => sent.filter(({ type }) => type === 'press'))

function hello(epoch = 'e1', schema = { min: 1, max: 1 }): void {
  says({ type: 'hello', schema, epoch, version: '1', at: clock.now() })
}

function begin(): void {
  client.connect()
  resume()
}

function resume(epoch = 'e1'): void {
  hello(epoch)
  const as = { kind: 'seat', platform: 'A', role: 'referee', number: 2 }
  says({ type: 'started', audience: 'seat A referee 2', as, at: clock.now() })
  says({ type: 'status', ready: true, platforms: ['A'] })
  says({ type: 'snapshot', platform: 'A', seq: 40, at: clock.now(), reason: 'start', state })
  pong()
}

function pong(): void {
  says({ type: 'pong', at: clock.now() })
}

/** Time passes on a line that answers. */
function live(ms: number): void {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500)
    pong()
  }
}

describe('getting in', () => {
  it('introduces itself once the bridge said hello, with token, kept name and schema', () => {
    client.connect()
    expect(line().sent).toEqual([])
    hello()
    expect(line().sent).toEqual([
      { type: 'start', schema: 1, client: 'phone', platforms: 'all', token: 'secret' },
    ])
  })

  it('has line, seat and state after the first snapshot', () => {
    begin()
    expect(client.view).toMatchObject({
      line: { kind: 'live' },
      as: { role: 'referee', number: 2 },
      ready: true,
      platforms: ['A'],
      states: { A: state },
    })
  })

  it('gives up with 4406 on a bridge that speaks another schema', () => {
    client.connect()
    hello('e1', { min: 2, max: 3 })
    expect(client.view.line).toEqual({ kind: 'ended', code: 4406 })
    expect(line().closed).toBe(true)
  })

  it('lays changes over the state, and takes out what is null', () => {
    begin()
    says({ type: 'change', platform: 'A', seq: 41, at: 1, changed: { reminded: 2, fence: 8 } })
    expect(client.view.states['A']).toEqual({ ...state, reminded: 2, fence: 8 })
    says({ type: 'change', platform: 'A', seq: 42, at: 1, changed: { reminded: null } })
    expect(client.view.states['A']).toEqual({ ...state, fence: 8 })
  })

  it('ignores what it does not know, and what is not the bridge’s', () => {
    begin()
    const before = client.view
    for (const text of ['<html>', '7', 'null', '{"type":"news"}', '{"type":7}']) line().events.text(text)
    expect(client.view).toBe(before)
  })
})

describe('a press', () => {
  it('leaves at once with the fence that was seen, and lives from sending to taken', () => {
    begin()
    const states: unknown[] = []
    client.subscribe(() => states.push(client.view.press?.state.kind))
    client.press('A', white, 7)
    expect(pressesSent()).toEqual([
      { type: 'press', id: 'press-1', platform: 'A', command: white, fence: 7, at: clock.now() },
    ])
    says({ type: 'ack', id: 'press-1', outcome: 'delivered' })
    says({ type: 'receipt', id: 'press-1', outcome: 'taken', at: 1 })
    expect(states).toEqual(['sending', 'acked', 'taken'])
  })

  it.each([
    [{ type: 'ack', outcome: 'drill' }, { kind: 'drill' }],
    [{ type: 'receipt', outcome: 'notTaken', at: 1 }, { kind: 'notTaken' }],
    [
      { type: 'receipt', outcome: 'delivered', because: 'noEcho', at: 1 },
      { kind: 'delivered', because: 'noEcho' },
    ],
    [
      { type: 'error', reason: 'tooLate', text: '…' },
      { kind: 'refused', reason: 'tooLate' },
    ],
  ])('%j becomes %j', (answer, expected) => {
    begin()
    client.press('A', white, 7)
    says({ ...answer, id: 'press-1' })
    expect(client.view.press?.state).toEqual(expected)
  })

  it.each([
    ['before the line is there', () => client.connect()],
    [
      'after the browser said that the network is gone',
      () => {
        begin()
        client.network(false)
      },
    ],
    [
      'while the bridge has no broker',
      () => {
        begin()
        says({ type: 'status', ready: false, platforms: ['A'] })
      },
    ],
    [
      'on a line that has not answered for 1.5 s',
      () => {
        begin()
        clock.advance(1_000 + 1_500)
      },
    ],
    [
      'after the page was hidden, until the line has answered',
      () => {
        begin()
        client.visible(false)
        clock.advance(60_000)
        client.visible(true)
      },
    ],
    [
      'after the phone slept without a word',
      () => {
        begin()
        client.visible(false)
        clock.advance(60_000)
      },
    ],
  ])('is refused as offline on the phone itself %s, and never sent later', (_when, prepare) => {
    prepare()
    client.press('A', white, 7)
    expect(client.view.press?.state).toEqual({ kind: 'refused', reason: 'offline' })
    client.network(true)
    if (lines.length > 1) resume()
    live(10_000)
    expect(pressesSent()).toEqual([])
  })

  it('is refused without a fence, since nothing would protect the next athlete', () => {
    begin()
    client.press('A', white, undefined)
    expect(client.view.press?.state).toEqual({ kind: 'refused', reason: 'offline' })
    expect(pressesSent()).toEqual([])
  })

  it('is refused for what it is where owlcms has no such platform, and says no more of that once it has', () => {
    begin()
    client.press('Z', white, undefined)
    expect(client.view.press?.state).toEqual({ kind: 'refused', reason: 'unknownPlatform' })
    live(5_000)
    expect(client.view.press).toBeDefined()
    says({
      type: 'snapshot',
      platform: 'Z',
      seq: 1,
      at: 1,
      reason: 'start',
      state: { ...state, platform: 'Z' },
    })
    expect(client.view.press).toBeUndefined()
    client.press('Z', white, 7)
    expect(pressesSent()).toHaveLength(1)
  })

  it('is refused on the phone while another device sits on the seat', () => {
    begin()
    says({ type: 'seat', state: 'waiting', at: 1 })
    client.press('A', white, 7)
    expect(client.view.press?.state).toEqual({ kind: 'refused', reason: 'seatWaiting' })
    says({ type: 'seat', state: 'held', at: 1 })
    client.press('A', white, 7)
    expect(pressesSent()).toHaveLength(1)
  })

  it('is lost, and not sent again, when the line breaks before the answer', () => {
    begin()
    client.press('A', white, 7)
    line().events.closed(1006, '')
    expect(client.view.press?.state).toEqual({ kind: 'refused', reason: 'lost' })
    clock.advance(10_000)
    resume()
    live(5_000)
    expect(pressesSent()).toHaveLength(1)
  })

  it.each([
    ['the bridge does not answer within 3 s', false],
    ['no receipt follows within 4 s', true],
  ])('is lost when %s', (_what, acked) => {
    begin()
    client.press('A', white, 7)
    if (acked) says({ type: 'ack', id: 'press-1', outcome: 'delivered' })
    live(acked ? 3_500 : 2_500)
    expect(client.view.press?.state.kind).not.toBe('refused')
    live(500)
    expect(client.view.press?.state).toEqual({ kind: 'refused', reason: 'lost' })
  })

  it('keeps what is said of the newest press when an older one ends later', () => {
    begin()
    client.press('A', white, 7)
    says({ type: 'ack', id: 'press-1', outcome: 'delivered' })
    client.press('A', { ...white, value: 'bad' }, 7)
    says({ type: 'error', id: 'press-2', reason: 'tooLate', text: '…' })
    live(6_000)
    expect(client.view.press).toMatchObject({ id: 'press-2', state: { reason: 'tooLate' } })
  })

  it('reaches the light check even without a broker', () => {
    begin()
    says({ type: 'status', ready: false, platforms: ['A'] })
    says({ type: 'drill', platform: 'A', on: true, ask: 'white', at: 1 })
    client.press('A', white, 7)
    client.drillDone('reminder')
    expect(sentTypes().slice(-2)).toEqual(['press', 'drillDone'])
    says({ type: 'drill', platform: 'A', on: false, at: 1 })
    expect(client.view.drill).toBeUndefined()
  })
})

describe('what is said of a press is over', () => {
  const red: StreamCommand = { ...white, value: 'bad' }
  const vote: StreamCommand = { kind: 'juryVote', member: 2, value: 'good' }
  const start: StreamCommand = { kind: 'clock', command: 'start' }
  const challenge: StreamCommand = { kind: 'juryBreak', command: 'challenge' }
  const verdict: StreamCommand = { kind: 'juryDecision', value: 'bad' }
  const taken = { type: 'receipt', outcome: 'taken', at: 1 }
  const notTaken = { type: 'receipt', outcome: 'notTaken', at: 1 }
  const sent = { type: 'receipt', outcome: 'delivered', because: 'noEcho', at: 1 }
  const refused = (reason: string) => ({ type: 'error', reason, text: '' })
  const change = (changed: object): void =>
    says({ type: 'change', platform: 'A', seq: 41, at: clock.now(), changed })
  /** The fence grows, since this began anew. */
  const began = (...what: readonly (keyof typeof state.since)[]): void =>
    change({ fence: 8, since: { ...state.since, ...Object.fromEntries(what.map((one) => [one, 8])) } })
  const drill = (more: object | undefined): void =>
    says({ type: 'drill', platform: 'A', on: more !== undefined, at: clock.now(), ...more })

  function pressed(command: StreamCommand, ...answers: readonly object[]): void {
    const { id } = client.press('A', command, 7)
    for (const answer of answers) says({ ...answer, id })
    // What comes at once may be its own echo.
    live(500)
    expect(client.view.press?.command).toEqual(command)
  }

  it.each([
    ['“owlcms has” with the lift', white, taken, () => began('lift')],
    ['“not taken” when the clock starts', white, notTaken, () => began('started')],
    ['“too late” with the lift', red, refused('tooLate'), () => began('lift')],
    ['“connection broke” with the lift', red, refused('lost'), () => began('lift')],
    ['a start when the clock stands', start, taken, () => began('stopped')],
    ['“your vote is cast” when the votes are cleared', vote, taken, () => began('votes')],
    [
      '“secret until all have voted” when they have',
      vote,
      taken,
      () => change({ jury: { size: 3, votes: { 2: 'good' }, revealed: true } }),
    ],
    ['“the announcer confirms” when lifting resumes', verdict, sent, () => began('pause')],
    ['a challenge when lifting resumes', challenge, taken, () => began('pause')],
    ['all of it when the light check begins', white, taken, () => drill({ ask: 'white' })],
    ['“NOT sent” when presses can leave', red, refused('offline'), () => live(2_000)],
    ['“owlcms is restarting” when it is back', red, refused('deaf'), () => live(2_000)],
  ] as const)('%s', (_, command, answer, happens) => {
    begin()
    pressed(command, answer)
    happens()
    expect(client.view.press).toBeUndefined()
  })

  it.each([
    ['a decision by the down signal or the lights', white, taken, () => change({ fence: 8, shown: 'good' })],
    ['“not taken” when the clock is stopped', white, notTaken, () => began('stopped')],
    ['a decision by a break’s votes', white, taken, () => began('votes')],
    ['a vote by the next athlete', vote, taken, () => began('lift', 'started')],
  ] as const)('and not before: %s', (_, command, answer, happens) => {
    begin()
    pressed(command, answer)
    happens()
    expect(client.view.press?.command).toEqual(command)
  })

  it('with the question of the light check that it answered', () => {
    begin()
    drill({ ask: 'white' })
    pressed(red, { type: 'ack', outcome: 'drill' })
    drill({ ask: 'red' })
    expect(client.view.press).toBeUndefined()
    pressed(red, { type: 'ack', outcome: 'drill' })
    drill(undefined)
    expect(client.view.press).toBeUndefined()
  })

  it('not with its own echo, which comes right after the answer', () => {
    begin()
    const { id } = client.press('A', start, 7)
    says({ ...taken, id })
    began('lift', 'started')
    expect(client.view.press?.state).toEqual({ kind: 'taken' })
    live(500)
    change({ fence: 9, since: { ...state.since, stopped: 9 } })
    expect(client.view.press).toBeUndefined()
  })

  it('never before its end is known, and an older press says nothing after it', () => {
    begin()
    const older = client.press('A', white, 7)
    const { id } = client.press('A', red, 7)
    began('lift')
    expect(client.view.press?.state).toEqual({ kind: 'sending' })
    says({ ...refused('tooLate'), id })
    change({ fence: 9, since: { ...state.since, lift: 9 } })
    says({ ...taken, id: older.id })
    expect(client.view.press).toBeUndefined()
  })
})

describe('the line', () => {
  it('pings once a second while somebody looks, and not while the page is hidden', () => {
    begin()
    live(5_000)
    expect(sentTypes().filter((type) => type === 'ping')).toHaveLength(6)
    client.visible(false)
    clock.advance(30_000)
    expect(sentTypes().filter((type) => type === 'ping')).toHaveLength(6)
  })

  it.each([100, 500, 900])('is known to be dead within 3 s after it died %i ms after a beat', (offset) => {
    begin()
    live(3_000)
    clock.advance(offset)
    clock.advance(3_000)
    expect(client.view.line.kind).toBe('lost')
    expect(lines[0]!.closed).toBe(true)
  })

  it('is doubted after 1.5 s without an answer, and trusted again with the next word', () => {
    begin()
    clock.advance(2_500)
    expect(client.view.line.kind).toBe('checking')
    pong()
    expect(client.view.line.kind).toBe('live')
  })

  it('is tried again at once when it died, and then after random times that grow', () => {
    begin()
    clock.advance(4_000)
    expect(lines).toHaveLength(2)
    random = 0
    for (const delayMs of [500, 500]) {
      line().events.closed(1006, '')
      const before = lines.length
      clock.advance(delayMs - 1)
      expect(lines).toHaveLength(before)
      clock.advance(1)
      expect(lines).toHaveLength(before + 1)
    }
    random = 0.999
    line().events.closed(1006, '')
    const before = lines.length
    clock.advance(6_000)
    expect(lines).toHaveLength(before)
    clock.advance(600)
    expect(lines).toHaveLength(before + 1)
  })

  it.each(['online', 'visible'])('is tried at once when the browser says %s', (what) => {
    begin()
    client.network(false)
    expect(client.view.line.kind).toBe('lost')
    if (what === 'online') client.network(true)
    else client.visible(true)
    expect(lines).toHaveLength(2)
  })

  it('goes on exactly where it was', () => {
    begin()
    says({ type: 'change', platform: 'A', seq: 43, at: 1, changed: { fence: 8 } })
    line().events.closed(1012, '')
    clock.advance(10_000)
    hello()
    expect(line().sent[0]).toMatchObject({
      type: 'start',
      since: { epoch: 'e1', audience: 'seat A referee 2', seq: { A: 43 } },
    })
  })

  it('forgets its place when the bridge has begun another epoch', () => {
    begin()
    line().events.closed(1012, '')
    clock.advance(10_000)
    resume('e2')
    line().events.closed(1012, '')
    clock.advance(10_000)
    hello('e2')
    expect(line().sent[0]).toMatchObject({ since: { epoch: 'e2', seq: { A: 40 } } })
  })

  it.each([3, 9_000])(
    'says no more of a press that another bridge took, whose fences began at %i',
    (first) => {
      begin()
      client.press('A', { kind: 'refereeDecision', referee: 2, value: 'bad' }, 7)
      line().events.closed(1012, 'retry in 0.5 s')
      expect(client.view.press?.state).toEqual({ kind: 'refused', reason: 'lost' })
      clock.advance(500)
      hello('e2')
      says({ type: 'started', audience: 'seat A referee 2', as: { kind: 'seat' }, at: clock.now() })
      const since = { lift: first, started: first, stopped: first, votes: first, pause: first }
      const there = { ...state, fence: first, since }
      says({ type: 'snapshot', platform: 'A', seq: 2, at: clock.now(), reason: 'start', state: there })
      expect(client.view.press).toBeUndefined()
      expect(pressesSent()).toHaveLength(1)
    },
  )

  it.each([4401, 4403, 4409, 4410, 4423, 4406, 4400, 1002, 1009])(
    'ends for good with %i until told to try again',
    (code) => {
      begin()
      line().events.closed(code, '')
      expect(client.view.line).toEqual({ kind: 'ended', code })
      clock.advance(60_000)
      client.visible(true)
      client.network(true)
      expect(lines).toHaveLength(1)
      client.connect()
      expect(lines).toHaveLength(2)
    },
  )

  it.each([1006, 1011, 1012, 4408, 4429, 4440, 4442, 1000])('comes back after %i', (code) => {
    begin()
    line().events.closed(code, '')
    clock.advance(10_000)
    expect(lines.length).toBeGreaterThan(1)
  })

  it.each([1012, 4001])('comes back after %i at the moment that the bridge tells', (code) => {
    begin()
    line().events.closed(code, 'bridge restarting, retry in 3.2 s')
    expect(client.view.line.kind).toBe('lost')
    clock.advance(3_199)
    expect(lines).toHaveLength(1)
    clock.advance(1)
    expect(lines).toHaveLength(2)
  })

  it('waits 5 s where the bridge is full', () => {
    begin()
    line().events.closed(1013, '')
    clock.advance(4_900)
    expect(lines).toHaveLength(1)
    clock.advance(200)
    expect(lines).toHaveLength(2)
  })

  it('leaves nothing behind when it is stopped', () => {
    begin()
    client.press('A', white, 7)
    client.stop()
    expect(clock.pending).toBe(0)
    expect(line().closed).toBe(true)
  })
})

describe('the console, which asks for a fresh token before each line', () => {
  let count: number
  let freshToken: FreshToken

  beforeEach(() => {
    count = 0
    freshToken = () => Promise.resolve({ token: `token ${++count}` })
    client = new StreamClient({ ...world(), token: () => freshToken() })
  })

  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  }

  function greet(): void {
    hello()
    says({ type: 'started', audience: 'admin', as: { kind: 'admin' }, at: clock.now() })
    says({ type: 'status', ready: true, owlcms: { version: '69', jurySize: 5 }, platforms: ['A'] })
    says({ type: 'snapshot', platform: 'A', seq: 4, at: 1, reason: 'start', state })
  }

  it('begins with it, and goes on where it was after a cut, with another one', async () => {
    client.connect()
    await settled()
    greet()
    expect(line().sent[0]).toEqual({ type: 'start', schema: 1, platforms: 'all', token: 'token 1' })
    expect(client.view).toMatchObject({ line: { kind: 'live' }, jurySize: 5, platforms: ['A'] })
    line().events.closed(1006, '')
    expect(client.view.line.kind).toBe('lost')
    expect(client.view.states['A']).toEqual(state)
    clock.advance(10_000)
    await settled()
    hello()
    expect(line().sent[0]).toMatchObject({
      token: 'token 2',
      since: { epoch: 'e1', audience: 'admin', seq: { A: 4 } },
    })
  })

  it.each([4401, 4410])(
    'asks again where a token is no longer good (%i), or none could be had',
    async (code) => {
      client.connect()
      await settled()
      line().events.closed(code, '')
      expect(client.view.line.kind).toBe('lost')
      freshToken = () => Promise.resolve(undefined)
      clock.advance(10_000)
      await settled()
      expect(lines).toHaveLength(1)
      expect(client.view.line.kind).toBe('lost')
      freshToken = () => Promise.resolve({ token: 'token 3' })
      clock.advance(10_000)
      await settled()
      hello()
      expect(line().sent[0]).toMatchObject({ token: 'token 3' })
    },
  )

  it('tries no more once signed out, nor after another final reason', async () => {
    freshToken = () => Promise.resolve('signedOut')
    client.connect()
    await settled()
    expect(client.view.line).toEqual({ kind: 'ended', code: 4410 })
    expect([lines.length, clock.pending]).toEqual([0, 0])
    freshToken = () => Promise.resolve({ token: 'token' })
    client.connect()
    await settled()
    line().events.closed(4406, '')
    expect(client.view.line).toEqual({ kind: 'ended', code: 4406 })
    expect(clock.pending).toBe(0)
  })

  it('opens nothing when it was stopped before the token came', async () => {
    client.connect()
    client.stop()
    await settled()
    expect([lines.length, clock.pending]).toEqual([0, 0])
  })

  it('opens one line when the page is seen again while a token is asked for', async () => {
    client.connect()
    client.visible(true)
    await settled()
    expect(lines).toHaveLength(1)
  })
})

describe('the bridge’s clock', () => {
  it('is learned from the quickest round trip, however wrong the phone’s clock is', () => {
    const aheadMs = -600_000
    client.connect()
    hello()
    says({ type: 'started', audience: 'x', as: { kind: 'viewer' }, at: 0 })
    clock.advance(400)
    says({ type: 'pong', at: clock.now() + aheadMs })
    clock.advance(600)
    clock.advance(20)
    says({ type: 'pong', at: clock.now() - 10 + aheadMs })
    expect(client.roundTripMs).toBe(20)
    expect(client.bridgeNow() - clock.now()).toBe(aheadMs)
  })

  it('is told with a press only once it was measured', () => {
    client.connect()
    hello()
    says({ type: 'started', audience: 'x', as: { kind: 'viewer' }, at: 0 })
    says({ type: 'status', ready: true, platforms: ['A'] })
    client.press('A', white, 7)
    clock.advance(40)
    says({ type: 'pong', at: clock.now() + 980 })
    client.press('A', white, 7)
    expect(pressesSent()).toMatchObject([{ id: 'press-1' }, { id: 'press-2', at: clock.now() + 1_020 }])
    expect(pressesSent()[0]).not.toHaveProperty('at')
  })

  it('is learned anew as soon as a measurement contradicts it, since somebody set the phone’s clock', () => {
    begin()
    live(3_000)
    clock.advance(1_000)
    clock.advance(30)
    says({ type: 'pong', at: clock.now() + 5_000 })
    expect(Math.abs(client.bridgeNow() - clock.now() - 5_000)).toBeLessThan(300)
  })

  it('is learned anew after the page was hidden, since a phone may correct its clock', () => {
    begin()
    live(3_000)
    client.visible(false)
    clock.advance(60_000)
    client.visible(true)
    clock.advance(500)
    says({ type: 'pong', at: clock.now() + 1_750 })
    expect(client.bridgeNow() - clock.now()).toBe(2_000)
  })
})
