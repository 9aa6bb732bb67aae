import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import type { VisibleState } from '../../src/protocol/field/visible-state.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { builtPages } from '../support/built-pages.ts'
import { axeViolations, type TestChromium } from '../support/chromium.ts'
import { openBrowser, Phone } from './support/phone.ts'
import { startScriptedBridge, stateOf, type ScriptedBridge } from './support/scripted-bridge.ts'

interface Scene {
  readonly seat?: ScriptedBridge['seat']
  readonly state?: Partial<VisibleState> | (() => Partial<VisibleState>)
  /** Default: the seat's page, after the first tap. */
  readonly path?: string
  /** What must be there before it is looked at; it comes from what the bridge says afterwards. */
  readonly sees?: string
  readonly then?: (bridge: ScriptedBridge, phone: Phone) => Promise<void> | void
  /** Stays before the first tap. */
  readonly notBegun?: boolean
  readonly language?: string
}

const decided = { 1: 'good', 2: 'bad', 3: 'good' } as const
/** From the moment at which it is shown. */
const running = (): Partial<VisibleState> => ({
  phase: { kind: 'clockRunning' },
  clock: { kind: 'running', remainingMs: 60_000, at: Date.now() },
})
const shown: Partial<VisibleState> = {
  phase: { kind: 'decisionShown' },
  decisions: decided,
  shown: 'good',
  down: true,
}
const challenge: Partial<VisibleState> = {
  phase: { kind: 'break', breakType: 'CHALLENGE' },
  decisions: decided,
  summoned: [2],
  jury: { size: 5, votes: { 1: 'good', 2: 'hidden', 4: 'bad' }, revealed: false },
}
const president = { role: 'juryPresident', number: 1 } as const

const scenes: Readonly<Record<string, Scene>> = {
  begin: { notBegun: true, sees: '.begin' },
  'begin-de': { notBegun: true, sees: '.begin', language: 'de' },
  'begin-controller-de': {
    notBegun: true,
    seat: { role: 'technicalController' },
    sees: '.begin',
    language: 'de',
  },
  referee: { state: { decisions: { 2: 'good' } }, sees: '[data-state="taken"]' },
  'referee-reminded': { state: { phase: { kind: 'downSignal' }, reminded: 2 }, sees: '.banner.reminder' },
  'referee-summoned-de': { state: { summoned: [2] }, sees: '.banner.summon', language: 'de' },
  'referee-refused-fr': {
    language: 'fr',
    sees: '.fate.bad',
    async then(bridge, phone) {
      await phone.decide('bad')
      const [press] = await bridge.hears('press')
      bridge.say({ type: 'error', id: press?.['id'], reason: 'lost', text: '' })
    },
  },
  'no-broker': {
    sees: '.trouble.out',
    then: (bridge) => bridge.say({ type: 'status', ready: false, platforms: ['A'] }),
  },
  'president-without-broker-fr': {
    seat: { role: 'juryPresident' },
    state: challenge,
    language: 'fr',
    sees: '[data-keys="shut"]',
    then: (bridge) => bridge.say({ type: 'status', ready: false, platforms: ['A'] }),
  },
  'timekeeper-without-broker-de': {
    seat: { role: 'timekeeper' },
    language: 'de',
    sees: '[data-keys="shut"]',
    then: (bridge) => bridge.say({ type: 'status', ready: false, platforms: ['A'] }),
  },
  waiting: { sees: '.banner', then: (bridge) => bridge.say({ type: 'seat', state: 'waiting', at: 1 }) },
  drill: {
    sees: '.drill[data-ask="white"]',
    then: (bridge) => bridge.say({ type: 'drill', platform: 'A', on: true, ask: 'white', at: 1 }),
  },
  solo: { seat: { role: 'soloReferee' }, sees: '.verdict' },
  'jury-member': {
    seat: { role: 'juryMember', number: 2 },
    state: { ...challenge, jury: { size: 3, votes: { 2: 'hidden' }, revealed: false } },
    sees: '.cast',
  },
  'jury-president': {
    seat: { role: 'juryPresident' },
    state: { decisions: { 1: 'good' } },
    sees: '.president',
  },
  'jury-president-challenge': { seat: president, state: challenge, sees: '.vote' },
  'jury-president-challenge-de': { seat: president, state: challenge, sees: '.vote', language: 'de' },
  timekeeper: {
    seat: { role: 'timekeeper' },
    state: running,
    sees: '.timekeeper',
  },
  controller: { seat: { role: 'technicalController' }, sees: '.idle' },
  'controller-summoned': {
    seat: { role: 'technicalController' },
    state: { summoned: [4] },
    sees: '.banner.summon',
  },
  revoked: { sees: '.message h1', then: (bridge) => bridge.close(4410) },
  'no-seat': { path: '/seat', notBegun: true, sees: '.message:has-text("QR")' },
  'view-list': { path: '/view', notBegun: true, sees: 'a.command' },
  'view-running': {
    path: '/view/A',
    notBegun: true,
    state: running,
    sees: '.stage .clock',
  },
  'view-down': {
    path: '/view/A',
    notBegun: true,
    state: { phase: { kind: 'downSignal' }, down: true },
    sees: '.down',
  },
  'view-shown': { path: '/view/A', notBegun: true, state: shown, sees: '.light.bad' },
  'view-break': {
    path: '/view/A',
    notBegun: true,
    state: { phase: { kind: 'break', breakType: 'FIRST_CJ' } },
    sees: '.what:has-text("first clean")',
  },
  overlay: { path: '/overlay/A', notBegun: true, state: shown, sees: '.overlay .light.bad' },
  'overlay-list': { path: '/overlay', notBegun: true, sees: 'a.command[href="/overlay/A"]' },
  'overlay-of-no-platform-de': {
    path: '/overlay/a',
    notBegun: true,
    sees: '.mistake:has-text("Es gibt keine Plattform a. owlcms hat: A")',
    language: 'de',
  },
  'overlay-of-another-platform-fr': {
    path: '/overlay/B#token',
    notBegun: true,
    sees: '.mistake:has-text("Ce lien est pour le plateau A.")',
    language: 'fr',
  },
  'overlay-with-an-odd-option-es': {
    path: '/overlay/A?colour=red',
    notBegun: true,
    sees: '.mistake:has-text("colour=red")',
    language: 'es',
  },
  'overlay-with-a-wrong-code': {
    path: '/overlay/C#token',
    notBegun: true,
    sees: '.mistake:has-text("Nobody may watch with this address")',
    then: (bridge) => bridge.close(4401),
  },
}

const sizes = [
  [320, 568],
  [667, 320],
  [1440, 900],
] as const

describeIf(requirement('chromium'))('every page', () => {
  let browser: TestChromium
  let scripts: PageFiles
  let bridge: ScriptedBridge
  let phone: Phone | undefined

  beforeAll(async () => {
    ;[scripts, browser] = await Promise.all([builtPages(), openBrowser()])
  }, 60_000)

  beforeEach(async () => {
    bridge = await startScriptedBridge(scripts)
  })

  afterEach(async () => {
    await phone?.page.evaluate(() => localStorage.clear())
    await browser.context.clearCookies()
    const complaints = phone?.complaints ?? []
    await phone?.close()
    await bridge.stop()
    expect(complaints).toEqual([])
  })

  afterAll(async () => {
    await browser.close()
  })

  async function show(scene: Scene): Promise<Phone> {
    bridge.seat =
      scene.path?.startsWith('/view') === true || scene.path?.startsWith('/overlay') === true
        ? undefined
        : (scene.seat ?? { role: 'referee', number: 2 })
    bridge.state = stateOf(typeof scene.state === 'function' ? scene.state() : scene.state)
    if (scene.language !== undefined) {
      await browser.context.addCookies([{ name: 'bridge-language', value: scene.language, url: bridge.url }])
    }
    const opened = await Phone.open(browser.context, `${bridge.url}${scene.path ?? '/seat#token'}`)
    phone = opened
    if (scene.notBegun !== true) await opened.begin()
    if (scene.then !== undefined) {
      await bridge.hears('start')
      await scene.then(bridge, opened)
    }
    if (scene.sees !== undefined) await opened.sees(scene.sees)
    return opened
  }

  test.for(Object.entries(scenes))(
    '%s fits phones in both orientations and big screens, and axe finds nothing',
    async ([, scene]) => {
      const { page } = await show(scene)
      for (const [width, height] of sizes) {
        await page.setViewportSize({ width, height })
        const outside = await page.evaluate(() =>
          [...document.querySelectorAll('.app button, .app .light, h1, .begin > *, .stage > *, .message > *')]
            .filter((element) => !element.classList.contains('unseen') && element.getClientRects().length > 0)
            .filter((element) => {
              const { left, top, right, bottom } = element.getBoundingClientRect()
              const isCut = element.scrollWidth > element.clientWidth + 1
              return isCut || left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1
            })
            .map((element) => `${element.className} ${element.textContent}`),
        )
        expect({ width, outside }).toEqual({ width, outside: [] })
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        expect({ width, wide }).toEqual({ width, wide: width })
      }
      await page.setViewportSize({ width: 360, height: 740 })
      expect(await axeViolations(page)).toEqual([])
    },
  )

  test('what fails on air is no mistake of the address: an overlay that has shown its platform shows nothing then', async () => {
    const { page } = await show(scenes['overlay']!)
    bridge.close(4410)
    await page.locator('.stage[data-line="ended"]').waitFor({ state: 'attached' })
    expect(await page.locator('.stage > :not(.unseen)').count()).toBe(0)
  })

  test.for([
    { role: 'referee', number: 2 },
    { role: 'soloReferee' },
    { role: 'juryMember', number: 3 },
    president,
    { role: 'timekeeper' },
    { role: 'technicalController' },
  ] as const)(
    'the platform’s name is whole on the page of $role, in each language, from 320 px, also at 200 % text',
    async (seat) => {
      bridge.seat = seat
      bridge.platform = 'Westfalenhalle Nord, Bühne 2'
      const opened = await Phone.open(browser.context, `${bridge.url}/seat#token`)
      phone = opened
      const { page } = opened
      await page.setViewportSize({ width: 320, height: 568 })
      await opened.sees('.begin')
      const cutAt = (selector: string): Promise<readonly string[]> =>
        page.evaluate(
          ([where, name]) =>
            [...document.querySelectorAll(where)]
              .filter(({ textContent }) => textContent.includes(name))
              .map((element) => {
                const { left, right, top, bottom } = element.getBoundingClientRect()
                const isInside = left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight
                const isCut =
                  element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight + 2
                return isInside && !isCut ? 'whole' : `cut: ${left} to ${right} of ${innerWidth}`
              }),
          [selector, bridge.platform] as const,
        )
      expect(await cutAt('.begin p')).toEqual(['whole'])
      await opened.begin()
      for (const language of ['en', 'de', 'fr', 'es']) {
        await page.locator('.language').selectOption(language)
        await page.locator(`html[lang="${language}"]`).waitFor()
        for (const [width, height] of [
          [320, 568],
          [390, 844],
          [820, 1180],
        ] as const) {
          for (const size of ['100%', '200%']) {
            await page.setViewportSize({ width, height })
            await page.evaluate((to) => (document.documentElement.style.fontSize = to), size)
            expect([language, width, size, ...(await cutAt('.where'))]).toEqual([
              language,
              width,
              size,
              'whole',
            ])
            // The keys are still there to be pressed.
            const least = await page.evaluate(() =>
              Math.min(
                ...[...document.querySelectorAll('.verdict, .big .command')].map((key) => {
                  key.scrollIntoView({ block: 'nearest' })
                  const { top, bottom } = key.getBoundingClientRect()
                  return Math.min(bottom, innerHeight) - Math.max(top, 0)
                }),
              ),
            )
            expect([language, width, size, least >= 44]).toEqual([language, width, size, true])
          }
        }
      }
    },
  )
})
