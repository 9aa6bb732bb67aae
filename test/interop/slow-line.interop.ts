import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { UpstreamLink } from '../../src/hub/upstream-link.ts'
import { line } from '../support/fake-upstream.ts'
import { later } from '../support/later.ts'
import { startGateway, type RunningGateway } from '../support/running-gateway.ts'
import { loadMqttJs } from './support/clients.ts'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A line in front of a bridge: each connection's bytes are delayed, in order. */
interface SlowLine {
  readonly port: number
  /** Leads elsewhere from now on, and cuts what is open. */
  leadTo(port: number, delays: LineDelays): void
  stop(): Promise<void>
}

interface LineDelays {
  /** Milliseconds one way until the bridge has said `hellos` things, the last of which is CONNACK. */
  readonly beforeMs: number
  readonly hellos: number
  /** Milliseconds one way after it. */
  readonly afterMs: number
  /** Which of the client's pieces after CONNACK comes 1 s late. */
  readonly lateAt?: number
}

/** Opens it on a free port of 127.0.0.1, quick and leading nowhere. */
async function startSlowLine(): Promise<SlowLine> {
  const sockets = new Set<Socket>()
  let target = 0
  let delays: LineDelays = { beforeMs: 0, hellos: 0, afterMs: 0 }
  const server = createServer((near) => {
    near.setNoDelay(true)
    sockets.add(near)
    near.on('error', () => undefined)
    if (target === 0) {
      near.destroy()
      return
    }
    const far = connect(target, '127.0.0.1')
    far.setNoDelay(true)
    sockets.add(far)
    far.on('error', () => undefined)
    const mine = delays
    let said = 0
    let pieces = 0
    const carry = (from: Socket, to: Socket, delayMs: () => number): void => {
      const waiting: Buffer[] = []
      let free = 0
      from.on('data', (bytes) => {
        const now = performance.now()
        free = Math.max(free, now + delayMs())
        waiting.push(bytes)
        // Timers of about the same time may fire in any order; the pieces go in theirs.
        setTimeout(() => to.write(waiting.shift() ?? ''), free - now)
      })
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    carry(far, near, () => (said++ < mine.hellos ? mine.beforeMs : mine.afterMs))
    carry(near, far, () => {
      if (said < mine.hellos) return mine.beforeMs
      return mine.afterMs + (pieces++ === mine.lateAt ? 1_000 : 0)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port, how) {
      target = port
      delays = how
      cut()
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}

/**
 * MQTT.js over real sockets: connected, the bridge is killed, the official presses, the bridge is back, and from then on
 * the line is slow (R4). What it stored must not reach owlcms; what is pressed a moment later must. The whole matrix, in
 * memory, is in test/rules/r04-offline-queue.test.ts.
 */

const press = (name: string): string => `owlcms/refbox/decision/${name}`

async function startBridge(): Promise<RunningGateway & { readonly arrived: readonly string[] }> {
  const arrived: string[] = []
  const upstream: UpstreamLink = {
    ...{ ready: true, room: true },
    publish(publication, settled) {
      arrived.push(line(publication))
      setTimeout(() => settled({ kind: 'delivered' }), 30)
    },
  }
  return { ...later(await startGateway(upstream)), arrived }
}

interface Row {
  readonly library: 'mqtt4' | 'mqtt'
  readonly transport: 'tcp' | 'ws'
  readonly qos: 0 | 1 | 2
  readonly beforeMs: number
  readonly afterMs: number
  readonly lateAt?: number
}

/** What arrived of the old presses, and ms from `connect` to the first fresh press that got through. */
async function story({
  library,
  transport,
  qos,
  ...delays
}: Row): Promise<{ late: string[]; freshAfterMs: number }> {
  const slow = later(await startSlowLine())
  const port = (bridge: RunningGateway): number =>
    transport === 'tcp' ? bridge.tcpPort : bridge.webSocketPort
  const first = await startBridge()
  slow.leadTo(port(first), { beforeMs: 0, hellos: 0, afterMs: 0 })
  const url = transport === 'tcp' ? `mqtt://127.0.0.1:${slow.port}` : `ws://127.0.0.1:${slow.port}/mqtt`
  const client = loadMqttJs(library).connect(url, { reconnectPeriod: 300, clientId: 'red' })
  later({ stop: () => new Promise<void>((resolve) => client.end(true, {}, () => resolve())) })
  client.on('error', () => undefined)
  await new Promise<void>((resolve) => client.once('connect', () => resolve()))
  client.subscribe('owlcms/fop/#')
  await sleep(300)
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  slow.leadTo(0, { beforeMs: 0, hellos: 0, afterMs: 0 })
  await first.stop()
  await closed
  for (let at = 0; at < 3; at += 1) client.publish(press(`old-${at}`), '1 bad', { qos })
  const second = await startBridge()
  slow.leadTo(port(second), { ...delays, hellos: transport === 'tcp' ? 1 : 2 })
  await new Promise<void>((resolve) => client.once('connect', () => resolve()))
  const connectedAt = performance.now()
  const made = new Map<string, number>()
  for (let at = 0; at < 60; at += 1) {
    const name = press(`fresh-${at}`)
    made.set(`${name} 1 good`, performance.now() - connectedAt)
    client.publish(name, '1 good', { qos })
    await sleep(100)
  }
  await sleep(4 * delays.afterMs + 500)
  const through = second.arrived.flatMap((arrived) => made.get(arrived) ?? [])
  return {
    late: second.arrived.filter((arrived) => arrived.includes('/old-')),
    freshAfterMs: Math.round(Math.min(Infinity, ...through)),
  }
}

const lines = [
  { beforeMs: 20, afterMs: 350 },
  { beforeMs: 100, afterMs: 100 },
  { beforeMs: 900, afterMs: 900 },
  { beforeMs: 20, afterMs: 20, lateAt: 1 },
]

for (const library of ['mqtt4', 'mqtt'] as const) {
  for (const transport of ['tcp', 'ws'] as const) {
    it(`what MQTT.js ${library === 'mqtt' ? 5 : 4} stored never reaches owlcms over a slow line on ${transport}, and a fresh press does soon`, async ({
      task,
    }) => {
      task.meta.tested = `MQTT.js (${loadMqttJs(library).version}), its offline queue on ${transport}`
      const rows = ([0, 1, 2] as const).flatMap((qos) =>
        lines.map((each) => ({ library, transport, qos, ...each })),
      )
      const endings = await Promise.all(rows.map(story))
      // The table of delays, client, QoS and transport that the suite is run for.
      // eslint-disable-next-line no-console
      console.table(rows.map((row, at) => ({ ...row, ...endings[at], late: endings[at]?.late.length })))
      expect(endings.map(({ late }) => late)).toEqual(rows.map(() => []))
      for (const [at, { afterMs, lateAt }] of rows.entries()) {
        // A packet that came late holds up what was pressed after it.
        const mostMs = 1_000 + 4 * afterMs + (lateAt === undefined ? 0 : 1_000)
        expect(endings[at]?.freshAfterMs).toBeLessThan(mostMs + 300)
      }
    })
  }
}
