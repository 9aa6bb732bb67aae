import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import mqtt from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { axeViolations, complaintsOf, openTabs, type TestChromium } from '../support/chromium.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/program.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTestBroker, type TestBroker } from '../support/tls-broker.ts'

/** Gives the program a terminal of its own, and passes on what it shows there; needs Python. */
const inTerminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'

/** The built program, as somebody starts it in a terminal. */
type TerminalProgram = ReturnType<typeof startOnTerminal>

function startOnTerminal(args: readonly string[], settings: Readonly<Record<string, string>>) {
  const child = spawn('python3', ['-c', inTerminal, process.execPath, resolve('dist/main.js'), ...args], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', ...settings },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text.replaceAll('\r\n', '\n')))
  const exit = once(child, 'close').then(([code]) => code as number | null)
  return {
    /** All that it has shown so far. */
    shown: () => shown,
    type: (text: string) => void child.stdin.write(text),
    /** Its exit code, once it has ended. */
    exit,
    kill: async () => {
      // Without its terminal the program ends as well.
      child.kill('SIGKILL')
      await exit
    },
  }
}

const password = `hall#2026 $HOME "y" 'z' ü密🏋 `

describeIf([requirement('chromium'), requirement('python')])('the first start in the hall', () => {
  let browser: TestChromium
  let page: Page
  let home = ''
  let port = 0
  let complaints: readonly string[] = []
  const cleanUps: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    browser = await openTabs({ locale: 'en-GB' })
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'owlcms-bridge-home-'))
    port = await freePort()
    // What a desktop has to open pages with; it notes what it was asked for.
    await writeFile(join(home, 'xdg-open'), `#!/bin/sh\necho "$1" >> '${join(home, 'opened')}'\n`)
    await chmod(join(home, 'xdg-open'), 0o755)
    // Cookies know no ports, so the last test's bridge would let us in.
    await browser.context.clearCookies()
    page = await browser.context.newPage()
    complaints = complaintsOf(page)
  })
  afterEach(async () => {
    await page.close()
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
    await rm(home, { recursive: true, force: true })
    expect(complaints).toEqual([])
  })

  const kept = () => join(home, '.config', 'owlcms-bridge', 'settings.txt')

  function start(
    args: readonly string[] = ['venue'],
    more: Readonly<Record<string, string>> = {},
  ): TerminalProgram {
    const program = startOnTerminal(args, {
      ...{ HOME: home, PATH: `${home}:${process.env['PATH'] ?? ''}`, DISPLAY: ':99' },
      ...{ PORT: String(port), BRIDGE_VENUE_PORT: '0', ...more },
    })
    cleanUps.push(() => program.kill())
    return program
  }

  /** The addresses that the program had opened in a browser. */
  const opened = async (count: number): Promise<string> =>
    eventually(async () => {
      const lines = (await readFile(join(home, 'opened'), 'utf8')).trimEnd().split('\n')
      expect(lines.filter((line) => line !== '')).toHaveLength(count)
      return lines.at(-1) ?? ''
    })

  async function brokerOf(username: string, secret: string): Promise<TestBroker> {
    const broker = await startTestBroker({ transport: 'tcp', username, password: secret })
    cleanUps.push(() => broker.stop())
    return broker
  }

  const ready = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/readyz`)).status

  test('asks for the four on a page that opens by itself, tries them while one types, and serves with any password, by keyboard alone', async () => {
    const broker = await brokerOf('hall', password)
    const program = start()
    await page.goto(await opened(1))
    await page.getByText('The bridge waits for these settings').waitFor()
    // Nothing is open in the hall before somebody has chosen.
    await expect(ready()).rejects.toThrow('fetch failed')
    expect(await axeViolations(page)).toEqual([])
    const tabTo = async (id: string) => {
      for (let presses = 0; presses < 30; presses += 1) {
        if ((await page.evaluate('document.activeElement.id')) === id) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`the keyboard does not come to ${id}`)
    }
    await tabTo('server')
    await page.keyboard.type('mqtt://127.0.0.1')
    await tabTo('port')
    await page.keyboard.type(String(broker.port))
    await tabTo('username')
    await page.keyboard.type('hall')
    await tabTo('password')
    await page.keyboard.type('wrong')
    await page.getByText('The broker refuses the user name or the password').first().waitFor()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText(password)
    await page.getByText('The broker lets the bridge in with this user name and password').waitFor()
    await page.getByText('It begins or ends with a space').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Open the status page' }).waitFor()
    await eventually(async () => expect(await ready()).toBe(200))
    expect((await stat(kept())).mode & 0o777).toBe(0o600)
    expect(program.shown()).not.toContain('hall#2026')
    expect(await page.content()).not.toContain('hall#2026')
    const check = start(['check'])
    await eventually(() => expect(check.shown()).toContain('password of 28 characters'))
    // The next start asks nothing.
    program.type('\u0003')
    expect(await program.exit).toBe(0)
    start()
    await eventually(async () => expect(await ready()).toBe(200))
    await opened(1)
  })

  test('serves without a broker when that is chosen, and opens the console with the password typed there', async () => {
    const boxes = await freePort()
    start(['venue'], { BRIDGE_VENUE_PORT: String(boxes) })
    await page.goto(await opened(1))
    await page.getByRole('radio', { name: 'At this computer' }).check()
    await page.getByText(`localhost, Port ${boxes}`).waitFor()
    await page.getByLabel('Password for the console').fill('organiser#1')
    await page.getByRole('button', { name: 'Save and start' }).click()
    const console = await page.getByRole('link', { name: 'Open the console' }).getAttribute('href')
    const box = await mqtt.connectAsync(`mqtt://127.0.0.1:${boxes}`)
    cleanUps.push(() => box.endAsync(true))
    await page.goto(console ?? '')
    await page.getByLabel('Password').fill('organiser#1')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation').waitFor()
  })

  test('changes them later from the console, without sending the kept password to another address', async () => {
    const [first, second] = [await brokerOf('hall', 'first#1'), await brokerOf('hall', 'second#2')]
    const file = join(home, 'hall.env')
    await writeFile(
      file,
      `# ours\nOWLCMS_MQTTSERVER=mqtt://127.0.0.1\nOWLCMS_MQTTPORT=${first.port}\nOWLCMS_MQTTUSERNAME=hall\nOWLCMS_MQTTPASSWORD=first#1\n`,
    )
    start(['venue', '--settings', file])
    await eventually(async () => expect(await ready()).toBe(200))
    await page.goto(`http://127.0.0.1:${port}/console`)
    await page.getByLabel('Password').fill('first#1')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Bridge' }).click()
    await page.getByRole('button', { name: 'Change the settings' }).click()
    await page.getByText('It is kept. Leave it blank').waitFor()
    expect(await page.getByLabel('Password (OWLCMS_MQTTPASSWORD)').inputValue()).toBe('')
    // What another address hears of us.
    const before = second.connections
    await page.getByLabel('Port (OWLCMS_MQTTPORT)').fill(String(second.port))
    await page.getByText('Type it again').waitFor()
    await page.getByRole('button', { name: 'Save and restart' }).click()
    await page.getByText('Nothing was changed').waitFor()
    await page.getByRole('alert').getByText('OWLCMS_MQTTPASSWORD: It is not set').waitFor()
    expect(second.connections).toBe(before)
    await page.getByLabel('Password (OWLCMS_MQTTPASSWORD)').fill('second#2')
    await page.getByRole('button', { name: 'Save and restart' }).click()
    await page.getByText('Saved. The bridge runs.').waitFor()
    await second.until(({ subscriptions }) => subscriptions.length > 0)
    expect(await readFile(file, 'utf8')).toBe(
      `# ours\nOWLCMS_MQTTSERVER=mqtt://127.0.0.1\nOWLCMS_MQTTPORT=${second.port}\nOWLCMS_MQTTUSERNAME=hall\nOWLCMS_MQTTPASSWORD=second#2\n`,
    )
  })

  test('says which port another program has, and starts when it is free', async () => {
    const taken = createServer().listen(port, '127.0.0.1')
    start()
    await page.goto(await opened(1))
    await page.getByRole('radio', { name: 'At this computer' }).check()
    await page.getByRole('button', { name: 'Save and start' }).click()
    await page.getByRole('alert').getByText(`another program uses port ${port}`).waitFor()
    await new Promise((resolve) => taken.close(resolve))
    await page.getByRole('button', { name: 'Save and start' }).click()
    await page.getByText('Saved. The bridge runs.').waitFor()
  })

  test('says the address where there is no screen, and serves meanwhile', async () => {
    const program = start(['venue'], { DISPLAY: '' })
    await eventually(() =>
      expect(program.shown()).toContain('Make the settings, on this computer only: http://127.0.0.1:'),
    )
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
    const [, address = ''] = /(http:\/\/127\.0\.0\.1:\d+\/#\S+)/.exec(program.shown()) ?? []
    await page.goto(address)
    await page.getByText('The bridge runs').waitFor()
  })

  test.each([
    ['de', 'Einstellungen dieser Brücke'],
    ['fr', 'Réglages de cette passerelle'],
    ['es', 'Ajustes de este puente'],
  ])('speaks %s, on a phone’s width and on a screen', async (language, title) => {
    start()
    await page.goto(await opened(1))
    await page.locator('.language').selectOption(language)
    await page.getByRole('heading', { name: title }).waitFor()
    for (const width of [320, 1440]) {
      await page.setViewportSize({ width, height: 800 })
      await eventually(async () =>
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width),
      )
    }
  })

  test('lets in only who has its address, once, by this computer’s name, from its own page', async () => {
    start()
    const address = new URL(await opened(1))
    const word = address.hash.slice(1)
    const own = address.origin
    const ask = (
      path: string,
      headers: Readonly<Record<string, string>>,
      body?: object,
    ): Promise<{ readonly status: number; readonly text: string }> =>
      new Promise((resolve, reject) => {
        const asked = httpRequest(
          `${own}${path}`,
          {
            method: body === undefined ? 'GET' : 'POST',
            headers: { ...(body && { 'content-type': 'application/json', origin: own }), ...headers },
          },
          (response) => {
            let text = ''
            response.setEncoding('utf8').on('data', (more: string) => (text += more))
            response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
          },
        )
        asked.on('error', reject)
        asked.end(body === undefined ? undefined : JSON.stringify(body))
      })
    const status = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status
    // A page whose own name was turned to this computer's address.
    expect(await status('/', { host: `evil.example:${address.port}` })).toBe(421)
    expect(await status('/', { host: 'localhost' })).toBe(421)
    // A page elsewhere, or on another port of this computer, that sends something here.
    for (const origin of ['https://evil.example', `http://127.0.0.1:${port}`, 'null'])
      expect(await status('/api/key', { origin }, { once: word })).toBe(403)
    expect(await status('/api/key', { 'content-type': 'text/plain' }, { once: word })).toBe(415)
    // Somebody else on this computer, who doesn't know the word.
    expect(await status('/api/settings', {})).toBe(401)
    expect(await status('/api/settings', { authorization: `Bearer ${word}` })).toBe(401)
    expect(await status('/api/settings', {}, { place: 'own', server: '', port: '', username: '' })).toBe(401)
    expect(await status('/api/key', {}, { once: `${word}x` })).toBe(403)
    const { key } = JSON.parse((await ask('/api/key', {}, { once: word })).text) as { readonly key: string }
    expect(await status('/api/key', {}, { once: word })).toBe(403)
    expect(await status('/api/settings', { authorization: `Bearer ${key}` })).toBe(200)
    await page.goto(address.href)
    await page.getByText('This address works once').waitFor()
  })
})

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
    const program = startOnTerminal([command], {
      PORT: String(port),
      ...(command === 'venue' && { BRIDGE_VENUE_PORT: String(boxes) }),
      ...{ OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1', OWLCMS_MQTTPORT: String(nobody) },
      ...{ OWLCMS_MQTTUSERNAME: 'planted-user', OWLCMS_MQTTPASSWORD: 'planted-password' },
    })
    onTestFinished(() => program.kill())
    await eventually(() => expect(program.shown()).toContain('nothing answers at this port'))
    expect(
      program
        .shown()
        .split('\n')
        .slice(1, 1 + places(port, boxes).length),
    ).toEqual(places(port, boxes))
    program.type('\u0003')
    await eventually(() => expect(program.shown()).toContain('Stopped.'))
    expect(program.shown()).not.toMatch(/[{}]|planted/)
  })
})
