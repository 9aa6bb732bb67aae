import { Aedes } from 'aedes'
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { errorText } from '../../src/support/errors.ts'
import type { Logger } from '../../src/support/logger.ts'

export interface AedesBrokerOptions {
  readonly username: string
  readonly password: string
  readonly log: Logger
}

export interface AedesBroker {
  /** TCP port on 127.0.0.1; plain MQTT. */
  readonly port: number
  /** Cuts every client and frees the port; a second call does no more. */
  stop(): Promise<void>
}

/** MQTT 3.1.1 table 3.1. */
const badUserNameOrPassword = 4

/** Starts an MQTT broker in this process, on a free port of 127.0.0.1, for one user name and password. */
export async function startAedesBroker(options: AedesBrokerOptions): Promise<AedesBroker> {
  const { log } = options
  const aedes = await createAedes(options)
  aedes.on('clientError', (_client, error) => log.debug({ error: errorText(error) }, 'broker lost a client'))
  aedes.on('connectionError', (_client, error) => {
    log.debug({ error: errorText(error) }, 'broker refused a connection')
  })
  const sockets = new Set<Socket>()
  // Otherwise small packets wait 40 ms for the acknowledgement of the ones before them.
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    aedes.handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let stopped: Promise<void> | undefined
  return {
    port: listeningPort(server),
    stop: () => (stopped ??= stopBroker(aedes, server, sockets)),
  }
}

type Broker = Awaited<ReturnType<typeof createAedes>>

async function createAedes({ username, password }: AedesBrokerOptions) {
  return await Aedes.createBroker({
    authenticate(_client, givenName, givenPassword, done) {
      if (givenName === username && isSame(givenPassword, password)) {
        done(null, true)
        return
      }
      done(Object.assign(new Error('refused'), { returnCode: badUserNameOrPassword }), null)
    },
  })
}

function isSame(given: Uint8Array | undefined, wanted: string): boolean {
  const bytes = Buffer.from(wanted)
  return given?.byteLength === bytes.byteLength && timingSafeEqual(given, bytes)
}

function listeningPort(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('a TCP server has a port while it listens')
  return address.port
}

async function stopBroker(aedes: Broker, server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await new Promise<void>((resolve) => aedes.close(resolve))
  // Connections that never said CONNECT are not known to aedes.
  for (const socket of sockets) socket.destroy()
  await closed
}
