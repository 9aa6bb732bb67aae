import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { resolve } from 'node:path'

const main = resolve('dist/main.js')

/** The built program, as a platform would start it. */
export type Program = ReturnType<typeof startProgram>

/**
 * Starts `owlcms-bridge start`, or the command of a package that holds it, from the root folder, with these settings, and nothing of
 * this process's own environment.
 */
export function startProgram(
  settings: Readonly<Record<string, string>>,
  [command, ...args]: readonly [string, ...string[]] = [process.execPath, main, 'start'],
) {
  const child = spawn(command, args, {
    cwd: '/',
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: Record<string, unknown>[] = []
  const changes = new EventEmitter().setMaxListeners(0)
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const whole = (rest + text).split('\n')
    rest = whole.pop() ?? ''
    lines.push(...whole.map((line) => JSON.parse(line) as Record<string, unknown>))
    changes.emit('news')
  })
  let ended = false
  // `close` comes after the last of its output.
  const exit = once(child, 'close').then(([code]) => {
    ended = true
    changes.emit('news')
    return code as number | null
  })
  return {
    pid: child.pid ?? 0,
    /** Each line of its log. */
    lines: (): readonly Readonly<Record<string, unknown>>[] => lines,
    /** Resolves with the first line that has this message; rejects when it ends without one. */
    said: async (message: string) => {
      for (;;) {
        const found = lines.find(({ msg }) => msg === message)
        if (found !== undefined) return found
        if (ended) throw new Error(`it ended without saying: ${message}`)
        await once(changes, 'news')
      }
    },
    signal: (signal: 'SIGTERM' | 'SIGINT') => void child.kill(signal),
    /** Its exit code, once it has ended. */
    exit,
    /** Ends it without a word, if it still runs. */
    kill: async () => {
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** Below those that a system lends to whoever connects: no caller gets it while its process is away, least of all who calls it. */
const unlent = { from: 20_000, count: 10_000 }

/** A port that was free a moment ago, for a process that must come back on the same one; one of a thousand from `from` on if it is given. */
export async function freePort(from?: number): Promise<number> {
  const { from: first, count } = from === undefined ? unlent : { from, count: 1_000 }
  for (;;) {
    const server = createServer()
    const wanted = first + Math.floor(Math.random() * count)
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(wanted, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    return port
  }
}
