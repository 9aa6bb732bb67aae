import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet'
import type { MqttGateway } from '../../src/downstream/mqtt-gateway/gateway.ts'
import { tcpFraming } from '../../src/downstream/transport/tcp-listener.ts'
import type { TextTransport, TextTransportEvents } from '../../src/downstream/transport/text-transport.ts'
import type { Transport, TransportEvents } from '../../src/downstream/transport/transport.ts'
import type { CloseCode } from '../../src/protocol/contract/close-codes.ts'
import type { ServerMessage } from '../../src/protocol/contract/stream-message.ts'
import type { FakeClock } from './fake-clock.ts'
import { opcodes, readFrame } from './raw-websocket.ts'

/**
 * A client without a socket, on the test's own clock. `closed` is the reason that the bridge gave; the test decides when the socket
 * really goes.
 */
class MemoryConnection<Events extends { closed(): void }, Received> {
  readonly remoteAddress: string
  readonly received: Received[] = []
  readonly #clock: FakeClock
  protected events: Events | undefined
  bufferedBytes = 0
  closed: CloseCode | undefined
  destroyed = false
  reading = true

  constructor(clock: FakeClock, remoteAddress: string) {
    this.#clock = clock
    this.remoteAddress = remoteAddress
  }

  open(events: Events): void {
    this.events = events
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
    const { events } = this
    this.events = undefined
    events?.closed()
  }

  /** Everything received since the last call. */
  take(): Received[] {
    this.#clock.finishTurn()
    return this.received.splice(0)
  }

  protected say(how: (events: Events) => void): void {
    if (this.events !== undefined) how(this.events)
    this.#clock.finishTurn()
  }
}

/** Packets in and out of a gateway by hand. */
export class MemoryClient extends MemoryConnection<TransportEvents, Packet> implements Transport {
  readonly framing = tcpFraming
  readonly #version: 3 | 4 | 5
  readonly #parser: ReturnType<typeof mqttPacket.parser>

  constructor(gateway: MqttGateway, clock: FakeClock, version: 3 | 4 | 5 = 4, remoteAddress = '192.0.2.1') {
    super(clock, remoteAddress)
    this.#version = version
    this.#parser = mqttPacket.parser({ protocolVersion: version })
    this.#parser.on('packet', (packet: Packet) => this.received.push(packet))
    gateway.accept(this)
  }

  write(frames: Uint8Array): void {
    this.#parser.parse(Buffer.from(frames))
  }

  bytes(bytes: Uint8Array): void {
    this.say((events) => events.bytes(bytes))
  }

  send(packet: Packet): void {
    this.bytes(mqttPacket.generate(packet, { protocolVersion: this.#version }))
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

/** A client of the JSON stream. */
export class MemoryStreamClient
  extends MemoryConnection<TextTransportEvents, ServerMessage>
  implements TextTransport
{
  readonly #heard: (message: ServerMessage) => void
  /** While set, nothing leaves: what is written counts as waiting in the socket. */
  frozen = false

  constructor(
    edge: { accept(transport: TextTransport): void },
    clock: FakeClock,
    heard: (message: ServerMessage) => void = () => undefined,
    remoteAddress = '192.0.2.1',
  ) {
    super(clock, remoteAddress)
    this.#heard = heard
    edge.accept(this)
  }

  write(frames: Uint8Array): void {
    if (this.frozen) this.bufferedBytes += frames.byteLength
    for (let rest: Buffer = Buffer.from(frames); rest.length > 0;) {
      const frame = readFrame(rest)
      if (
        frame === undefined ||
        frame.opcode !== opcodes.text ||
        !frame.fin ||
        frame.isMasked ||
        frame.rsv > 0
      )
        throw new Error('not one whole text frame')
      rest = frame.rest
      const message = JSON.parse(frame.payload.toString()) as ServerMessage
      this.received.push(message)
      this.#heard(message)
    }
  }

  text(text: string): void {
    this.say((events) => events.text(text))
  }

  send(message: object): void {
    this.text(JSON.stringify(message))
  }
}
