import type { TextTransport, TextTransportEvents } from '../../src/downstream/transport/text-transport.ts'
import type { CloseCode } from '../../src/protocol/contract/close-codes.ts'
import type { ServerMessage } from '../../src/protocol/contract/stream-message.ts'
import type { FakeClock } from './fake-clock.ts'

/** A client of the JSON stream without a socket, on the test's own clock. */
export class MemoryStreamClient implements TextTransport {
  readonly remoteAddress: string
  readonly received: ServerMessage[] = []
  readonly #clock: FakeClock
  readonly #heard: (message: ServerMessage) => void
  #events: TextTransportEvents | undefined
  /** While set, nothing leaves: what is written counts as waiting in the socket. */
  frozen = false
  bufferedBytes = 0
  closed: CloseCode | undefined
  reading = true

  constructor(
    edge: { accept(transport: TextTransport): void },
    clock: FakeClock,
    heard: (message: ServerMessage) => void = () => undefined,
    remoteAddress = '192.0.2.1',
  ) {
    this.#clock = clock
    this.#heard = heard
    this.remoteAddress = remoteAddress
    edge.accept(this)
  }

  open(events: TextTransportEvents): void {
    this.#events = events
  }

  write(frames: Uint8Array): void {
    if (this.frozen) this.bufferedBytes += frames.byteLength
    for (const text of readTextFrames(frames)) {
      const message = JSON.parse(text) as ServerMessage
      this.received.push(message)
      this.#heard(message)
    }
  }

  close(reason: CloseCode): void {
    this.closed ??= reason
    this.drop()
  }

  stopReading(): void {
    this.reading = false
  }

  destroy(): void {
    this.drop()
  }

  drop(): void {
    const events = this.#events
    this.#events = undefined
    events?.closed()
  }

  text(text: string): void {
    this.#events?.text(text)
    this.#clock.finishTurn()
  }

  send(message: object): void {
    this.text(JSON.stringify(message))
  }

  /** Everything received since the last call. */
  take(): ServerMessage[] {
    this.#clock.finishTurn()
    return this.received.splice(0)
  }
}

/** The texts of unmasked, unfragmented frames; throws on any other frame. */
function readTextFrames(bytes: Uint8Array): string[] {
  const texts: string[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.byteLength;) {
    if (view.getUint8(at) !== 0x81) throw new Error('not one whole text frame')
    const short = view.getUint8(at + 1)
    const header = short < 126 ? 2 : short === 126 ? 4 : 10
    const length =
      header === 2 ? short : header === 4 ? view.getUint16(at + 2) : Number(view.getBigUint64(at + 2))
    texts.push(new TextDecoder().decode(bytes.subarray(at + header, at + header + length)))
    at += header + length
  }
  return texts
}
