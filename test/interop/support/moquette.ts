import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { javaCommand, moquette } from './foreign.ts'
import { startLineProcess, type LineProcess } from './lines.ts'

/** The server inside owlcms, with its settings, on 127.0.0.1. */
export interface Moquette {
  /** Plain MQTT, as owlcms's own clients and the boxes in the hall come. */
  readonly port: number
  /** MQTT over WebSocket at /mqtt. */
  readonly webSocketPort: number
  readonly version: string
  /** Ends it without a goodbye, as owlcms's end does; what it kept is gone. */
  kill(): Promise<void>
  /** Starts it again on the same ports. */
  restart(): Promise<void>
}

/** Starts it and waits until it listens; without a user name anybody gets in. */
export async function startMoquette(login: {
  readonly username: string
  readonly password: string
}): Promise<Moquette> {
  const [port, webSocketPort] = [await freePort(), await freePort()]
  const command = javaCommand(moquette, 'interop.Moquette', ['-Xmx128m', '-XX:TieredStopAtLevel=1'])
  let running: LineProcess | undefined
  let version = 'unknown'
  const restart = async (): Promise<void> => {
    running = startLineProcess(
      [...command, String(port), String(webSocketPort)],
      [login.username, login.password],
    )
    await running.lines.said('READY')
    version = running.lines.all.find((line) => line.startsWith('version '))?.slice(8) ?? version
  }
  await restart()
  return {
    ...{ port, webSocketPort, restart },
    get version() {
      return version
    },
    kill: async () => {
      await running?.kill()
      running = undefined
    },
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
