import { Aedes, type Client } from 'aedes'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { errorText } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'
import type { Topic, TopicFilter } from '../protocol/topic.ts'
import type { DeviceEvents, DeviceLine } from './trial.ts'

export interface DeviceBroker {
  /** Where devices come in: plain MQTT on every address of this computer. */
  readonly devicePort: number
  /** Where the simulated owlcms comes in: on 127.0.0.1, for this program only. */
  readonly owlcmsPort: number
  readonly line: DeviceLine
  /** Cuts every client and frees the ports. */
  stop(): Promise<void>
}

/**
 * A broker as owlcms's own is (docs/owlcms.md 1.2): plain MQTT, no password. Behind the devices' door everything is told as the
 * device sent it.
 * @throws when the port is taken or not allowed.
 */
export async function startDeviceBroker(options: {
  /** 0 for any free port. */
  readonly port: number
  readonly log: Logger
}): Promise<DeviceBroker> {
  const { log } = options
  const broker = await Aedes.createBroker()
  const devices = new Set<Socket>()
  const programs = new Set<Socket>()
  let shut = false
  let events: DeviceEvents | undefined
  const isDevice = (client: Client | null): client is Client =>
    client !== null && devices.has(client.conn as Socket)

  broker.on('clientReady', (client) => {
    if (isDevice(client)) events?.connected(client.id)
  })
  broker.on('subscribe', (subscriptions, client) => {
    if (!isDevice(client)) return
    for (const { topic } of subscriptions) events?.subscribed(topic as TopicFilter)
  })
  broker.on('publish', ({ topic, payload, qos, retain }, client) => {
    if (!isDevice(client)) return
    events?.published({ topic: topic as Topic, payload: Buffer.from(payload), qos, retain })
  })
  for (const event of ['clientError', 'connectionError'] as const) {
    broker.on(event, (_client, error) => log.debug({ error: errorText(error) }, 'a device was lost'))
  }

  const deviceServer = door(broker, devices, () => shut)
  const owlcmsServer = door(broker, programs, () => false)
  // Both families: a box may know the computer by either.
  deviceServer.listen(options.port)
  await once(deviceServer, 'listening')
  owlcmsServer.listen(0, '127.0.0.1')
  await once(owlcmsServer, 'listening')
  return {
    devicePort: portOf(deviceServer),
    owlcmsPort: portOf(owlcmsServer),
    line: {
      listen: (listener) => (events = listener),
      cut() {
        shut = true
        for (const socket of devices) socket.destroy()
      },
      open: () => (shut = false),
    },
    async stop() {
      const closed = [deviceServer, owlcmsServer].map((server) => once(server, 'close'))
      deviceServer.close()
      owlcmsServer.close()
      await new Promise<void>((resolve) => broker.close(resolve))
      for (const socket of [...devices, ...programs]) socket.destroy()
      await Promise.all(closed)
    },
  }
}

function door(broker: Aedes, sockets: Set<Socket>, isShut: () => boolean): Server {
  return createServer({ noDelay: true }, (socket) => {
    if (isShut()) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    broker.handle(socket)
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('a TCP server has a port while it listens')
  return address.port
}
