import { readFile } from 'node:fs/promises'
import { ESLint } from 'eslint'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { missingBuiltIns, newerBuiltIns, newerStyles } from '../../scripts/check-browsers.mjs'
import { oldestBrowsers } from '../../scripts/oldest-browsers.mjs'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import { languages, type Language } from '../../src/texts/languages.ts'
import { shellTexts } from '../../src/texts/shells.ts'
import { builtPages } from '../support/built-pages.ts'
import { Phone } from '../keypad/support/phone.ts'
import { startScriptedBridge, type ScriptedBridge } from '../keypad/support/scripted-bridge.ts'
import { complaintsOf, openChromium, openTabs, type TestChromium } from '../support/chromium.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { password, startConsoleHall, type ConsoleHall } from './console-hall.ts'

/** Takes every built-in away that the oldest browsers lack, before the page's own script runs. */
const takenAway = `for (const path of ${JSON.stringify(missingBuiltIns())}) {
  const [holder, name] = path.includes('.') ? path.split('.') : [undefined, path]
  const places = holder === undefined ? [globalThis] : [globalThis[holder], globalThis[holder]?.prototype]
  for (const place of places) {
    if (place !== undefined && place !== null && Object.getOwnPropertyDescriptor(place, name)?.configurable) delete place[name]
  }
}`

describeIf(requirement('chromium'))('in the oldest browsers that the pages are for', () => {
  let browser: TestChromium
  let files: PageFiles
  let bridge: ScriptedBridge
  let hall: ConsoleHall
  let page: Page
  let complaints: readonly string[]

  beforeAll(async () => {
    files = await builtPages()
    browser = await openTabs({ locale: 'en-GB' })
    hall = await startConsoleHall(files)
  }, 60_000)

  beforeEach(async () => {
    bridge = await startScriptedBridge(files)
    await browser.context.clearCookies()
    page = await browser.context.newPage()
    complaints = complaintsOf(page)
    await page.addInitScript(takenAway)
  })

  afterEach(async () => {
    await page.close()
    await bridge.stop()
    expect(complaints).toEqual([])
  })

  afterAll(async () => {
    await browser.close()
    await hall.stop()
  })

  const works: Readonly<Record<string, () => Promise<void>>> = {
    'a keypad presses': async () => {
      await page.goto(`${bridge.url}/seat#token`)
      const phone = new Phone(page)
      await phone.begin()
      await phone.decide('good')
      expect((await bridge.hears('press'))[0]).toMatchObject({
        command: { kind: 'refereeDecision', value: 'good' },
      })
    },
    'the stage display shows the athlete': async () => {
      bridge.seat = undefined
      await page.goto(`${bridge.url}/view/A`)
      await page.getByText('GARCÍA-MÜLLER').waitFor()
    },
    'the overlay shows the athlete': async () => {
      bridge.seat = undefined
      await page.goto(`${bridge.url}/overlay/A`)
      await page.getByText('GARCÍA-MÜLLER').waitFor()
    },
    'the console makes codes, and asks before it revokes them': async () => {
      await page.goto(`${hall.url}/console#seats`)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: /^Make/ }).click()
      await page.locator('.qr svg').first().waitFor()
      await page.getByRole('button', { name: 'Choose other seats' }).click()
      await page.getByRole('button', { name: 'Revoke everything' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke everything' }).click()
      await page.getByText('Revoked.').waitFor()
      await page.goto(`${hall.url}/console#hall`)
      await page.getByRole('heading', { name: 'Everything works' }).waitFor()
    },
    'the status page keeps itself fresh': async () => {
      await page.goto(hall.url)
      const fetched = () => page.waitForResponse((response) => response.url() === `${hall.url}/`)
      await fetched()
      await fetched()
      await page.locator('#stale').waitFor({ state: 'hidden' })
      await finishWaiting(page)
      expect(await page.getByText(shellTexts.en.noRefresh).isHidden()).toBe(true)
    },
  }

  it.each(Object.entries(works))('%s', async (_name, work) => {
    await work()
    // Else the test would hold nothing.
    const left = `[Array.prototype.findLast, Array.prototype.toSorted, Object.hasOwn, AbortSignal.timeout,
      globalThis.structuredClone, globalThis.HTMLDialogElement?.prototype.showModal].filter(Boolean).length`
    expect(await page.evaluate(left)).toBe(0)
  })
})

describeIf(requirement('chromium'))('a page whose script does nothing', () => {
  let files: PageFiles
  let bridge: ScriptedBridge

  beforeAll(async () => {
    files = await builtPages()
    bridge = await startScriptedBridge(files)
  }, 60_000)

  afterAll(async () => {
    await bridge.stop()
  })

  const answers = {
    'that the browser cannot read': { contentType: 'text/javascript', body: 'let nothing = ;' },
    'that fails at once': { contentType: 'text/javascript', body: 'throw new Error("not in this browser")' },
    'that never arrives': { status: 503, body: '' },
  }
  const pages = [
    ['/seat#token', 'notStarted'],
    ['/view/A', 'notStarted'],
    ['/overlay/A', 'notStarted'],
    ['/console', 'notStarted'],
    ['/', 'noRefresh'],
  ] as const

  async function tellsAll(code: Language, answer: (typeof answers)[keyof typeof answers]): Promise<void> {
    const browser = await openChromium({ locale: code })
    try {
      const page = await browser.context.newPage()
      // No second of the script's time goes by before the test says so, however slow the machine is.
      const devtools = await browser.context.newCDPSession(page)
      await devtools.send('Animation.enable')
      await devtools.send('Animation.setPlaybackRate', { playbackRate: 0 })
      await page.route('**/assets/*.js*', (route) => route.fulfill(answer))
      for (const [path, text] of pages) {
        await page.goto(bridge.url + path)
        const sentence = page.getByText(shellTexts[code][text])
        // Not before the script had its time.
        expect([path, await sentence.isVisible()]).toEqual([path, false])
        await finishWaiting(page)
        await sentence.waitFor()
        const flags = await page.getByText(shellTexts[code].flags).count()
        expect([path, flags]).toEqual([path, path.startsWith('/seat') ? 1 : 0])
      }
    } finally {
      await browser.close()
    }
  }

  it.each(Object.keys(languages) as Language[])('says so after a while in %s, instead of nothing', (code) =>
    tellsAll(code, answers['that the browser cannot read']),
  )

  it.each(['that fails at once', 'that never arrives'] as const)('… also with a script %s', (fault) =>
    tellsAll('en', answers[fault]),
  )
})

/** As if the seconds had gone by after which a page tells that its script does nothing. */
async function finishWaiting(page: Page): Promise<void> {
  await page.evaluate('for (const one of document.getAnimations()) one.finish()')
}

it('no built-in that is too new gets past the build', () => {
  const script = `const list = [1]
    list.at(-1); list.findLast(Boolean); [...list].toSorted(); Object.hasOwn({}, 'a'); AbortSignal.timeout(1)
    structuredClone(list); crypto.randomUUID(); new BroadcastChannel('a'); /(?<=a)b/.test('b'); Promise.withResolvers()`
  expect(newerBuiltIns(script)).toEqual([
    '.findLast()',
    '.toSorted()',
    'AbortSignal.timeout',
    'BroadcastChannel',
    'Object.hasOwn',
    'Promise.withResolvers',
    'lookbehind in a regular expression',
    'structuredClone',
  ])
  expect(newerBuiltIns('dialog.showModal(); crypto.randomUUID()', 'withMembers')).toEqual([
    '.randomUUID',
    '.showModal',
  ])
  expect(
    newerBuiltIns('const structuredClone = (a) => a.at; structuredClone({}); "a".replaceAll("a", "b")'),
  ).toEqual([])
})

it('no style that is too new gets past the build', () => {
  const sheet = `a:has(b) { height: 100dvh; color: color-mix(in srgb, red, blue); inset: 0; text-wrap: balance; & b { margin: 0 } }
    @container (width > 10rem) { a { width: 5cqw } }`
  expect(newerStyles(sheet)).toEqual([
    ':has',
    '@container',
    'color-mix()',
    'cqw',
    'dvh',
    'nesting',
    'text-wrap',
  ])
})

it('no built-in that is too new gets past lint, by its type: a list’s at, not a message’s', async () => {
  const lint = new ESLint({ cwd: new URL('../../', import.meta.url).pathname })
  const code = `export function f(list: readonly number[], dialog: HTMLDialogElement, message: { at: number }): unknown {
  dialog.showModal()
  return [list.at(-1), message.at, navigator.clipboard.read(), Object.hasOwn(message, 'at')]
}\n`
  const [result] = await lint.lintText(code, { filePath: 'src/console/view/clock-text.ts' })
  expect(
    result!.messages.filter(({ ruleId }) => ruleId === 'pages/oldest-browsers').map(({ message }) => message),
  ).toEqual(
    ['HTMLDialogElement.showModal', 'Array.at', 'Clipboard.read', 'Object.hasOwn'].map(
      (name) => `The oldest browsers (scripts/oldest-browsers.mjs) have no ${name}.`,
    ),
  )
}, 60_000)

it('the docs and the pages name the browsers that the build is for', async () => {
  const { safari, chrome, edge, firefox } = oldestBrowsers
  expect(edge).toBe(chrome)
  const docs = await readFile(new URL('../../docs/keypads.md', import.meta.url), 'utf8')
  expect(docs).toContain(`Safari ${safari!} (iOS ${safari!}), Chrome or Edge ${chrome!}, Firefox ${firefox!}`)
  for (const { notStartedNext } of Object.values(shellTexts)) {
    expect(notStartedNext).toMatch(
      new RegExp(`Safari ${safari!} \\(iOS ${safari!}\\), Chrome \\S+ Edge ${chrome!}, Firefox ${firefox!}`),
    )
  }
})
