import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { createApp, createSetupApp } from '../../src/http/app.tsx'
import { listen } from '../../src/http/door/listen.ts'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import type { Seat } from '../../src/protocol/contract/seat.ts'
import type { VisibleState } from '../../src/protocol/field/visible-state.ts'
import { languages, type Language } from '../../src/texts/languages.ts'
import { password, startConsoleHall, tell } from '../console/console-hall.ts'
import { awkwardPlatforms, brokerDown, overview, shortName } from '../console/fixtures.ts'
import {
  answering,
  faults,
  platform2,
  platformA,
  silent,
  viewsOf,
  waiting,
  warnings,
  webOptions,
} from '../http/fixtures.ts'
import type { Scene } from '../http/fixtures.ts'
import { serveChallengedJournal } from '../journal/recorded-hall.ts'
import { builtPages } from '../support/built-pages.ts'
import { openBrowser, Phone } from '../keypad/support/phone.ts'
import { startScriptedBridge, stateOf, type ScriptedBridge } from '../keypad/support/scripted-bridge.ts'
import type { TestChromium } from '../support/chromium.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTestDemo } from '../support/running-bridge.ts'

const folder = fileURLToPath(new URL('../../artifacts/pictures/', import.meta.url))
const widths = [
  [320, 568],
  [390, 844],
  [768, 1024],
  [1440, 900],
] as const
const codes = Object.keys(languages) as Language[]

let browser: TestChromium
let files: PageFiles

/** `artifacts/pictures/fr/referee-reminded-320.png` and its like. */
async function picture(page: Page, language: Language, name: string, fullPage = true): Promise<void> {
  await mkdir(`${folder}${language}`, { recursive: true })
  for (const [width, height] of widths) {
    await page.setViewportSize({ width, height })
    await page.screenshot({ path: `${folder}${language}/${name}-${width}.png`, fullPage })
  }
}

/** The pages of this address are in the language from now on. */
async function speak(url: string, language: Language): Promise<void> {
  await browser.context.clearCookies()
  await browser.context.addCookies([{ name: 'bridge-language', value: language, url }])
}

const halls: Readonly<Record<string, Scene>> = {
  'status-good': { owlcms: answering, platforms: [platformA, { ...platform2, state: 'ready' }] },
  'status-first': { platforms: [platform2] },
  'status-broker-down': { link: waiting, platforms: [{ ...platformA, droppedPresses: 3 }] },
  'status-wrong-password': {
    link: { ...waiting, fault: { code: 'badCredentials', raw: 'CONNACK reason code 4' } },
  },
  'status-owlcms-silent': { owlcms: silent, platforms: [platformA, platform2] },
  'status-starting': { platforms: [{ ...platformA, state: 'starting' }, platform2] },
}

const decided = { 1: 'good', 2: 'bad', 3: 'good' } as const
const shown = { phase: { kind: 'decisionShown' }, decisions: decided, shown: 'good', down: true } as const
const running = {
  phase: { kind: 'clockRunning' },
  // Runs for longer than the pictures take.
  clock: { kind: 'running', remainingMs: 600_000, at: Date.now() },
} as const
const challenge = {
  phase: { kind: 'break', breakType: 'CHALLENGE' },
  decisions: decided,
  jury: { size: 5, votes: { 1: 'good', 2: 'hidden', 4: 'bad' }, revealed: false },
} as const

interface KeypadScene {
  readonly seat?: Pick<Seat, 'role' | 'number'>
  readonly state?: Partial<VisibleState>
  /** Default: the seat's page. */
  readonly path?: string
  readonly isNotBegun?: true
  readonly then?: (bridge: ScriptedBridge) => void
}

const referee = { role: 'referee', number: 2 } as const
const keypads: Readonly<Record<string, KeypadScene>> = {
  begin: { seat: referee, isNotBegun: true },
  referee: { seat: referee, state: running },
  'referee-taken': { seat: referee, state: { ...running, decisions: { 2: 'good' } } },
  'referee-reminded': { seat: referee, state: { phase: { kind: 'downSignal' }, reminded: 2 } },
  'referee-summoned': { seat: referee, state: { summoned: [2] } },
  'referee-break': { seat: referee, state: { phase: { kind: 'break', breakType: 'FIRST_CJ' } } },
  'referee-no-broker': {
    seat: referee,
    then: (bridge) => bridge.say({ type: 'status', ready: false, platforms: ['A'] }),
  },
  'referee-waiting': {
    seat: referee,
    then: (bridge) => bridge.say({ type: 'seat', state: 'waiting', at: 1 }),
  },
  'referee-light-check': {
    seat: referee,
    then: (bridge) => bridge.say({ type: 'drill', platform: 'A', on: true, ask: 'white', at: 1 }),
  },
  'referee-revoked': { seat: referee, then: (bridge) => bridge.close(4410) },
  solo: { seat: { role: 'soloReferee' }, state: running },
  timekeeper: { seat: { role: 'timekeeper' }, state: running },
  controller: { seat: { role: 'technicalController' }, state: { summoned: [4] } },
  'jury-member': { seat: { role: 'juryMember', number: 3 }, state: challenge },
  'jury-president': { seat: { role: 'juryPresident' }, state: running },
  'jury-president-challenge': { seat: { role: 'juryPresident', number: 1 }, state: challenge },
  'no-seat': { path: '/seat', isNotBegun: true },
  'stage-list': { path: '/view', isNotBegun: true },
  'stage-running': { path: '/view/A', isNotBegun: true, state: running },
  'stage-shown': { path: '/view/A', isNotBegun: true, state: shown },
  overlay: { path: '/overlay/A', isNotBegun: true, state: shown },
  'overlay-mistyped': { path: '/overlay/a', isNotBegun: true },
}

describeIf(requirement('chromium'))('pictures', () => {
  beforeAll(async () => {
    ;[files, browser] = await Promise.all([builtPages(), openBrowser()])
  })

  afterAll(async () => {
    await browser.close()
  })

  test.for([...Object.entries(halls), ['setup', undefined] as const])('%s', async ([name, scene]) => {
    const options = webOptions({ pageFiles: files, hosting: 'fly', flyApp: 'my-bridge' })
    const app =
      scene === undefined
        ? createSetupApp({ faults, warnings, version: '1.4.2' }, options)
        : createApp(
            viewsOf(() => scene),
            options,
          )
    const server = await listen(app, { host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${server.port}/`
    for (const language of codes) {
      await speak(url, language)
      const page = await browser.context.newPage()
      await page.goto(url)
      await picture(page, language, name)
      await page.close()
    }
    await server.close()
  })

  test.for(Object.entries(keypads))('%s', async ([name, scene]) => {
    const bridge = await startScriptedBridge(files)
    bridge.seat = scene.seat
    bridge.state = stateOf(scene.state)
    for (const language of codes) {
      await speak(bridge.url, language)
      const phone = await Phone.open(browser.context, `${bridge.url}${scene.path ?? '/seat#token'}`)
      if (scene.isNotBegun !== true) await phone.begin()
      scene.then?.(bridge)
      await phone.page.waitForFunction(`document.querySelector('#app').childElementCount > 0`)
      await picture(phone.page, language, name, false)
      await phone.close()
    }
    await bridge.stop()
  })

  test('the demo', async () => {
    const demo = await startTestDemo(files)
    for (const language of codes) {
      await speak(demo.url, language)
      const phone = await Phone.open(browser.context, demo.url)
      await phone.sees('.stage .clock[data-clock]')
      await picture(phone.page, language, 'demo')
      await phone.close()
    }
    await demo.stop()
  })

  test('the journal', async () => {
    const server = await serveChallengedJournal(files)
    for (const language of codes) {
      const page = await browser.context.newPage()
      await page.goto(`http://127.0.0.1:${server.port}/journal/A?language=${language}`)
      await picture(page, language, 'journal')
      await page.close()
    }
    await server.close()
  })

  test('the console', async () => {
    const hall = await startConsoleHall(files)
    const desk = hall.owlcms.fieldOfPlay(shortName)
    desk.beginBreak('TECHNICAL')
    for (const language of codes) {
      await speak(hall.url, language)
      const page = await browser.context.newPage()
      const told = await tell(page)
      await page.goto(`${hall.url}/console`)
      await page.locator('input[type=password]').waitFor()
      await picture(page, language, 'console-sign-in')
      await page.locator('input[type=password]').fill(password)
      await page.keyboard.press('Enter')
      await page.locator('nav').waitFor()
      await page.locator('.platform').first().waitFor()
      await picture(page, language, 'console-hall')
      told.overview = () => overview({ platforms: awkwardPlatforms(), blocks: brokerDown })
      await page.locator('.decision').waitFor()
      await picture(page, language, 'console-hall-trouble')
      await page.emulateMedia({ colorScheme: 'dark' })
      await picture(page, language, 'console-hall-dark')
      await page.emulateMedia({ colorScheme: 'light' })
      for (const view of ['seats', 'check', 'messages', 'bridge']) {
        await page.goto(`${hall.url}/console#${view}`)
        await page.locator('main h1').waitFor()
        if (view === 'check') {
          await page.locator('button.main').click()
          await page.locator('.findings').waitFor()
        }
        await picture(page, language, `console-${view}`)
        if (view !== 'seats') continue
        await page.locator('form button[type=submit]').click()
        await page.locator('.pages').waitFor()
        await picture(page, language, 'console-seat-sheet', false)
      }
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      await page.close()
    }
    await hall.stop()
  })
})
