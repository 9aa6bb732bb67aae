// Runs the npm scripts that it is given side by side, and shows in full what those said that failed; what passed is one line.
// After `--beside` comes one that has the machine first and shows what it says as it goes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { beside: { type: 'string' } } })

const check = async (script) => {
  const started = performance.now()
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  if (values.beside !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text))
  const [code] = await once(child, 'close')
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? 'passed' : 'FAILED'}: ${script} (${seconds} s)\n`)
  if (code !== 0) process.stdout.write(`${said.trimEnd()}\n\n`)
  return code === 0
}

const shown = async (script) => {
  const [code] = await once(spawn('npm', ['run', '--silent', script], { stdio: 'inherit' }), 'close')
  return code === 0
}

const passed = await Promise.all([
  ...positionals.map(check),
  ...(values.beside === undefined ? [] : [shown(values.beside)]),
])
positionals.forEach((script, at) => {
  // Perhaps far above.
  if (!passed[at] && values.beside !== undefined) process.stdout.write(`FAILED: ${script}\n`)
})
process.exitCode = passed.every(Boolean) ? 0 : 1
