import { startAedesBroker } from '../../support/aedes-broker.ts'
import { clientAddress } from '../../../src/downstream/transport/client-address.ts'
import { JsonStream } from '../../../src/downstream/json-stream/stream.ts'
import { defaultStreamLimits } from '../../../src/downstream/json-stream/stream-limits.ts'
import { textWebSocketAcceptor } from '../../../src/downstream/transport/socket.ts'
import { ownUpgrades } from '../../../src/downstream/transport/upgrade.ts'
import { createApp } from '../../../src/http/app.tsx'
import { listen } from '../../../src/http/door/listen.ts'
import { Hub } from '../../../src/hub/hub.ts'
import type { Principal } from '../../../src/hub/people/permissions.ts'
import { Platforms } from '../../../src/hub/field/platforms.ts'
import type { PageFiles } from '../../../src/http/shells/page-files.ts'
import type { Platform } from '../../../src/protocol/owlcms/topics.ts'
import { parseSeatKey } from '../../../src/protocol/contract/seat.ts'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { defaultClientLimits } from '../../../src/support/limits.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { createUpstream } from '../../../src/upstream/upstream.ts'
import { viewsOf, webOptions } from '../../http/fixtures.ts'
import { FixedOrder, jane, zoe } from '../../simulator/transcript.ts'

const credentials = { username: 'hall', password: 'test-pass-word' }
const log = createLogger('silent')

/** A hall with everything but people: broker, simulated owlcms, hub, stream and pages, on 127.0.0.1. */
export interface Hall {
  readonly url: string
  readonly owlcms: SimulatedOwlcms
  readonly order: FixedOrder
  /** Topic and payload of every press that reached the broker, in its order. */
  readonly presses: readonly string[]
  /** Whether the bridge is connected to the broker. */
  readonly ready: boolean
  /** Cuts the bridge off its broker for good. */
  loseBroker(): Promise<void>
  stop(): Promise<void>
}

/** Made-up tokens: `A.referee-2` is a seat, `viewer` looks on, anything else is refused. */
function holderOf(token: string | undefined): Principal | undefined {
  if (token === undefined || token === 'viewer') return { kind: 'viewer' }
  const dot = token.indexOf('.')
  const place = parseSeatKey(token.slice(dot + 1))
  if (dot < 1 || place === undefined) return undefined
  return { kind: 'seat', platform: token.slice(0, dot) as Platform, ...place }
}

/** Starts it, with the release of owlcms that is asked for, and a session of Jane and Zoë on platform A, ready to lift. */
export async function startHall(pageFiles: PageFiles, version?: string): Promise<Hall> {
  const broker = await startAedesBroker({ ...credentials, log })
  const presses: string[] = []
  const upstream = createUpstream({
    address: { transport: 'tcp', host: '127.0.0.1', port: broker.port },
    ...credentials,
    clientId: 'keypad-hall',
    clock: systemClock,
    random: Math.random,
    log,
  })
  const platforms = new Platforms({ clock: systemClock, random: Math.random })
  const hub = new Hub({ clock: systemClock, upstream, platforms })
  upstream.onStatus(() => {
    hub.linkChanged(upstream.ready)
  })
  upstream.onPublication({
    receive({ topic, payload }) {
      if (/^owlcms\/(refbox|jurybox|clock)\//.test(topic))
        presses.push(`${topic.slice('owlcms/'.length)} ${Buffer.from(payload).toString()}`)
    },
  })
  upstream.onPublication(hub)
  const stream = new JsonStream({
    hub,
    platforms,
    clock: systemClock,
    log,
    version: '0.0.0-test',
    clientLimits: { ...defaultClientLimits, flushWindowMs: 0 },
    authenticateToken: holderOf,
  })
  const app = createApp(
    viewsOf(() => ({})),
    webOptions({ pageFiles }),
  )
  const http = await listen(app, { host: '127.0.0.1', port: 0 })
  const { closeTimeoutMs } = defaultClientLimits
  const acceptor = textWebSocketAcceptor(
    { ...defaultStreamLimits, closeTimeoutMs },
    systemClock,
    clientAddress('other'),
  )
  ownUpgrades(
    http.server,
    [
      {
        path: '/ws',
        accept: (...upgrade) => acceptor.accept(...upgrade, (transport) => stream.accept(transport)),
      },
    ],
    { clock: systemClock, closeTimeoutMs, allowedOrigins: [] },
  )
  upstream.start()
  const owlcms = startSimulatedOwlcms({
    address: { transport: 'tcp', host: '127.0.0.1', port: broker.port },
    ...credentials,
    platforms: ['A'],
    ...(version === undefined ? {} : { version }),
    clock: systemClock,
    log,
  })
  await owlcms.ready
  const order = new FixedOrder([jane, zoe, { ...zoe, attemptNumber: 2 }, jane])
  const desk = owlcms.console('A')
  desk.loadSession(order)
  desk.startLifting()
  return {
    url: `http://127.0.0.1:${http.port}`,
    owlcms,
    order,
    presses,
    get ready() {
      return upstream.ready
    },
    loseBroker: () => broker.stop(),
    async stop() {
      await owlcms.stop()
      stream.close()
      await upstream.stop()
      stream.destroy()
      await http.close()
      await broker.stop()
    },
  }
}
