import { pause } from './load/fleet.ts'
import { openLines } from './load/line.ts'
import { subscribersFilter } from './load/messages.ts'
import { residentBytes } from './machine.ts'
import type { Server } from './servers.ts'

export interface IdleMemory {
  /** Bytes of RAM that one connected, subscribed, silent client costs the server. */
  readonly bytesPerClient: number
  /** The same after the server has collected its garbage; NaN for servers that aren't Node programs. */
  readonly collectedBytesPerClient: number
  readonly totalBytes: number
}

/** Measures a freshly started server; `collectable` as it was started. */
export async function idleMemory(server: Server, clients: number, collectable: boolean): Promise<IdleMemory> {
  const collect = async (): Promise<void> => {
    if (collectable) process.kill(server.pid, 'SIGUSR2')
    await pause(700)
  }
  // What is loaded, compiled or grown once doesn't count: connecting makes the same garbage each time.
  for (let round = 0; round < 10; round += 1) {
    const passing = await openLines(100, (at) => lineOf(server, `bench-passing-${at}`))
    for (const line of passing) line.close()
  }
  await collect()
  const before = residentBytes(server.pid)
  const lines = await openLines(clients, (at) => lineOf(server, `bench-idle-${at}`))
  await pause(1_500)
  const after = residentBytes(server.pid)
  await collect()
  const collectedAfter = residentBytes(server.pid)
  for (const line of lines) line.close()
  return {
    bytesPerClient: (after - before) / clients,
    collectedBytesPerClient: collectable ? (collectedAfter - before) / clients : NaN,
    totalBytes: after,
  }
}

const lineOf = (server: Server, clientId: string) => ({
  door: server.door,
  clientId,
  filter: subscribersFilter,
})
