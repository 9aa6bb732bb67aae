import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.tsx'
import { createDeskApp } from '../../src/http/desk/desk-app.tsx'
import { DeskKeys } from '../../src/http/desk/desk-door.ts'
import { listen } from '../../src/http/door/listen.ts'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import { checkTexts } from '../../src/texts/check-texts.ts'
import { password, startConsoleHall, tell } from '../console/console-hall.ts'
import { startWholeHall } from '../end-to-end/support/whole-hall.ts'
import {
  answering,
  platform2,
  platformA,
  viewsOf,
  waiting,
  webOptions,
  type Scene,
} from '../http/fixtures.ts'
import { serveChallengedJournal } from '../journal/recorded-hall.ts'
import { openBrowser, Phone } from '../keypad/support/phone.ts'
import { startScriptedBridge, stateOf } from '../keypad/support/scripted-bridge.ts'
import { builtPages } from '../support/built-pages.ts'
import type { TestChromium } from '../support/chromium.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { smallPng } from './small-png.ts'

/** In bytes; a page of the docs is read on phones, too. */
const mostBytes = 120 * 1024

let browser: TestChromium
let files: PageFiles

async function keep(name: string, png: Buffer): Promise<void> {
  const small = smallPng(png)
  expect([name, small.length <= mostBytes]).toEqual([name, true])
  await writeFile(fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url)), small)
}

/** A new page of this size. */
async function pageOf(width: number, height: number, url: string): Promise<Page> {
  const page = await browser.context.newPage()
  await page.setViewportSize({ width, height })
  await page.goto(url)
  return page
}

/** Pictures side by side, each a column with its title. */
async function sideBySide(
  name: string,
  columns: readonly { readonly title?: string; readonly pictures: readonly Buffer[] }[],
  width: number,
): Promise<void> {
  const page = await pageOf(24 + columns.length * (width + 12) - 12, 100, 'about:blank')
  const drawn = columns.map(({ title, pictures }) => {
    const images = pictures.map((one) => `<img src="data:image/png;base64,${one.toString('base64')}">`)
    return `<section>${title === undefined ? '' : `<h2>${title}</h2>`}${images.join('')}</section>`
  })
  await page.setContent(`<style>body{margin:0;padding:12px;display:flex;gap:12px;background:#fff}
    h2{font:600 13px sans-serif;height:2.5em;margin:0}section{width:${width}px}
    img{display:block;width:${width}px;margin:0 0 8px;border:1px solid #888}</style>${drawn.join('')}`)
  await keep(name, await page.screenshot({ fullPage: true }))
  await page.close()
}

describeIf(requirement('chromium'))('the pictures of the docs', () => {
  beforeAll(async () => {
    ;[files, browser] = await Promise.all([builtPages(), openBrowser()])
  })

  afterAll(async () => {
    await browser.close()
  })

  const good: Scene = { owlcms: answering, platforms: [platformA, { ...platform2, state: 'ready' }] }
  const down: Scene = { link: waiting, platforms: [{ ...platformA, droppedPresses: 3 }] }

  test.for([
    ['status-desktop', good, 1440, 900],
    ['status-phone', good, 390, 844],
    ['status-broker-down', down, 390, 844],
  ] as const)('%s', async ([name, scene, width, height]) => {
    const app = createApp(
      viewsOf(() => scene),
      webOptions({ pageFiles: files }),
    )
    const server = await listen(app, { host: '127.0.0.1', port: 0 })
    const page = await pageOf(width, height, `http://127.0.0.1:${server.port}/`)
    await keep(name, await page.screenshot({ fullPage: true }))
    await page.close()
    await server.close()
  })

  const running = { kind: 'running', remainingMs: 42_000, at: Date.now() } as const
  test.for([
    ['keypad-referee', 2, { phase: { kind: 'clockRunning' }, clock: running, decisions: { 2: 'good' } }],
    ['keypad-reminder', 2, { phase: { kind: 'downSignal' }, reminded: 2 }],
    ['keypad-president', undefined, { phase: { kind: 'clockRunning' }, clock: running }],
  ] as const)('%s', async ([name, number, state]) => {
    const bridge = await startScriptedBridge(files)
    bridge.seat = number === undefined ? { role: 'juryPresident' } : { role: 'referee', number }
    bridge.state = stateOf(state)
    const phone = await Phone.open(browser.context, `${bridge.url}/seat#token`)
    await phone.page.setViewportSize({ width: 390, height: 844 })
    await phone.begin()
    if (name === 'keypad-reminder') await phone.sees('.banner.reminder')
    await keep(name, await phone.page.screenshot())
    await phone.close()
    await bridge.stop()
  })

  test('console-hall, console-hall-phone', async () => {
    const hall = await startConsoleHall(files)
    const page = await pageOf(1100, 860, 'about:blank')
    await tell(page)
    await page.goto(`${hall.url}/console`)
    await page.locator('input[type=password]').fill(password)
    await page.keyboard.press('Enter')
    await page.locator('.live').first().waitFor()
    await keep('console-hall', await page.screenshot())
    await page.setViewportSize({ width: 390, height: 800 })
    await page.locator('.brief').first().waitFor()
    await keep('console-hall-phone', await page.screenshot())
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.close()
    await hall.stop()
  })

  test('journal-challenge', async () => {
    const server = await serveChallengedJournal(files)
    const page = await pageOf(960, 900, `http://127.0.0.1:${server.port}/journal/A?zone=Europe/Berlin`)
    await keep('journal-challenge', await page.locator('.lift').first().screenshot())
    await page.close()
    await server.close()
  })

  test('settings-page', async () => {
    const keys = new DeskKeys()
    const { steps, settings, portAnswers, login, listens, cameBack } = checkTexts.en
    const found = [
      [steps.settings, settings.readable(8883, 'MQTT over TLS', settings.both(4, 16))],
      [steps.tcp, portAnswers(8883)],
      [steps.connect, login.named('MQTT 5')],
      [steps.subscribe, listens],
      [steps.roundTrip, cameBack(23)],
    ] as const
    const app = createDeskApp(
      {
        settings: () => ({
          place: 'broker',
          server: 'abc123.s1.eu.hivemq.cloud',
          port: '8883',
          username: 'hall',
          hasPassword: true,
          hasAdminPassword: false,
          file: 'settings.txt',
          reach: { hosts: [], port: 1883 },
          serving: { kind: 'waiting' },
        }),
        async check(_request, _language, tell) {
          for (const [title, what] of found)
            tell({ kind: 'found', finding: { step: title, title, result: 'pass', what } })
          tell({ kind: 'done', outcome: 'ok' })
        },
        save: async () => ({ kind: 'saved', serving: { kind: 'waiting' } }),
      },
      keys,
      '1.0.0',
      webOptions({ pageFiles: files }),
    )
    const server = await listen(app, { host: '127.0.0.1', port: 0 })
    const page = await pageOf(592, 900, `http://127.0.0.1:${server.port}/#${keys.invite()}`)
    await page.getByText(cameBack(23)).waitFor()
    await keep('settings-page', await page.screenshot({ fullPage: true }))
    await page.close()
    await server.close()
  })

  test('console-paper, lift-film-strip, stage-display, console-two-devices: one evening', async () => {
    const hall = await startWholeHall()
    const organiser = await (await hall.person({ width: 1100, height: 820 })).newPage()
    await organiser.goto(`${hall.url}/console`)
    await organiser.getByLabel('Password').fill(hall.password)
    await organiser.getByLabel('Password').press('Enter')
    await organiser.getByRole('region', { name: 'Platform A', exact: true }).waitFor()
    await organiser.goto(`${hall.url}/console#seats`)
    await organiser.getByRole('button', { name: 'Make 7 codes' }).click()
    await organiser.getByText('7 codes are ready.').waitFor()
    const sheet = await onPaper(organiser, organiser.locator('.pages'))
    const stage = await hall.phone(`${hall.url}/view/A`)
    const officials: Phone[] = []
    for (const seat of ['referee-1', 'referee-2', 'referee-3', 'timekeeper']) {
      const phone = await hall.phone(await hall.seat(seat))
      await phone.begin()
      officials.push(phone)
    }
    const [one, two, three, timekeeper] = officials as [Phone, Phone, Phone, Phone]
    const referees = [one, two, three]
    const moments: { title: string; pictures: Buffer[] }[] = []
    const shoot = async (title: string): Promise<void> => {
      moments.push({ title, pictures: await Promise.all(referees.map(({ page }) => page.screenshot())) })
    }
    await timekeeper.touch(timekeeper.button('Start'))
    await Phone.allSee(referees, '.clock[data-clock="running"]')
    await shoot('The clock runs')
    await timekeeper.touch(timekeeper.button('Stop'))
    await Phone.allSee(referees, '.phase .clock[data-clock="stopped"]')
    await one.decide('good')
    await one.says('owlcms has: WHITE')
    await shoot('Referee 1 has decided')
    await two.decide('good')
    await two.says('owlcms has: WHITE')
    await hall.passes(1_500)
    await three.sees('.app[data-alert="reminder"]')
    await shoot('Referee 3 is reminded')
    await three.decide('good')
    await three.says('owlcms has: WHITE')
    await hall.passes(3_000)
    await stage.sees('.what[data-shown="good"]')
    await stage.page.setViewportSize({ width: 960, height: 540 })
    await keep('stage-display', await stage.page.screenshot())
    await shoot('The lights')
    await sideBySide('lift-film-strip', moments, 150)
    await hall.passes(3_500)
    await stage.sees('.stage[data-phase="athleteCalled"]')
    const second = await hall.phone(await hall.seat('referee-2'))
    await second.begin()
    await organiser.goto(`${hall.url}/console#hall`)
    await organiser.getByRole('group', { name: 'Two devices on Referee 2: which one counts?' }).waitFor()
    await organiser.evaluate('scrollTo(0, 0)')
    await keep('console-two-devices', await organiser.screenshot())
    await Promise.all([second.close(), three.close()])
    hall.owlcms.fieldOfPlay('A').beginBreak('TECHNICAL')
    await organiser.getByRole('button', { name: 'Start the light check', disabled: false }).click()
    for (const asked of [one, two]) {
      await asked.sees('.drill[data-ask="white"]')
      await asked.decide('good')
      await asked.sees('.drill[data-ask="red"]')
      await asked.decide('bad')
      for (const step of ['reminder', 'summon']) {
        await asked.sees(`.drill[data-ask="${step}"]`)
        await asked.touch(asked.page.locator('.drill button'))
      }
    }
    await organiser.getByText('All seats were asked.').waitFor({ timeout: 30_000 })
    await organiser.getByRole('link', { name: 'Result sheet' }).click()
    await organiser.getByRole('row', { name: /Referee 3/ }).waitFor()
    const result = await onPaper(organiser, organiser.locator('.result'))
    await sideBySide('console-paper', [{ pictures: [sheet, result] }], 560)
    await hall.stop()
  })
})

/** A part of a page as it comes out of a printer: the inside of A4 at 96 dots an inch, the first sheet. */
async function onPaper(page: Page, part: Locator): Promise<Buffer> {
  const before = page.viewportSize()
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: 703, height: 1031 })
  await page.evaluate('scrollTo(0, 0)')
  const box = await part.boundingBox()
  if (box === null) throw new Error('nothing on the paper')
  const { x, y, width, height } = box
  const picture = await page.screenshot({ clip: { x, y, width, height: Math.min(height, 1031) } })
  await page.emulateMedia({ media: 'screen' })
  if (before !== null) await page.setViewportSize(before)
  return picture
}
