import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet'
import type { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { tcpFraming } from '../../src/downstream/transport/tcp-listener.ts'
import type { Transport, TransportEvents } from '../../src/downstream/transport/transport.ts'
import type { CloseCode } from '../../src/protocol/contract/close-codes.ts'
import type { FakeClock } from './fake-clock.ts'

/**
 * An MQTT client without a socket: packets in and out of a gateway by hand, on the test's own clock.
 * `closed` is the reason the gateway gave; the test decides when the socket really goes.
 */
export class MemoryClient implements Transport {
  readonly framing = tcpFraming
  readonly remoteAddress: string
  readonly received: Packet[] = []
  readonly #clock: FakeClock
  readonly #version: 3 | 4 | 5
  readonly #parser: ReturnType<typeof mqttPacket.parser>
  #events: TransportEvents | undefined
  bufferedBytes = 0
  closed: CloseCode | undefined
  destroyed = false
  reading = true

  constructor(gateway: MqttGateway, clock: FakeClock, version: 3 | 4 | 5 = 4, remoteAddress = '192.0.2.1') {
    this.remoteAddress = remoteAddress
    this.#clock = clock
    this.#version = version
    this.#parser = mqttPacket.parser({ protocolVersion: version })
    this.#parser.on('packet', (packet: Packet) => this.received.push(packet))
    gateway.accept(this)
  }

  open(events: TransportEvents): void {
    this.#events = events
  }
  write(frames: Uint8Array): void {
    this.#parser.parse(Buffer.from(frames))
  }
  close(reason: CloseCode): void {
    this.closed ??= reason
    this.drop()
  }
  stopReading(): void {
    this.reading = false
  }
  destroy(): void {
    this.destroyed = true
    this.drop()
  }

  /** The socket goes, without a word. */
  drop(): void {
    const events = this.#events
    this.#events = undefined
    events?.closed()
  }

  bytes(bytes: Uint8Array): void {
    this.#events?.bytes(bytes)
    this.#clock.finishTurn()
  }

  send(packet: Packet): void {
    this.bytes(mqttPacket.generate(packet, { protocolVersion: this.#version }))
  }

  /** Everything received since the last call. */
  take(): Packet[] {
    this.#clock.finishTurn()
    return this.received.splice(0)
  }

  connect(options: Partial<IConnectPacket> = {}): Packet | undefined {
    this.send({
      cmd: 'connect',
      protocolId: this.#version === 3 ? 'MQIsdp' : 'MQTT',
      protocolVersion: this.#version,
      clientId: 'box-1',
      clean: true,
      keepalive: 20,
      username: 'hall',
      password: Buffer.from('secret'),
      ...options,
    })
    return this.take()[0]
  }
}
