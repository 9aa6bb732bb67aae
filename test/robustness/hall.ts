import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet'
import type { Limits } from '../../src/support/limits.ts'
import { RawWebSocket, type RawWebSocketOptions } from '../support/raw-websocket.ts'
import { later } from '../support/later.ts'
import {
  connectDevice,
  hallLogin,
  startTestHall,
  type Device,
  type TestBridge,
} from '../support/running-bridge.ts'
import { heard } from '../rules/stage.ts'
import type { TestBroker } from '../support/tls-broker.ts'

/** The whole program and a broker, both on sockets of this process. */
export class Hall {
  readonly broker: TestBroker
  readonly bridge: TestBridge

  static async open(limits: Partial<Limits> = {}): Promise<Hall> {
    const { broker, bridge } = await startTestHall(undefined, {}, { limits })
    return new Hall(broker, bridge)
  }

  private constructor(broker: TestBroker, bridge: TestBridge) {
    this.broker = broker
    this.bridge = bridge
  }

  /** The counters of `/status`. */
  async counters(): Promise<Record<string, number>> {
    const response = await fetch(`${this.bridge.url}/status`)
    const { checks } = (await response.json()) as { checks: Record<string, { observedValue: number }[]> }
    return Object.fromEntries(
      Object.entries(checks).flatMap(([name, [check]]) =>
        name.startsWith('counter:') ? [[name.slice('counter:'.length), check!.observedValue]] : [],
      ),
    )
  }

  /** Why the bridge hung up on clients, in its own log. */
  get endings(): { closeCode: number; reason: string }[] {
    return this.bridge.logLines
      .map((line) => JSON.parse(line) as { msg: string; closeCode: number; reason: string })
      .filter(({ msg }) => msg === 'connection ended by us')
      .map(({ closeCode, reason }) => ({ closeCode, reason }))
  }

  /** An unmodified MQTT.js client that is subscribed to what owlcms says. */
  async wellClient(clientId = 'well'): Promise<Device> {
    const url = `ws://127.0.0.1:${this.bridge.port}/mqtt`
    return later(await connectDevice(url, { ...hallLogin, clientId, subscribe: 'owlcms/fop/#' }))
  }

  /** A client that speaks WebSocket by hand, after the handshake. */
  async raw(options?: RawWebSocketOptions): Promise<RawWebSocket> {
    const client = await RawWebSocket.open(this.bridge.port, options)
    later({ stop: async () => client.socket.destroy() })
    return client
  }

  /** One that has also sent CONNECT and SUBSCRIBE by hand, and seen both answered. */
  async rawSubscriber(
    connect: Partial<IConnectPacket> = {},
    options?: RawWebSocketOptions,
  ): Promise<RawWebSocket> {
    const client = await this.raw(options)
    const version = connect.protocolVersion === 5 ? 5 : 4
    client.send(connectBytes(connect))
    client.send(subscribeBytes(version))
    await client.until(() => packetsOf(client, version).length === 2 || client.gone)
    return client
  }
}

export function bytes(packet: Packet, protocolVersion: 4 | 5 = 4): Buffer {
  return mqttPacket.generate(packet, { protocolVersion })
}

/** SUBSCRIBE to what owlcms says. */
export function subscribeBytes(version: 4 | 5 = 4): Buffer {
  return bytes(
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'owlcms/fop/#', qos: 0 }] },
    version,
  )
}

/** A good CONNECT (3.1.1), but for what is given. */
export function connectBytes(options: Partial<IConnectPacket> = {}): Buffer {
  return mqttPacket.generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: 'raw',
    clean: true,
    keepalive: 30,
    username: hallLogin.username,
    password: Buffer.from(hallLogin.password),
    ...options,
  })
}

/** The MQTT packets that a client has received in binary frames. */
export function packetsOf(client: RawWebSocket, protocolVersion: 4 | 5 = 4): Packet[] {
  const packets: Packet[] = []
  const parser = mqttPacket.parser({ protocolVersion })
  parser.on('packet', (packet: Packet) => packets.push(packet))
  for (const { opcode, payload } of client.frames) if (opcode === 2) parser.parse(payload)
  return packets
}

/** `topic payload` of each PUBLISH among them. */
export function heardBy(client: RawWebSocket): string[] {
  return heard(packetsOf(client))
}
