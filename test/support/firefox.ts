import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { requirement } from './requirements.ts'

export type TestFirefox = Awaited<ReturnType<typeof openFirefox>>
export type FirefoxTab = Awaited<ReturnType<TestFirefox['open']>>

type Answer = Readonly<Record<string, unknown>>

/** A headless Firefox with a profile of its own, driven over WebDriver BiDi (W3C), which Debian's build speaks by itself. */
export async function openFirefox() {
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
