import { Aedes } from 'aedes'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { generate } from 'selfsigned'
import { pause } from './load/fleet.ts'

/**
 * node artifacts/bench/recovery.js [repairs] [seed]
 *
 * How long the running bridge needs to be back after a repair: the built program on one side, a broker over TLS on the
 * other, four kinds of trouble in turn. Prints one line per repair and p50, p95 and the worst, per kind and together.
 */
const [repairsText = '50', seedText = '7'] = process.argv.slice(2)
const repairs = Number(repairsText)
const username = 'bench'
const password = 'bench-password-1'

/** Every repair comes at another moment of the bridge's retries (mulberry32). */
let seed = Number(seedText)
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** CONNACK return code 4 of MQTT 3.1.1. */
const wrongPassword = Object.assign(new Error('refused'), { returnCode: 4 })

interface Certificate {
  readonly key: string
  readonly cert: string
}

/** For localhost, trusted by being named in BRIDGE_MQTT_CA; valid from and to so many days from now. */
async function certificate(fromDays: number, toDays: number): Promise<Certificate> {
  const dayMs = 24 * 60 * 60 * 1000
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...{ keyType: 'ec', algorithm: 'sha256' },
    notBeforeDate: new Date(Date.now() + fromDays * dayMs),
    notAfterDate: new Date(Date.now() + toDays * dayMs),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  })
  return { key: made.private, cert: made.cert }
}

/** A broker over TLS behind a relay that can vanish or swallow everything, always on the same port. */
class Stage {
  readonly good: Certificate
  readonly expired: Certificate
  password = password
  frozen = false
  port = 0
  #relay: Server | undefined
  readonly #tls: TlsServer
  readonly #sockets = new Set<Socket>()

  constructor(aedes: Aedes, good: Certificate, expired: Certificate) {
    this.good = good
    this.expired = expired
    aedes.authenticate = (_client, user, given, done) => {
      if (user === username && given?.toString() === this.password) done(null, true)
      else done(wrongPassword, null)
    }
    this.#tls = createTlsServer({ ...good }, (socket) => {
      socket.on('error', () => undefined)
      aedes.handle(socket)
    }).on('tlsClientError', () => undefined)
  }

  async open(): Promise<void> {
    if (!this.#tls.listening) {
      this.#tls.listen(0, '127.0.0.1')
      await once(this.#tls, 'listening')
    }
    const target = (this.#tls.address() as AddressInfo).port
    this.#relay = createServer((near) => {
      const far = connect(target, '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from)
        from.on('data', (bytes) => {
          if (!this.frozen) to.write(bytes)
        })
        from.on('error', () => undefined)
        from.on('close', () => {
          this.#sockets.delete(from)
          if (!this.frozen) to.destroy()
        })
      }
    })
    this.#relay.listen(this.port, '127.0.0.1')
    await once(this.#relay, 'listening')
    this.port = (this.#relay.address() as AddressInfo).port
  }

  show(certificate: Certificate): void {
    this.#tls.setSecureContext({ ...certificate })
    this.cut()
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    const relay = this.#relay
    if (relay === undefined) return
    this.#relay = undefined
    const closed = once(relay, 'close')
    relay.close()
    this.cut()
    await closed
  }

  async stop(): Promise<void> {
    await this.close()
    this.#tls.close()
  }
}

interface Trouble {
  readonly name: string
  /** Seconds until the repair, at least: as long as the bridge needs to notice. */
  readonly leastSeconds: number
  readonly strike: (stage: Stage) => Promise<void> | void
  readonly repair: (stage: Stage) => Promise<void> | void
}

const troubles: readonly Trouble[] = [
  {
    ...{ name: 'broker killed', leastSeconds: 1 },
    strike: (stage) => stage.close(),
    repair: (stage) => stage.open(),
  },
  {
    ...{ name: 'black hole', leastSeconds: 10 },
    strike: (stage) => void (stage.frozen = true),
    repair: (stage) => void (stage.frozen = false),
  },
  {
    ...{ name: 'password changed', leastSeconds: 1 },
    strike(stage) {
      stage.password = `${password}-new`
      stage.cut()
    },
    repair: (stage) => void (stage.password = password),
  },
  {
    ...{ name: 'certificate swapped', leastSeconds: 1 },
    strike: (stage) => stage.show(stage.expired),
    repair: (stage) => stage.show(stage.good),
  },
]

async function readyWithin(url: string, limitMs: number, wanted: boolean): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    await answer?.text()
    const passed = performance.now() - begun
    if (answer !== undefined && (answer.status === 200) === wanted) return passed
    if (passed > limitMs) throw new Error(`not ${wanted ? 'ready' : 'unready'} within ${limitMs} ms`)
    await pause(10)
  }
}

async function startBridge(stage: Stage, ca: string): Promise<{ child: ChildProcess; url: string }> {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  const child = spawn(process.execPath, [main, 'start', '--strict'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', BRIDGE_MQTT_CA: ca },
      OWLCMS_MQTTSERVER: 'mqtts://localhost',
      OWLCMS_MQTTPORT: String(stage.port),
      OWLCMS_MQTTUSERNAME: username,
      OWLCMS_MQTTPASSWORD: password,
    },
  })
  process.on('exit', () => child.kill('SIGKILL'))
  let text = ''
  child.stdout.setEncoding('utf8')
  for await (const more of child.stdout.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    text += more
    const port = /"port":(\d+),"msg":"listening"/.exec(text)?.[1]
    if (port === undefined) continue
    return { child, url: `http://127.0.0.1:${port}` }
  }
  throw new Error(`the bridge did not start: ${text}`)
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN

function line(name: string, figures: readonly number[]): string {
  const sorted = figures.toSorted((a, b) => a - b)
  const [p50, p95, worst] = [0.5, 0.95, 1].map((share) => Math.round(quantile(sorted, share)))
  return `${name.padEnd(20)} ${String(sorted.length).padStart(3)} repairs   p50 ${p50} ms   p95 ${p95} ms   worst ${worst} ms`
}

const [good, expired] = await Promise.all([certificate(-1, 30), certificate(-30, -1)])
const stage = new Stage(await Aedes.createBroker(), good, expired)
await stage.open()
const { child, url } = await startBridge(stage, `${good.cert}\n${expired.cert}`)
child.stdout?.resume()
await readyWithin(url, 15_000, true)
const figures = new Map<string, number[]>(troubles.map(({ name }) => [name, []]))
for (let round = 0; round < repairs; round += 1) {
  const trouble = troubles[round % troubles.length]
  if (trouble === undefined) break
  // A link that lives for less than this counts as one that never worked, as in a real outage of minutes.
  await pause(200 + 800 * random())
  await trouble.strike(stage)
  await readyWithin(url, 20_000, false)
  await pause(1000 * (trouble.leastSeconds + 6 * random()))
  await trouble.repair(stage)
  const tookMs = await readyWithin(url, 60_000, true)
  figures.get(trouble.name)?.push(tookMs)
  console.log(
    `${String(round + 1).padStart(3)}  ${trouble.name.padEnd(20)} back after ${Math.round(tookMs)} ms`,
  )
}
for (const [name, values] of figures) if (values.length > 0) console.log(line(name, values))
console.log(line('together', [...figures.values()].flat()))
child.kill('SIGTERM')
await once(child, 'exit')
await stage.stop()
process.exit(0)
