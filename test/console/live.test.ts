import { describe, expect, it } from 'vitest'
import {
  LiveStream,
  type LiveEvent,
  type LivePicture,
  type LiveSocketEvents,
} from '../../src/console/organiser/live.ts'
import type { StreamIdentity } from '../../src/protocol/stream-message.ts'
import { FakeClock } from '../support/fake-clock.ts'

const admin: StreamIdentity = { kind: 'admin' }

class Line {
  readonly sent: unknown[] = []
  closed = false
  readonly events: LiveSocketEvents

  constructor(events: LiveSocketEvents) {
    this.events = events
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.closed = true
  }

  say(message: object): void {
    this.events.text(JSON.stringify(message))
  }
}

/** A console with its lines to the bridge, on the test's own clock. */
function start(
  token: () => Promise<{ token: string } | 'signedOut' | undefined> = async () => ({ token: 'fresh' }),
) {
  const clock = new FakeClock()
  const lines: Line[] = []
  const events: LiveEvent[] = []
  const seen: { picture?: LivePicture } = {}
  const stream = new LiveStream({
    openSocket: (handlers) => {
      const line = new Line(handlers)
      lines.push(line)
      return line
    },
    token,
    timers: clock,
    random: () => 0,
    onPicture: (picture) => (seen.picture = picture),
    onEvent: (event) => events.push(event),
  })
  stream.start()
  const greet = (line: Line, epoch = 'e1') => {
    line.say({ type: 'hello', schema: { min: 1, max: 1 }, epoch, version: '1', at: clock.now() + 5_000 })
    line.say({ type: 'started', audience: 'admin', as: admin, at: clock.now() })
  }
  return { clock, lines, events, stream, greet, picture: () => seen.picture }
}

const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}
const state = { platform: 'A', fence: 1, phase: { kind: 'idle' }, decisions: {} }
const snapshot = { type: 'snapshot', platform: 'A', seq: 4, at: 1, reason: 'start', state }

describe('the live picture', () => {
  it('starts with a fresh token, lays changes over the snapshot and hands on each message', async () => {
    const { lines, greet, picture, events } = start()
    await settled()
    const [line] = lines as [Line]
    greet(line)
    expect(line.sent).toEqual([{ type: 'start', schema: 1, token: 'fresh', platforms: 'all' }])
    line.say(snapshot)
    const changed = { phase: { kind: 'clockRunning' }, decisions: null }
    line.say({ type: 'event', platform: 'A', seq: 5, at: 2, topic: 't', payload: '', message: {}, changed })
    expect(picture()?.connection).toBe('live')
    expect(picture()?.clockOffsetMs).toBe(5_000)
    expect(picture()?.platforms.get('A')).toEqual({
      platform: 'A',
      fence: 1,
      phase: { kind: 'clockRunning' },
    })
    expect(events).toHaveLength(1)
  })

  it('goes on where it was after a cut, with another token', async () => {
    let count = 0
    const { clock, lines, greet, picture } = start(async () => ({ token: `token ${(count += 1)}` }))
    await settled()
    greet(lines[0]!)
    lines[0]!.say(snapshot)
    lines[0]!.events.closed(1006, '')
    expect(picture()?.connection).toBe('lost')
    clock.advance(500)
    await settled()
    greet(lines[1]!)
    expect(lines[1]!.sent).toEqual([
      {
        type: 'start',
        schema: 1,
        token: 'token 2',
        platforms: 'all',
        since: { epoch: 'e1', audience: 'admin', seq: { A: 4 } },
      },
    ])
    expect(picture()?.platforms.get('A')).toEqual(state)
  })

  it('forgets its place when the bridge was restarted', async () => {
    const { clock, lines, greet } = start()
    await settled()
    greet(lines[0]!)
    lines[0]!.say(snapshot)
    lines[0]!.events.closed(1012, '')
    clock.advance(500)
    await settled()
    greet(lines[1]!, 'e2')
    lines[1]!.events.closed(1012, '')
    clock.advance(500)
    await settled()
    greet(lines[2]!, 'e2')
    expect(lines[2]!.sent[0]).toMatchObject({ since: { epoch: 'e2', seq: {} } })
  })

  it.each([1012, 4001])('comes back after %i at the moment that the bridge tells', async (code) => {
    const { clock, lines, greet, picture } = start()
    await settled()
    greet(lines[0]!)
    lines[0]!.events.closed(code, 'bridge restarting, retry in 3.2 s')
    expect(picture()?.connection).toBe('lost')
    clock.advance(3_199)
    await settled()
    expect(lines).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(lines).toHaveLength(2)
  })

  it('notices a line that died without a word, and pings one that lives', async () => {
    const { clock, lines, greet, picture } = start()
    await settled()
    greet(lines[0]!)
    clock.advance(4_000)
    expect(lines[0]!.sent.at(-1)).toEqual({ type: 'ping' })
    lines[0]!.say({ type: 'pong', at: clock.now() })
    clock.advance(8_000)
    expect(lines[0]!.closed).toBe(false)
    clock.advance(4_000)
    expect(lines[0]!.closed).toBe(true)
    expect(picture()?.connection).toBe('lost')
    clock.advance(500)
    await settled()
    expect(lines).toHaveLength(2)
  })

  it('leaves out platforms that owlcms no longer has', async () => {
    const { lines, greet, picture } = start()
    await settled()
    greet(lines[0]!)
    lines[0]!.say(snapshot)
    lines[0]!.say({ type: 'status', ready: true, owlcms: { version: '69', jurySize: 5 }, platforms: ['B'] })
    expect([...(picture()?.platforms.keys() ?? [])]).toEqual([])
    expect(picture()?.jurySize).toBe(5)
  })

  it.each([
    [4401, 'lost', 2, 500],
    [1012, 'lost', 2, 500],
    [1013, 'lost', 2, 10_000],
    [4406, 'refused', 1, 60_000],
  ] as const)('after close code %i it is %s', async (code, connection, lines, waitMs) => {
    const hall = start()
    await settled()
    hall.greet(hall.lines[0]!)
    hall.lines[0]!.events.closed(code, '')
    expect(hall.picture()?.connection).toBe(connection)
    hall.clock.advance(waitMs - 1)
    await settled()
    expect(hall.lines).toHaveLength(1)
    hall.clock.advance(1)
    await settled()
    expect(hall.lines).toHaveLength(lines)
  })

  it('does not try again when signed out, and leaves no timer behind when stopped', async () => {
    const out = start(async () => 'signedOut')
    await settled()
    expect(out.picture()?.connection).toBe('refused')
    expect(out.clock.pending).toBe(0)
    const hall = start()
    await settled()
    hall.greet(hall.lines[0]!)
    hall.stream.stop()
    expect(hall.lines[0]!.closed).toBe(true)
    expect(hall.clock.pending).toBe(0)
  })
})
