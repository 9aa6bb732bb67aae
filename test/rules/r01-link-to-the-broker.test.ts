import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { generate, parser, type Packet } from 'mqtt-packet'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startLink } from '../upstream/start-link.ts'
import { eventually } from '../support/eventually.ts'

interface Broker {
  readonly transport: 'tcp'
  readonly port: number
  readonly packets: Packet[]
  /** The latest connection, on which the link sends. */
  socket(): Socket
  /** The one that subscribed last, on which it listens. */
  listener(): Socket
  /** Grants the subscription, where that was left to the test. */
  grant(): void
}

/** A broker that takes one version, keeps every packet, answers pings, and acknowledges no publication. */
async function startBroker(
  version: 4 | 5,
  options: { readonly connack?: object; readonly grants?: boolean } = {},
): Promise<Broker> {
  const packets: Packet[] = []
  const sockets: Socket[] = []
  let listener: Socket | undefined
  const grant = (): void => {
    const suback: Packet = { cmd: 'suback', messageId: subscribeId(packets), granted: [1] }
    listener?.write(generate(suback, { protocolVersion: version }))
  }
  const server = createServer((socket) => {
    sockets.push(socket)
    const send = (packet: Packet): void => {
      socket.write(generate(packet, { protocolVersion: version }))
    }
    socket.on('error', () => undefined)
    const parse = parser()
    socket.on('data', (bytes) => parse.parse(bytes))
    parse.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect' && packet.protocolVersion !== version) {
        socket.end(generate({ cmd: 'connack', returnCode: 1, sessionPresent: false }))
        return
      }
      packets.push(packet)
      const properties = options.connack ?? {}
      if (packet.cmd === 'connect') {
        send({ cmd: 'connack', reasonCode: 0, returnCode: 0, sessionPresent: false, properties })
      }
      if (packet.cmd === 'pingreq') send({ cmd: 'pingresp' })
      if (packet.cmd === 'subscribe') listener = socket
      if (packet.cmd === 'subscribe' && options.grants !== false) grant()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { transport: 'tcp', port, packets, socket: () => sockets.at(-1)!, listener: () => listener!, grant }
}

function subscribeId(packets: readonly Packet[]): number {
  return packets.findLast(({ cmd }) => cmd === 'subscribe')?.messageId ?? 0
}

describe('the link to the broker (R1, R2)', () => {
  it.each([4, 5] as const)(
    'asks for nothing of the past and for each publication once, its own included (MQTT level %i)',
    async (version) => {
      const broker = await startBroker(version)
      await startLink(broker).untilStatus('connected')
      const [connect, second, subscribe] = broker.packets
      expect(second).toMatchObject({ cmd: 'connect', clean: true, keepalive: 30, protocolVersion: version })
      expect(connect).toMatchObject({ cmd: 'connect', clean: true, keepalive: 30, protocolVersion: version })
      const asked = subscribe?.cmd === 'subscribe' ? subscribe.subscriptions : []
      expect(asked).toEqual([
        version === 5
          ? { topic: 'owlcms/#', qos: 1, nl: false, rap: false, rh: 0 }
          : { topic: 'owlcms/#', qos: 1 },
      ])
      if (connect?.cmd !== 'connect') throw new Error('no CONNECT')
      // A session that the broker kept would bring back last week's presses; a large packet, memory (R7).
      expect([connect.properties?.sessionExpiryInterval, connect.properties?.maximumPacketSize]).toEqual([
        undefined,
        version === 5 ? 256 * 1024 : undefined,
      ])
    },
  )

  it('takes no press before its subscription stands: nobody would see the answer', async () => {
    const broker = await startBroker(5, { grants: false })
    const link = startLink(broker)
    await eventually(() =>
      expect(broker.packets.map(({ cmd }) => cmd)).toEqual(['connect', 'connect', 'subscribe']),
    )
    expect(link.upstream.ready).toBe(false)
    expect(await link.publish('owlcms/clock/A', 'start')).toEqual({ kind: 'offline' })
    broker.grant()
    await link.untilStatus('connected')
    void link.publish('owlcms/clock/A', 'stop')
    await eventually(() => expect(broker.packets).toHaveLength(4))
    expect(broker.packets[3]).toMatchObject({ cmd: 'publish', qos: 1, payload: Buffer.from('stop') })
  })

  it('takes no press while it says goodbye', async () => {
    const broker = await startBroker(5)
    const link = startLink(broker, { timings: { stopTimeoutMs: 200 } })
    await link.untilStatus('connected')
    const underWay = link.publish('owlcms/clock/A', 'start')
    const stopped = link.upstream.stop()
    expect(link.upstream.ready).toBe(false)
    expect(await link.publish('owlcms/clock/A', 'stop')).toEqual({ kind: 'offline' })
    await stopped
    expect(await underWay).toEqual({ kind: 'lost' })
    const said = broker.packets.filter((packet) => packet.cmd === 'publish')
    expect(said.map(({ payload }) => payload.toString())).toEqual(['start'])
  })

  it('is given up when a press stays unacknowledged though pings are answered, and sends it once', async () => {
    const broker = await startBroker(5)
    const timings = { probeTickMs: 20, pingAfterSilenceMs: 50, ackTimeoutMs: 300 }
    const link = startLink(broker, { timings })
    await link.untilStatus('connected')
    expect(await link.publish('owlcms/clock/A', 'start')).toEqual({ kind: 'lost' })
    const { fault } = await link.untilStatus('waiting')
    expect([fault.code, fault.raw]).toEqual([
      'halfOpen',
      expect.stringMatching(/^a PUBLISH stayed unacknowledged/),
    ])
    await link.untilStatus('connected', 2)
    const said = broker.packets.map(({ cmd }) => cmd)
    expect(said.filter((cmd) => cmd === 'publish')).toHaveLength(1)
    expect(said).toContain('pingreq')
  })

  it('refuses what would wait in a socket that does not drain, instead of storing it (R7)', async () => {
    const broker = await startBroker(5)
    const link = startLink(broker)
    await link.untilStatus('connected')
    broker.socket().pause()
    const large = link.publish('owlcms/large', 'x'.repeat(30_000_000))
    expect(await link.publish('owlcms/clock/A', 'start')).toEqual({ kind: 'refused', reasonCode: 0x97 })
    broker.socket().destroy()
    expect(await large).toEqual({ kind: 'lost' })
  })

  it('sends nothing that the broker would hang up for, such as a packet too large for it', async () => {
    const broker = await startBroker(5, { connack: { maximumPacketSize: 100 } })
    const link = startLink(broker)
    await link.untilStatus('connected')
    expect(await link.publish('owlcms/new/A', 'x'.repeat(100))).toEqual({ kind: 'refused', reasonCode: 0x95 })
    // 2 + 2 + 12 + 2 + 1 bytes around the payload make exactly 100.
    void link.publish('owlcms/new/A', 'x'.repeat(81))
    await eventually(() => expect(broker.packets.map(({ cmd }) => cmd).at(-1)).toBe('publish'))
    expect(await link.publish('owlcms/new/A', 'x'.repeat(82))).toEqual({ kind: 'refused', reasonCode: 0x95 })
  })

  it('drops everything stored but the state of bridges, and says so ten times at most (R7, R11)', async () => {
    const broker = await startBroker(5)
    const link = startLink(broker)
    await link.untilStatus('connected')
    const stored = [
      ...Array.from({ length: 15 }, (_, at) => `owlcms/fop/kind${at}/A`),
      'owlcms/bridge/x/state',
    ]
    for (const topic of stored) {
      const packet: Packet = { cmd: 'publish', topic, payload: 'old', qos: 0, dup: false, retain: true }
      broker.listener().write(generate(packet, { protocolVersion: 5 }))
    }
    await link.untilHeard(1)
    expect(link.heard).toEqual([{ topic: 'owlcms/bridge/x/state', payload: 'old', qos: 0, retain: true }])
    expect(link.upstream.counters().ignoredRetained).toBe(15)
    expect(link.log.filter((text) => text.includes('has stored'))).toHaveLength(10)
  })
})
