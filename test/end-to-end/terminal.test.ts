import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/program.ts'
import { describeIf, requirement } from '../support/requirements.ts'

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** Gives the program a terminal of its own, and passes on what it shows there. */
const inTerminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'

describeIf(requirement('python'))('the built program on a terminal', () => {
  test.for([
    [
      'venue',
      (port: number, boxes: number) => [`Boxes: localhost, port ${boxes}`, `Open http://localhost:${port}`],
    ],
    ['start', (port: number) => [`Open http://localhost:${port}`]],
  ] as const)('%s speaks to a person and shows no JSON', async ([command, places]) => {
    const port = await freePort()
    const boxes = await freePort()
    const nobody = await freePort()
    const child = spawn('python3', ['-c', inTerminal, process.execPath, main, command], {
      env: {
        ...{ PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port) },
        ...(command === 'venue' && { BRIDGE_VENUE_PORT: String(boxes) }),
        ...{ OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1', OWLCMS_MQTTPORT: String(nobody) },
        ...{ OWLCMS_MQTTUSERNAME: 'planted-user', OWLCMS_MQTTPASSWORD: 'planted-password' },
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const gone = once(child, 'close')
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await gone
    })
    let shown = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text.replaceAll('\r\n', '\n')))
    await eventually(() => expect(shown).toContain('nothing answers at this port'))
    expect(shown.split('\n').slice(1, 1 + places(port, boxes).length)).toEqual(places(port, boxes))
    child.stdin.write('\u0003')
    await eventually(() => expect(shown).toContain('Stopped.'))
    expect(shown).not.toMatch(/[{}]|planted/)
  })
})
