import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { files, procfileCommand, root } from '../deploy/checkout.ts'
import { freePort } from '../support/program.ts'

const run = promisify(execFile)

/** What a program of this machine needs to find itself and its npm; nothing of the test run or of owlcms. */
const inherited =
  /^(?:PATH|HOME|USER|LANG|TMPDIR|https?_proxy|no_proxy|npm_config_(?:cache|registry|userconfig))$/i

function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => inherited.test(name))
  return { ...Object.fromEntries(kept), ...extra }
}

/** Copies what a push to Heroku would send: the tracked files and the new ones that git doesn't ignore. */
function copyCheckout(folder: string): void {
  for (const file of files()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
}

/**
 * The classic Node buildpack's steps (docs/platforms.md 2.2): install with development packages although NODE_ENV says
 * production, build, prune. Rejects with the output of the step that failed.
 */
async function buildLikeHeroku(folder: string): Promise<void> {
  const steps = [
    ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'],
    ['run', 'build'],
    ['prune', '--omit=dev', '--offline', '--no-audit', '--no-fund'],
  ]
  for (const step of steps) {
    try {
      await run('npm', step, { cwd: folder, env: environment({ NODE_ENV: 'production' }), timeout: 180_000 })
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      throw new Error(`npm ${step.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error })
    }
  }
}

/** A started web process. */
interface Dyno {
  readonly origin: string
  readonly child: ChildProcess
  /** Everything it has printed. */
  readonly output: () => string
}

/** Starts a command as a dyno does: by a shell, with PORT, NODE_ENV and DYNO set and no setting of owlcms. */
function startDyno(folder: string, command: string, port: number): Dyno {
  const env = environment({ PORT: String(port), NODE_ENV: 'production', DYNO: 'web.1' })
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => (output += chunk.toString())
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return { origin: `http://127.0.0.1:${port}`, child, output: () => output }
}

/** One answer, as the router would ask: over HTTPS as far as the visitor is concerned. */
async function ask(origin: string, path: string): Promise<{ status: number; body: string }> {
  const headers = { 'X-Forwarded-Proto': 'https' }
  const answer = await fetch(`${origin}${path}`, {
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(5_000),
  })
  return { status: answer.status, body: await answer.text() }
}

/** Waits until the port answers, at most Heroku's 60 s (R10). Throws what the process printed if it ends before. */
async function untilListening(dyno: Dyno, withinMs = 60_000): Promise<void> {
  const until = performance.now() + withinMs
  for (;;) {
    const answered = await ask(dyno.origin, '/livez').then(
      () => true,
      () => false,
    )
    if (answered) return
    const ended = dyno.child.exitCode !== null || dyno.child.signalCode !== null
    if (ended || performance.now() > until) throw new Error(`the dyno does not answer:\n${dyno.output()}`)
    await delay(50)
  }
}

/** How a process ended: by itself with a code, or killed. */
interface Ending {
  readonly code: number | null
  readonly killedBy: NodeJS.Signals | null
}

/** Sends a signal and waits for the end. Rejects when the process outlives the limit; it is killed then. */
async function stopDyno(dyno: Dyno, signal: NodeJS.Signals, withinMs: number): Promise<Ending> {
  const ended = once(dyno.child, 'exit', { signal: AbortSignal.timeout(withinMs) })
  dyno.child.kill(signal)
  try {
    const [code, killedBy] = (await ended) as [number | null, NodeJS.Signals | null]
    return { code, killedBy }
  } catch (error) {
    dyno.child.kill('SIGKILL')
    throw new Error(`still running ${withinMs} ms after ${signal}:\n${dyno.output()}`, { cause: error })
  }
}

describe('a Heroku build of this checkout, started without any setting', () => {
  let folder = ''
  let dyno: Dyno | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-heroku-'))
    copyCheckout(folder)
    await buildLikeHeroku(folder)
    dyno = startDyno(folder, procfileCommand(), await freePort())
    await untilListening(dyno)
  }, 400_000)

  afterAll(async () => {
    dyno?.child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }, 60_000)

  test('pruning leaves the run-time packages, and no tool', () => {
    // npm keeps TypeScript, which valibot names as an optional peer.
    const left = readdirSync(join(folder, 'node_modules')).filter((name) => name !== 'typescript')
    expect(left).toEqual(expect.arrayContaining(['mqtt', 'ws', 'hono']))
    expect(
      left.filter((name) => /^(?:typescript|rolldown|vitest|eslint|prettier|playwright)/.test(name)),
    ).toEqual([])
  })

  test('is alive and not ready [R8]', async () => {
    const [alive, ready] = [await ask(dyno!.origin, '/livez'), await ask(dyno!.origin, '/readyz')]
    expect([alive.status, ready.status]).toEqual([200, 503])
  })

  test('shows a page that names the missing settings [R9]', async () => {
    const { body } = await ask(dyno!.origin, '/')
    const names = ['OWLCMS_MQTTSERVER', 'OWLCMS_MQTTUSERNAME', 'OWLCMS_MQTTPASSWORD']
    expect(names.filter((name) => !body.includes(name))).toEqual([])
  })

  // 127.0.0.2 is this machine too, but only Linux answers there without being told: a proof of "all addresses".
  test.runIf(process.platform === 'linux')(
    'listens on all addresses, since the router comes from outside',
    async () => {
      const { status } = await ask(dyno!.origin.replace('127.0.0.1', '127.0.0.2'), '/livez')
      expect(status).toBe(200)
    },
  )

  test('ends by itself with code 0 within 5 s of SIGTERM', async () => {
    expect(await stopDyno(dyno!, 'SIGTERM', 5_000)).toEqual({ code: 0, killedBy: null })
  })
})
