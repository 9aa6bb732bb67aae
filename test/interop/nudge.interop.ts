import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { FakeUpstream, publication } from '../support/fake-upstream.ts'
import { later } from '../support/later.ts'
import { describeIf } from '../support/requirements.ts'
import { startGateway, type RunningGateway } from '../support/running-gateway.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { clientKinds, type Client, type ClientOptions } from './support/clients.ts'
import { pahoJava } from './support/foreign.ts'

/**
 * Heroku cuts a connection after 55 s without a byte, Paho Java's keep-alive is 60 s, and a WebSocket ping ends
 * its connection (docs/platforms.md 5). So the bridge sends an empty binary frame instead. Here the proxy
 * cuts after 2.5 s, and the gateway, which looks once a second, nudges at each look.
 */
const idleCutMs = 2_500
const nudgeMs = 500
const never = 1e9

const echo = 'owlcms/fop/decision/A'

const startRunning = async (idleNudgeMs: number): Promise<RunningGateway> =>
  later(await startGateway(new FakeUpstream(), { limits: { idleNudgeMs } }))

/** Connects one kind of client through a proxy that cuts what is idle; without a limit it only passes bytes. */
async function connectThrough(name: string, port: number, idleCut?: number): Promise<Client> {
  const kind = clientKinds.find((each) => each.name === name)
  if (kind === undefined) throw new Error(`no client ${name}`)
  const door = later(await startTcpProxy(port, { idleCutMs: idleCut }))
  const options: ClientOptions = {
    ...{ transport: 'ws', port: door.port, clientId: 'idle', user: 'any', password: 'any' },
    ...{ caFile: '-', pressTopic: 'owlcms/refbox/decision/A' },
  }
  return later(await kind.start(options))
}

for (const { name, needs } of clientKinds.filter(({ transports }) => transports.includes('wss'))) {
  describeIf(needs)(`${name} behind a proxy that cuts idle connections`, () => {
    it('stays connected through empty frames, and hears what comes after them', async ({ task }) => {
      const { hub, webSocketPort } = await startRunning(nudgeMs)
      const client = await connectThrough(name, webSocketPort, idleCutMs)
      task.meta.tested = `${name} (${client.version}), idle on ws`
      await sleep(2 * idleCutMs)
      hub.receive(publication(echo, '1 good'))
      await client.lines.said(`heard ${echo} 1 good`)
      expect(client.lines.all).toEqual(['connected', `heard ${echo} 1 good`])
    })
  })
}

describeIf(pahoJava.needs)('Paho Java over a WebSocket', () => {
  it('is cut when nothing keeps the line busy', async () => {
    const { webSocketPort } = await startRunning(never)
    const client = await connectThrough('Paho Java', webSocketPort, idleCutMs)
    await client.lines.until((lines) => lines.some((line) => line.startsWith('lost')), 'lost')
    expect(client.lines.all[0]).toBe('connected')
  })

  it('hears a publication between two empty frames of the same write', async () => {
    const { hub, client, socket } = await withRawSocket()
    socket.write(Buffer.from([0x82, 0x00, 0x82, 0x00, 0x82, 0x00]))
    hub.receive(publication(echo, '2 bad'))
    await client.lines.said(`heard ${echo} 2 bad`)
    socket.write(Buffer.from([0x82, 0x00]))
    hub.receive(publication(echo, '3 good'))
    await client.lines.said(`heard ${echo} 3 good`)
    expect(client.lines.all).toEqual(['connected', `heard ${echo} 2 bad`, `heard ${echo} 3 good`])
  })

  it.each([
    ['a ping', [0x89, 0x00]],
    ['a pong', [0x8a, 0x00]],
    ['an empty text frame', [0x81, 0x00]],
    ['an empty binary message in two fragments', [0x02, 0x00, 0x80, 0x00]],
  ])('does not survive %s, which is why it must be an empty binary frame', async (_name, bytes) => {
    const { client, socket } = await withRawSocket()
    socket.write(Buffer.from(bytes))
    await client.lines.until((lines) => lines.some((line) => line.startsWith('lost')), 'lost')
    expect(client.lines.all[0]).toBe('connected')
  })

  /** Paho Java on a gateway that never nudges, and the socket that leads to it, to write any bytes. */
  async function withRawSocket(): Promise<RunningGateway & { client: Client; socket: Duplex }> {
    const running = await startRunning(never)
    const upgraded = once(running.http, 'upgrade') as Promise<[unknown, Duplex]>
    const client = await connectThrough('Paho Java', running.webSocketPort)
    const [, socket] = await upgraded
    return { ...running, client, socket }
  }
})
