import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { Audience, type Pace } from './fan-out.ts'
import { pause } from './load/fleet.ts'
import { residentBytes } from './machine.ts'
import { freePort, shippedProgram, untilAnswer, type Servers } from './servers.ts'

/** Most RAM that a process had, with 200 clients and the heap that fly.toml allows. */
export interface DeployedMemory {
  /** The bridge, while 200 MQTT clients hear bursts and then a flood. */
  readonly bridgeBytes: number
  /** The demo (broker, simulated owlcms, officials and bridge in one process), while 200 viewers follow both platforms. */
  readonly demoBytes: number
}

const clients = 200
const sampleMs = 100

/** As in `[env]` of fly.toml. */
export function heapOption(): string {
  const text = readFileSync(new URL('../../fly.toml', import.meta.url), 'utf8')
  const option = /--max-old-space-size=\d+/.exec(text)?.[0]
  if (option === undefined) throw new Error('fly.toml says no heap size')
  return option
}

export async function deployedMemory(
  servers: Servers,
  pace: Pace,
  demoSeconds: number,
): Promise<DeployedMemory> {
  return { bridgeBytes: await bridgeMemory(servers, pace), demoBytes: await demoMemory(demoSeconds) }
}

async function bridgeMemory(servers: Servers, pace: Pace): Promise<number> {
  const { server } = await servers.startBridge([process.execPath, heapOption()], shippedProgram)
  const audience = new Audience(server, clients)
  try {
    return await peakWhile(server.pid, async () => {
      await audience.run('burst', pace)
      await audience.run('flood', pace)
    })
  } finally {
    audience.close()
    await server.stop()
  }
}

async function demoMemory(seconds: number): Promise<number> {
  const port = await freePort()
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  const child = spawn(process.execPath, [heapOption(), main, 'demo'], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], PORT: String(port) },
  })
  const viewers: WebSocket[] = []
  try {
    await untilAnswer(child, port, '/readyz')
    return await peakWhile(child.pid ?? 0, async () => {
      for (let at = 0; at < clients; at += 1) viewers.push(await follow(port))
      await pause(seconds * 1000)
    })
  } finally {
    for (const viewer of viewers) viewer.terminate()
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}

/** A viewer on `/ws` that has got its first snapshot or status. */
async function follow(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'start', schema: 1 }))
  await once(socket, 'message')
  return socket
}

async function peakWhile(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peak = residentBytes(pid)
  const timer = setInterval(() => (peak = Math.max(peak, residentBytes(pid))), sampleMs)
  try {
    await work()
    return Math.max(peak, residentBytes(pid))
  } finally {
    clearInterval(timer)
  }
}
