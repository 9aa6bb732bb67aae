import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import mqtt from 'mqtt'
import { WebSocket } from 'ws'
import { choosePinning, machineWords } from './machine.ts'
import { Servers } from './servers.ts'

/**
 * npm run bench:drain [-- --clients=500] [--repetitions=3]
 *
 * A restart as on Fly.io: SIGTERM, and a new process on the same port as soon as the old one is gone. Half of the
 * clients are devices that come back a second later whatever they are told (MQTT.js's default), half are screens that
 * wait as long as they are told, and try again every half second while nobody listens.
 */
const clients = Number(option('clients') ?? 500)
const repetitions = Number(option('repetitions') ?? 3)
const againMs = 500

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const servers = new Servers(choosePinning(), false)
const broker = await servers.upstream()
const port = await freePort()
/** The moment at which each client was in again. */
let back: number[] = []
let stopping = false
const hints: number[] = []

let bridge = await start()
for (let at = 0; at < clients / 2; at += 1) device()
for (let at = 0; at < clients / 2; at += 1) screen()
await until(() => back.length >= clients)
console.log(machineWords())
console.log(`\n${clients} clients; milliseconds\n`)
console.log(
  '| run | SIGTERM → exit | SIGTERM → back p50 | p95 | last | new process ready → last back | hints |',
)
console.log('|---|---|---|---|---|---|---|')
for (let run = 1; run <= repetitions; run += 1) {
  back = []
  hints.length = 0
  const toldAt = performance.now()
  bridge.kill('SIGTERM')
  await once(bridge, 'exit')
  const exitMs = performance.now() - toldAt
  bridge = await start()
  const readyAt = performance.now()
  await until(() => back.length >= clients)
  const since = back.map((moment) => moment - toldAt).toSorted((a, b) => a - b)
  const last = Math.max(...back)
  const share = (part: number): string =>
    Math.round(since[Math.ceil(part * since.length) - 1] ?? NaN).toString()
  const told = `${hints.length} × ${Math.min(...hints)}–${Math.max(...hints)}`
  console.log(
    `| ${run} | ${Math.round(exitMs)} | ${share(0.5)} | ${share(0.95)} | ${share(1)} | ${Math.round(last - readyAt)} | ${told} |`,
  )
}
stopping = true
bridge.kill('SIGKILL')
await servers.stop()
process.exit(0)

/** Resolves when a press could get through. */
async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, 'start', '--strict'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...{ OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1', OWLCMS_MQTTPORT: String(broker.publisherDoor.port) },
      BRIDGE_ALLOW_ANONYMOUS: 'true',
      ...{ HOST: '127.0.0.1', PORT: String(port), BRIDGE_LOG_LEVEL: 'warn' },
    },
  })
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    )
    if (ready) return child
    await pause(10)
  }
}

function device(): void {
  const client = mqtt.connect(`ws://127.0.0.1:${port}/mqtt`)
  client.on('connect', () => back.push(performance.now()))
  client.on('error', () => undefined)
}

function screen(): void {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  socket.on('error', () => undefined)
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    if (text.includes('"type":"hello"')) socket.send('{"type":"start","schema":1}')
    if (text.includes('"type":"started"')) back.push(performance.now())
  })
  socket.on('close', (_code, reason) => {
    const seconds = /retry in ([0-9.]+) s/.exec(reason.toString())?.[1]
    if (seconds !== undefined) hints.push(Number(seconds) * 1000)
    if (!stopping) setTimeout(screen, seconds === undefined ? againMs : Number(seconds) * 1000)
  })
}

async function until(enough: () => boolean): Promise<void> {
  while (!enough()) await pause(5)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return address.port
}

function option(name: string): string | undefined {
  return process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1]
}
