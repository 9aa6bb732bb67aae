import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { cpuSeconds } from './machine.ts'
import { freePort, untilAnswer } from './servers.ts'

/** One start of a Node program, from starting the process to its first good answer. */
export interface StartUp {
  readonly liveMs: number
  /** Processor time used until then, all threads: what is left when the machine has other things to do. */
  readonly cpuMs: number
}

/** The bridge as deployed, and the least that a Node web server can be. */
export interface StartUps {
  /** `pageMs`: until its pages are loaded, too, and the first one that asks about the state has come. */
  readonly bridge: StartUp & { readonly pageMs: number }
  readonly bare: StartUp
}

const bareServer =
  'require("node:http").createServer((_, answer) => answer.end("ok")).listen(Number(process.env.PORT), "127.0.0.1")'
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** Starts both, one right after the other. The bridge's broker does not answer: that is no matter of /livez. */
export async function startUps(): Promise<StartUps> {
  const bare = await startUp(['-e', bareServer])
  return { bare, bridge: await startUp([main, 'start', '--strict']) }
}

/** The bare server answers everything, so that its first page is as quick as its first sign of life. */
async function startUp(args: readonly string[]): Promise<StartUps['bridge']> {
  const port = await freePort()
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1',
      // Port 1 is closed on every machine.
      OWLCMS_MQTTPORT: '1',
      BRIDGE_ALLOW_ANONYMOUS: 'true',
      BRIDGE_LOG_LEVEL: 'warn',
      PORT: String(port),
      HOST: '127.0.0.1',
    },
  })
  try {
    const liveMs = (await untilAnswer(child, port, '/livez')) - startedAt
    const cpuMs = cpuSeconds(child.pid ?? 0) * 1000
    return { liveMs, cpuMs, pageMs: (await untilAnswer(child, port, '/status')) - startedAt }
  } finally {
    await end(child)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
