import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { eventually } from '../../support/eventually.ts'

/** What somebody said, line by line, with a way to wait for more. */
export class Lines {
  readonly all: string[] = []

  add(line: string): void {
    this.all.push(line)
  }

  /** Resolves once `enough` holds, now or after a later line; rejects with all that was said when that takes too long. */
  until(enough: (lines: readonly string[]) => boolean, what = enough.toString()): Promise<void> {
    return eventually(() => {
      if (!enough(this.all)) throw new Error(`waited for ${what}; said so far:\n${this.all.join('\n')}`)
    })
  }

  /** Resolves once a line was said `times` times. */
  said(line: string, times = 1): Promise<void> {
    return this.until((lines) => lines.filter((each) => each === line).length >= times, `"${line}"`)
  }
}

/** A child process that is talked to in lines. */
export type LineProcess = ReturnType<typeof startLineProcess>

/**
 * Starts a program. `translate` turns a line of its output into one worth keeping, or undefined. Lines on
 * standard error are kept with "stderr " before them, and its end as "exit CODE": tests that compare all
 * lines see them.
 */
export function startLineProcess(
  [command, ...args]: readonly string[],
  first: readonly string[],
  translate: (line: string) => string | undefined = (line) => line,
) {
  if (command === undefined) throw new Error('no command')
  const child: ChildProcessWithoutNullStreams = spawn(command, args)
  const lines = new Lines()
  createInterface({ input: child.stdout }).on('line', (raw) => {
    const line = translate(raw)
    if (line !== undefined) lines.add(line)
  })
  createInterface({ input: child.stderr }).on('line', (raw) => lines.add(`stderr ${raw}`))
  let killed = false
  child.once('exit', (code, signal) => {
    if (!killed) lines.add(`exit ${code ?? signal ?? ''}`)
  })
  // Writing to a process that has just ended is an error nobody needs to hear.
  child.stdin.on('error', () => undefined)
  const tell = (line: string): void => void child.stdin.write(`${line}\n`)
  for (const line of first) tell(line)
  return {
    lines,
    tell,
    /** Ends it at once; resolves when it is gone. */
    kill: async () => {
      killed = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}
