import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { procfileCommand } from './checkout.ts'
import {
  ask,
  buildLikeHeroku,
  copyCheckout,
  freePort,
  startDyno,
  stopDyno,
  untilListening,
  type Dyno,
} from './heroku.ts'

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
