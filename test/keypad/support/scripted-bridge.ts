import { WebSocketServer, type WebSocket } from 'ws'
import { createApp } from '../../../src/http/app.tsx'
import { listen } from '../../../src/http/door/listen.ts'
import type { PageFiles } from '../../../src/http/shells/page-files.ts'
import type { Seat } from '../../../src/protocol/contract/seat.ts'
import type { ServerMessage } from '../../../src/protocol/contract/stream-message.ts'
import type { VisibleState } from '../../../src/protocol/field/visible-state.ts'
import { viewsOf, webOptions } from '../../http/fixtures.ts'

type Said = Readonly<Record<string, unknown>>

/** The real pages before a bridge that says what a test tells it to, over a real WebSocket. */
export interface ScriptedBridge {
  readonly url: string
  /** What pages said, oldest first, pings left out. */
  readonly heard: readonly Said[]
  /** Who the next page is; undefined: a viewer. */
  seat: Pick<Seat, 'role' | 'number'> | undefined
  /** Where the next page sits; A unless told. */
  platform: string
  /** What the next page sees first. */
  state: VisibleState
  ready: boolean
  /** Told to every page that is here. */
  say(message: ServerMessage | Said): void
  /** Resolves when the pages have said something of this type, so many times in all. */
  hears(type: string, count?: number): Promise<readonly Said[]>
  /** Hangs up on every page. */
  close(code: number): void
  /** Answers no pings, and nobody who comes anew: the line is dead, and nobody says so. */
  mute: boolean
  stop(): Promise<void>
}

/** The state of a platform A where an athlete is called, changed as a test needs it. */
export function stateOf(changes: Partial<VisibleState> = {}): VisibleState {
  return {
    platform: 'A' as VisibleState['platform'],
    fence: 5,
    since: { lift: 0, started: 0, stopped: 0, votes: 0, pause: 0 },
    phase: { kind: 'athleteCalled' },
    clock: { kind: 'stopped', remainingMs: 60_000, at: 0 },
    decisions: {},
    down: false,
    summoned: [],
    jury: { size: 3, votes: {}, revealed: false },
    attempt: { athleteName: 'GARCÍA-MÜLLER, Inés', attemptNumber: 2, liftType: 'SNATCH', session: 'W1' },
    owlcms: { state: 'present' },
    ...changes,
  }
}

export async function startScriptedBridge(pageFiles: PageFiles): Promise<ScriptedBridge> {
  const app = createApp(
    viewsOf(() => ({})),
    webOptions({ pageFiles }),
  )
  const http = await listen(app, { host: '127.0.0.1', port: 0 })
  const sockets = new WebSocketServer({ server: http.server, path: '/ws' })
  const heard: Said[] = []
  const waiting = new Set<() => void>()
  const tell = (socket: WebSocket, message: object): void => socket.send(JSON.stringify(message))
  const bridge: ScriptedBridge = {
    url: `http://127.0.0.1:${http.port}`,
    heard,
    seat: { role: 'referee', number: 2 },
    platform: 'A',
    state: stateOf(),
    ready: true,
    mute: false,
    say(message) {
      for (const socket of sockets.clients) tell(socket, message)
    },
    async hears(type, count = 1) {
      const found = (): readonly Said[] => heard.filter((said) => said['type'] === type)
      while (found().length < count) await new Promise<void>((resolve) => waiting.add(resolve))
      return found()
    },
    close(code) {
      for (const socket of sockets.clients) socket.close(code)
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await http.close()
    },
  }
  sockets.on('connection', (socket) => {
    if (bridge.mute) return
    tell(socket, { type: 'hello', schema: { min: 1, max: 1 }, epoch: 'e', version: '1', at: Date.now() })
    socket.on('message', (data: Buffer) => {
      const said = JSON.parse(data.toString()) as Said
      if (said['type'] === 'ping') {
        if (!bridge.mute) tell(socket, { type: 'pong', at: Date.now() })
        return
      }
      heard.push(said)
      if (said['type'] === 'start') {
        const as =
          bridge.seat === undefined
            ? { kind: 'viewer' }
            : { kind: 'seat', platform: bridge.platform, ...bridge.seat }
        tell(socket, { type: 'started', audience: 'test', as, at: Date.now() })
        tell(socket, { type: 'status', ready: bridge.ready, platforms: [bridge.platform] })
        tell(socket, {
          type: 'snapshot',
          platform: bridge.platform,
          seq: 1,
          at: Date.now(),
          reason: 'start',
          state: bridge.state,
        })
      }
      for (const wake of waiting) wake()
      waiting.clear()
    })
  })
  return bridge
}
