import { Aedes, type AuthenticateError, type Client } from 'aedes'
import { EventEmitter, once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { WebSocketServer, createWebSocketStream } from 'ws'
import type { ServerCertificate } from './certificates.ts'

export interface TestBrokerOptions {
  readonly transport: 'tcp' | 'tls' | 'ws' | 'wss'
  /** Needed for `tls` and `wss`. */
  readonly certificate?: ServerCertificate & Pick<TlsOptions, 'SNICallback'>
  /** Without them anybody may connect. A wrong one is answered with CONNACK 4. */
  readonly username?: string
  readonly password?: string
  /** Turns a dot in a topic into a slash, as RabbitMQ does. */
  readonly losesDots?: boolean
}

export interface BrokerPublication {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
  readonly dup: boolean
}

/** An in-process broker (MQTT 3.1.1 only) on 127.0.0.1, on the same port for all its life. */
export class TestBroker {
  /** What clients published to it, over all restarts, in its order. */
  readonly publications: BrokerPublication[] = []
  /** `client id filter` of each subscription granted, over all restarts. */
  readonly subscriptions: string[] = []
  /** How many connections it took, over all restarts. */
  connections = 0
  port = 0
  #options: TestBrokerOptions
  readonly #sockets = new Set<Socket>()
  readonly #changes = new EventEmitter().setMaxListeners(0)
  #aedes: Aedes | undefined
  #server: Server | undefined

  constructor(options: TestBrokerOptions) {
    this.#options = options
  }

  /** Listens again on the same port, with nothing remembered, perhaps with another certificate or password. */
  async restart(changes: Partial<TestBrokerOptions> = {}): Promise<void> {
    this.#options = { ...this.#options, ...changes }
    const aedes = await Aedes.createBroker({
      authenticate: (_client, username, password, done) => done(...this.#authenticate(username, password)),
      authorizePublish: (_client, packet, done) => {
        if (this.#options.losesDots === true) packet.topic = packet.topic.replaceAll('.', '/')
        done(null)
      },
    })
    aedes.on('publish', (packet, client: Client | null) => {
      if (client === null) return
      const { topic, qos, retain, dup } = packet
      this.publications.push({ topic, payload: packet.payload.toString(), qos, retain, dup })
      this.#changes.emit('publication')
    })
    aedes.on('subscribe', (subscriptions, client) => {
      for (const { topic } of subscriptions) this.subscriptions.push(`${client.id} ${topic}`)
    })
    this.#aedes = aedes
    this.#server = this.#listener((stream) => {
      this.connections += 1
      aedes.handle(stream)
    })
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => undefined)
    })
    this.#server.listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Publishes as if another client had done it. */
  publish(topic: string, payload: string, options: { qos?: 0 | 1; retain?: boolean } = {}): Promise<void> {
    const { qos = 0, retain = false } = options
    const aedes = this.#aedes
    if (aedes === undefined) throw new Error('the broker is down')
    return new Promise((resolve, reject) => {
      aedes.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup: false },
        (error) => (error ? reject(error) : resolve()),
      )
    })
  }

  /** Resolves once `enough` holds, looked at after each publication. */
  async until(enough: (broker: this) => boolean): Promise<void> {
    while (!enough(this)) await once(this.#changes, 'publication')
  }

  /** Cuts all connections with a TCP reset, and goes on listening. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Cuts all connections with a TCP reset and refuses new ones. */
  async kill(): Promise<void> {
    const server = this.#server
    const aedes = this.#aedes
    if (server === undefined || aedes === undefined) return
    this.#server = undefined
    this.#aedes = undefined
    const closed = once(server, 'close')
    server.close()
    this.reset()
    await closed
    await new Promise<void>((resolve) => aedes.close(() => resolve()))
  }

  stop(): Promise<void> {
    return this.kill()
  }

  #authenticate(username?: string, password?: Buffer): [AuthenticateError | null, boolean | null] {
    const wanted = this.#options
    if (wanted.username === undefined) return [null, true]
    if (username === wanted.username && password?.toString() === wanted.password) return [null, true]
    return [Object.assign(new Error('refused'), { returnCode: 4 }), null]
  }

  #listener(accept: (stream: Socket | ReturnType<typeof createWebSocketStream>) => void): Server {
    const { transport, certificate } = this.#options
    const accepting = (socket: Socket): void => {
      socket.on('error', () => undefined)
      accept(socket)
    }
    // Otherwise small packets wait 40 ms for the acknowledgement of the ones before them.
    if (transport === 'tcp') return createTcpServer({ noDelay: true }, accepting)
    if (transport === 'tls')
      return createTlsServer(certificate ?? {}, accepting).on('tlsClientError', () => undefined)
    const server = transport === 'ws' ? createHttpServer() : createHttpsServer(certificate ?? {})
    new WebSocketServer({ server, path: '/mqtt', handleProtocols: () => 'mqtt' }).on(
      'connection',
      (socket) => {
        const stream = createWebSocketStream(socket)
        stream.on('error', () => undefined)
        accept(stream)
      },
    )
    return server
  }
}

/** Starts it on a free port. */
export async function startTestBroker(options: TestBrokerOptions): Promise<TestBroker> {
  const broker = new TestBroker(options)
  await broker.restart()
  return broker
}
