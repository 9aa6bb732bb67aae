import { runCheck } from '../doctor/check.ts'
import { closingLines, findingLines } from '../doctor/print.ts'
import { systemClock } from '../support/clock.ts'
import { exitCodes, type Command } from './command-line.ts'
import { flyApp, loadSettings, withOwnFile, type Program } from './program.ts'

const codes = {
  ok: exitCodes.ok,
  trouble: exitCodes.runTime,
  settings: exitCodes.configuration,
} as const

const clearLine = '\u001B[2K'

/** Step by step on the terminal, or one JSON document at the end. Exit code 0, 1 (trouble) or 2 (settings). */
export async function check(
  program: Program,
  command: Extract<Command, { readonly kind: 'check' }>,
): Promise<void> {
  const { json } = command
  const { env, random, terminal, version } = program
  const colour = terminal.isInteractive && env['NO_COLOR'] === undefined
  const mayLeave = program.stayAlive()
  try {
    const report = await runCheck(loadSettings(program, withOwnFile(program, command)), {
      clock: systemClock,
      random,
      ...flyApp(program),
      progress(progress) {
        if (json) return
        // Steps that were not tried come together at the end.
        // The line of a step under way is overwritten by what it found.
        if (progress.kind === 'begins') terminal.write(terminal.isInteractive ? `… ${progress.title}\r` : '')
        else {
          const lines = findingLines(progress.finding, colour)
          if (lines.length > 0)
            terminal.write(`${terminal.isInteractive ? clearLine : ''}${lines.join('\n')}\n`)
        }
      },
    })
    const exitCode = codes[report.outcome]
    program.endWith(exitCode)
    program.say(
      json
        ? JSON.stringify({ version, exitCode, ...report }, null, 2)
        : closingLines(report, colour).join('\n'),
    )
  } finally {
    mayLeave()
  }
}
