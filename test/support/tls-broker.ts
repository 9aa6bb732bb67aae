import { Aedes, type AuthenticateError, type Client } from 'aedes'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { WebSocketServer, createWebSocketStream } from 'ws'
import type { ServerCertificate } from './certificates.ts'

export interface TestBrokerOptions {
  readonly transport: 'tcp' | 'tls' | 'ws' | 'wss'
  /** Needed for `tls` and `wss`. */
  readonly certificate?: ServerCertificate
  /** Without them anybody may connect. A wrong one is answered with CONNACK 4. */
  readonly username?: string
  readonly password?: string
  readonly refuseSubscribe?: boolean
  /** Leaves publications at QoS 1 unacknowledged, though it notes them. */
  readonly neverAcknowledge?: boolean
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
export interface TestBroker {
  readonly port: number
  /** What clients published to it, over all restarts, in its order. */
  readonly publications: readonly BrokerPublication[]
  /** `client id filter` of each subscription granted, over all restarts. */
  readonly subscriptions: readonly string[]
  /** How many connections it took, over all restarts. */
  readonly connections: number
  /** Server names that clients asked for by SNI. */
  readonly serverNames: readonly (string | false)[]
  /** Publishes as if another client had done it. */
  publish(
    topic: string,
    payload: string,
    options?: { readonly qos?: 0 | 1; readonly retain?: boolean },
  ): Promise<void>
  /** Resolves once `enough` holds, looked at after each publication, subscription or connection. */
  until(enough: (broker: TestBroker) => boolean): Promise<void>
  /** Cuts all connections with a TCP reset and refuses new ones. */
  kill(): Promise<void>
  /** Cuts all connections with a TCP reset, and goes on listening. */
  reset(): void
  /** Listens again on the same port, with nothing remembered. */
  restart(): Promise<void>
  /** Takes effect at the next restart. */
  change(options: Partial<Pick<TestBrokerOptions, 'certificate' | 'password'>>): void
  stop(): Promise<void>
}

/** Starts it on a free port. */
export async function startTestBroker(options: TestBrokerOptions): Promise<TestBroker> {
  const broker = new AedesBroker(options)
  await broker.restart()
  return broker
}

class AedesBroker implements TestBroker {
  readonly publications: BrokerPublication[] = []
  readonly subscriptions: string[] = []
  readonly serverNames: (string | false)[] = []
  connections = 0
  port = 0
  #options: TestBrokerOptions
  readonly #sockets = new Set<Socket>()
  readonly #waiting = new Set<() => void>()
  #aedes: Aedes | undefined
  #server: Server | undefined

  constructor(options: TestBrokerOptions) {
    this.#options = options
  }

  async restart(): Promise<void> {
    const aedes = await Aedes.createBroker({
      authenticate: (_client, username, password, done) => done(...this.#authenticate(username, password)),
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, this.#options.refuseSubscribe === true ? null : subscription),
      authorizePublish: (_client, packet, done) => {
        if (this.#options.losesDots === true) packet.topic = packet.topic.replaceAll('.', '/')
        done(null)
      },
    })
    aedes.on('publish', (packet, client: Client | null) => {
      if (client === null) return
      const { topic, qos, retain, dup } = packet
      this.publications.push({ topic, payload: packet.payload.toString(), qos, retain, dup })
      this.#look()
    })
    aedes.on('subscribe', (subscriptions, client) => {
      for (const { topic } of subscriptions) this.subscriptions.push(`${client.id} ${topic}`)
      this.#look()
    })
    this.#aedes = aedes
    this.#server = this.#listener((stream) => {
      this.connections += 1
      const client = aedes.handle(stream)
      if (this.#options.neverAcknowledge === true) swallowPubacks(client)
      this.#look()
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

  until(enough: (broker: TestBroker) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!enough(this)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  change(options: Partial<TestBrokerOptions>): void {
    this.#options = { ...this.#options, ...options }
  }

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

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }

  #authenticate(username?: string, password?: Buffer): [AuthenticateError | null, boolean | null] {
    const wanted = this.#options
    if (wanted.username === undefined) return [null, true]
    if (username === wanted.username && password?.toString() === wanted.password) return [null, true]
    return [Object.assign(new Error('refused'), { returnCode: 4 }), null]
  }

  #listener(accept: (stream: Socket | ReturnType<typeof createWebSocketStream>) => void): Server {
    const { transport, certificate } = this.#options
    const tls = {
      ...certificate,
      SNICallback: (name: string, done: (error: null) => void) => {
        this.serverNames.push(name)
        done(null)
      },
    }
    const accepting = (socket: Socket): void => {
      socket.on('error', () => undefined)
      accept(socket)
    }
    // Otherwise small packets wait 40 ms for the acknowledgement of the ones before them.
    if (transport === 'tcp') return createTcpServer({ noDelay: true }, accepting)
    if (transport === 'tls') return createTlsServer(tls, accepting).on('tlsClientError', () => undefined)
    const server = transport === 'ws' ? createHttpServer() : createHttpsServer(tls)
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

/** Makes the broker's answers to QoS 1 publications of this client vanish. */
function swallowPubacks(client: Client): void {
  const { conn } = client
  const write = conn.write.bind(conn)
  // A PUBACK is 0x40 and three more bytes [MQTT-3.4.1]; aedes may write them in one piece or in several.
  let swallow = 0
  conn.write = ((chunk: Uint8Array, ...rest: []) => {
    if (swallow === 0 && chunk[0] === 0x40) swallow = 4
    const gone = Math.min(swallow, chunk.byteLength)
    swallow -= gone
    return gone === chunk.byteLength ? true : write(chunk.subarray(gone), ...rest)
  }) as typeof conn.write
}
