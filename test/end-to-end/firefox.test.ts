import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { LinkPlaceView } from '../../src/http/api/access-view.ts'
import { startSimulatedOwlcms, type SimulatedOwlcms } from '../../src/simulator/simulated-owlcms.ts'
import { systemClock } from '../../src/support/clock.ts'
import { builtPages } from '../support/built-pages.ts'
import { FixedOrder, jane, zoe } from '../simulator/transcript.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTestBridge, type TestBridge } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'

const login = { username: 'hall', password: 'planted-Secret-8472' }

type TestFirefox = Awaited<ReturnType<typeof openFirefox>>
type FirefoxTab = Awaited<ReturnType<TestFirefox['open']>>

type Answer = Readonly<Record<string, unknown>>

/** A headless Firefox with a profile of its own, driven over WebDriver BiDi (W3C), which Debian's build speaks by itself. */
async function openFirefox() {
  const profile = await mkdtemp(join(tmpdir(), 'owlcms-bridge-firefox-'))
  const child = spawn(
    requirement('firefox').path ?? 'firefox-esr',
    ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile],
    // It refuses a home that isn't the user's own, as root has in CI.
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } },
  )
  const address = await new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      const [, found] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`Firefox ended with ${code}`)))
  })
  const socket = new WebSocket(`${address}/session`)
  await once(socket, 'open')
  const waiting = new Map<number, { resolve: (result: Answer) => void; reject: (error: Error) => void }>()
  socket.on('message', (data: Buffer) => {
    const { id, result, error, message } = JSON.parse(data.toString()) as Answer
    const command = waiting.get(Number(id))
    waiting.delete(Number(id))
    if (error === undefined) command?.resolve(result as Answer)
    else command?.reject(new Error(`${error as string}: ${message as string}`))
  })
  let last = 0
  const command = (method: string, params: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.set((last += 1), { resolve, reject })
      socket.send(JSON.stringify({ id: last, method, params }))
    })
  await command('session.new', { capabilities: {} })

  return {
    async open(url: string) {
      const { context } = await command('browsingContext.create', { type: 'tab' })
      await command('browsingContext.navigate', { context, url, wait: 'complete' })
      /** What this expression gives in the page, as JSON; a promise is waited for. */
      const evaluate = async (expression: string): Promise<unknown> => {
        const json = `(async () => JSON.stringify(await (${expression}) ?? null))()`
        const params = { expression: json, target: { context }, awaitPromise: true }
        const { result, exceptionDetails } = await command('script.evaluate', params)
        if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
        return JSON.parse((result as { readonly value: string }).value)
      }
      /** Resolves when something matches. */
      const sees = async (selector: string): Promise<void> => {
        const found = `document.querySelector(${JSON.stringify(selector)}) !== null`
        await evaluate(`new Promise((resolve) => {
          const look = () => ${found} && resolve(true)
          new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true })
          look()
        })`)
      }
      const act = (actions: object): Promise<Answer> =>
        command('input.performActions', { context, actions: [actions] })
      /** A finger on the middle of what matches. */
      const touch = async (selector: string): Promise<void> => {
        await sees(selector)
        await command('browsingContext.activate', { context })
        const [x, y] =
          (await evaluate(`(({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2]
          .map(Math.round))(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`)) as number[]
        const down = { type: 'pointerDown', button: 0 }
        const moves = [{ type: 'pointerMove', x, y }, down, { type: 'pointerUp', button: 0 }]
        await act({ type: 'pointer', id: 'finger', parameters: { pointerType: 'touch' }, actions: moves })
      }
      return {
        ...{ evaluate, sees, touch },
        async type(selector: string, text: string): Promise<void> {
          await touch(selector)
          const keys = Array.from(text).flatMap((value) => [
            { type: 'keyDown', value },
            { type: 'keyUp', value },
          ])
          await act({ type: 'key', id: 'keyboard', actions: keys })
        },
      }
    },
    async close() {
      socket.close()
      const ended = once(child, 'exit')
      child.kill()
      await ended
      await rm(profile, { recursive: true, force: true })
    },
  }
}

describeIf(requirement('firefox'))('in Firefox', () => {
  let firefox: TestFirefox
  let bridge: TestBridge
  let owlcms: SimulatedOwlcms

  beforeAll(async () => {
    const [pageFiles, opened] = await Promise.all([builtPages(), openFirefox()])
    firefox = opened
    bridge = await startTestBridge(
      {
        ...{ BRIDGE_BROKER: 'own', BRIDGE_BROKER_PORT: '0' },
        ...{ OWLCMS_MQTTUSERNAME: login.username, OWLCMS_MQTTPASSWORD: login.password },
      },
      { pageFiles },
    )
    owlcms = startSimulatedOwlcms({
      address: { transport: 'tcp', host: '127.0.0.1', port: bridge.owlcmsPort! },
      ...login,
      platforms: ['A'],
      clock: systemClock,
      log: silentLog,
    })
    await owlcms.ready
    const desk = owlcms.fieldOfPlay('A')
    desk.loadSession(new FixedOrder([jane, zoe]))
    desk.startLifting()
  }, 90_000)

  afterAll(async () => {
    await firefox.close()
    await owlcms.stop()
    await bridge.stop()
  })

  async function sit(role: 'referee' | 'timekeeper', number?: number): Promise<FirefoxTab> {
    const place = { platform: 'A', role, ...(number === undefined ? {} : { number }) } as LinkPlaceView
    const tab = await firefox.open(`${bridge.url}/seat#${await bridge.issue(place, 1)}`)
    await tab.touch('.begin .command')
    await tab.sees('.app[data-line="live"] .phase p:first-child:not(:empty)')
    return tab
  }

  test('a referee decides a lift: owlcms’s echo stands on the keypad, and the console shows it', async () => {
    const desk = await firefox.open(`${bridge.url}/console`)
    await desk.type('input[type=password]', `${login.password}\uE007`)
    await desk.sees('.live .light')
    const timekeeper = await sit('timekeeper')
    const referee = await sit('referee', 2)
    await timekeeper.touch('.big .go')
    await timekeeper.sees('.timekeeper .clock[data-clock="running"]')
    await timekeeper.touch('.big .halt')
    await referee.sees('.phase .clock[data-clock="stopped"]')
    await referee.touch('.verdict.good')
    await referee.sees('.verdict.good[data-state="taken"]')
    expect(await referee.evaluate(`document.querySelector('.fate').textContent`)).toContain('WHITE')
    await desk.sees('.live .light:nth-child(2).good')
    expect(await desk.evaluate(`document.querySelectorAll('.live .light.good').length`)).toBe(1)
  }, 60_000)
})
