// Runs the npm scripts that it is given side by side, and shows in full what those said that failed; what passed is one line.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const check = async (script) => {
  const started = performance.now()
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text))
  const [code] = await once(child, 'close')
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? 'passed' : 'FAILED'}: ${script} (${seconds} s)\n`)
  if (code !== 0) process.stdout.write(`${said.trimEnd()}\n\n`)
  return code === 0
}

const passed = await Promise.all(process.argv.slice(2).map(check))
process.exitCode = passed.every(Boolean) ? 0 : 1
