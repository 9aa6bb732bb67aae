import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import type { VisibleState } from '../../src/protocol/field/visible-state.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { builtPages } from '../support/built-pages.ts'
import { eventually } from '../support/eventually.ts'
import type { TestChromium } from '../support/chromium.ts'
import { openBrowser, Phone } from './support/phone.ts'
import { startScriptedBridge, stateOf, type ScriptedBridge } from './support/scripted-bridge.ts'

/** Compressed bytes that a page's script may have (issue 5, "Size"). */
const maxScriptBytes = 60 * 1024

describeIf(requirement('chromium'))('a keypad', () => {
  let browser: TestChromium
  let scripts: PageFiles
  let bridge: ScriptedBridge
  const phones: Phone[] = []
  /** The pages' own time stands still but for this, so that a slow machine is neither a dead line nor a slow finger. */
  const passes = (ms: number): Promise<void> => browser.context.clock.runFor(ms)

  beforeAll(async () => {
    ;[scripts, browser] = await Promise.all([builtPages(), openBrowser()])
    await browser.context.clock.install()
    await browser.context.clock.pauseAt(Date.now() + 1_000)
  }, 60_000)

  beforeEach(async () => {
    bridge = await startScriptedBridge(scripts)
  })

  afterEach(async () => {
    const complaints = phones.flatMap((phone) => phone.complaints)
    for (const phone of phones.splice(0)) await phone.close()
    await bridge.stop()
    expect(complaints).toEqual([])
  })

  afterAll(async () => {
    await browser.close()
  })

  async function open(path = '/seat#token'): Promise<Phone> {
    const phone = await Phone.open(browser.context, `${bridge.url}${path}`)
    phones.push(phone)
    return phone
  }

  async function sit(state: Partial<VisibleState> = {}): Promise<Phone> {
    bridge.state = stateOf(state)
    const phone = await open()
    await phone.begin()
    return phone
  }

  const change = (changed: object): void =>
    bridge.say({ type: 'change', platform: 'A', seq: 2, at: Date.now(), changed })
  const answer = (id: unknown, message: object): void => bridge.say({ id, ...message })

  test('shows sending until owlcms’s receipt, and the light only with owlcms’s echo', async () => {
    const phone = await sit()
    await phone.decide('good')
    await phone.sees('.verdict.good[data-state="sending"]')
    const [press] = await bridge.hears('press')
    expect(press).toMatchObject({
      platform: 'A',
      fence: 5,
      command: { kind: 'refereeDecision', referee: 2, value: 'good' },
    })
    answer(press?.['id'], { type: 'ack', outcome: 'delivered' })
    await phone.says('Sent – waiting for owlcms')
    expect(await phone.page.locator('[data-state="taken"]').count()).toBe(0)
    answer(press?.['id'], { type: 'receipt', outcome: 'taken', at: 1 })
    await phone.says('owlcms has: WHITE')
    change({ decisions: { 2: 'good' } })
    await phone.sees('.verdict.good[data-state="taken"]')
    await phone.decide('bad')
    await phone.sees('.verdict.bad[data-state="sending"]')
    await phone.sees('.verdict.good[data-state="taken"]')
  })

  test('a button is taught by pressing it, and presses for the seat; owlcms’s own digits do, too', async () => {
    const phone = await open()
    const { keyboard } = phone.page
    await phone.page.getByRole('button', { name: 'Teach a button' }).click()
    await phone.sees('.learn:has-text("Push the button for White")')
    await keyboard.press('PageDown')
    await phone.sees('.learn:has-text("Push the button for Red")')
    await keyboard.press('PageUp')
    await phone.sees('.learn:has-text("White: PageDown · Red: PageUp")')
    await phone.begin()
    for (const key of ['PageUp', 'PageDown', '4', '3', '1']) await keyboard.press(key)
    const presses = await bridge.hears('press', 4)
    expect(presses.map(({ command }) => (command as { value: string }).value)).toEqual([
      'bad',
      'good',
      'bad',
      'good',
    ])
    await phone.page.evaluate(() => localStorage.clear())
  })

  test('hears the very next key, before the browser has drawn anything: no button’s push is lost', async () => {
    const phone = await open()
    await phone.page.addInitScript(() => Object.assign(window, { requestAnimationFrame: () => 0 }))
    await phone.page.reload()
    await phone.page.getByRole('button', { name: 'Teach a button' }).click()
    await phone.page.keyboard.press('PageDown')
    await phone.page.keyboard.press('PageUp')
    await phone.sees('.learn:has-text("White: PageDown · Red: PageUp")')
    await phone.begin()
    await phone.page.keyboard.press('PageUp')
    expect(await bridge.hears('press')).toMatchObject([{ command: { value: 'bad' } }])
    await phone.page.evaluate(() => localStorage.clear())
  })

  test('a president teaches the buttons that there are and skips the others; one that is taught anew is no longer the old one', async () => {
    bridge.seat = { role: 'juryPresident' }
    bridge.state = stateOf({ phase: { kind: 'break', breakType: 'JURY' } })
    const phone = await open()
    const { page } = phone
    const teach = async (...keys: readonly (readonly [string, string])[]): Promise<void> => {
      await page.getByRole('button', { name: 'Teach a button' }).click()
      for (const [what, key] of keys) {
        while (!(await page.locator('.learn p').innerText()).endsWith(what))
          await page.getByRole('button', { name: 'Skip' }).click()
        await page.keyboard.press(key)
        await page.locator('.learn p').filter({ hasNotText: what }).waitFor()
      }
      await page.getByRole('button', { name: 'Cancel' }).click()
    }
    await teach(['Challenge', 'F7'], ['No lift', 'F8'])
    await phone.sees('.learn:has-text("Challenge: F7 · The jury’s decision: No lift: F8")')
    await teach(['Good lift', 'F8'], ['2', 'F9'])
    await phone.sees('.learn:has-text("Challenge: F7 · The jury’s decision: Good lift: F8 · Call")')
    await phone.begin()
    for (const key of ['F7', 'F8', 'F9', 'd']) await page.keyboard.press(key)
    const presses = await bridge.hears('press', 4)
    expect(presses.map(({ command }) => command)).toEqual([
      { kind: 'juryBreak', command: 'challenge' },
      { kind: 'juryDecision', value: 'good' },
      { kind: 'summonRequest', who: 2 },
      { kind: 'juryBreak', command: 'deliberation' },
    ])
    await page.evaluate(() => localStorage.clear())
  })

  test('a code for looking on opens the stage display of its platform', async () => {
    bridge.seat = undefined
    const phone = await open()
    await eventually(
      async () => {
        await passes(100)
        expect(await phone.page.locator('.stage').count()).toBe(1)
      },
      { interval: 100 },
    )
    expect(new URL(phone.page.url()).pathname).toBe('/view/A')
  })

  test.for([
    ['/seat#token', ['bad', 'good']],
    ['/seat?white=left#token', ['good', 'bad']],
  ] as const)(
    '%s has its keys, from left to right, on the sides that the hall is used to',
    async ([path, sides]) => {
      const phone = await open(path)
      await phone.begin()
      const keys = await phone.page.locator('.verdict').all()
      const placed = await Promise.all(
        keys.map(
          async (key) => [await key.getAttribute('data-verdict'), (await key.boundingBox())?.x ?? 0] as const,
        ),
      )
      expect(placed.sort((a, b) => a[1] - b[1]).map(([verdict]) => verdict)).toEqual(sides)
    },
  )

  test.for([
    [{ type: 'receipt', outcome: 'notTaken', at: 1 }, 'Not taken! Decide again or show your flag'],
    [{ type: 'error', reason: 'tooLate', text: '' }, 'Too late – show your flag'],
    [{ type: 'error', reason: 'notAllowed', text: '' }, 'NOT sent: not your seat – ask the organiser'],
    [{ type: 'error', reason: 'offline', text: '' }, 'No connection – NOT sent. Show your flag'],
    [{ type: 'error', reason: 'lost', text: '' }, 'Connection broke. Look whether it counted'],
    [{ type: 'error', reason: 'deaf', text: '' }, 'NOT sent: owlcms is restarting. Try again'],
    [{ type: 'error', reason: 'seatWaiting', text: '' }, 'Another device sits here'],
    [{ type: 'error', reason: 'aReasonOfTomorrow', text: '' }, 'tell the organiser'],
  ] as const)('says what to do after %j', async ([message, words]) => {
    const phone = await sit()
    await phone.decide('bad')
    const [press] = await bridge.hears('press')
    answer(press?.['id'], message)
    await phone.says(words)
    await phone.sees('.fate.bad')
  })

  test('sends a press with the fence that stood on the screen, and a bouncing finger once', async () => {
    const phone = await sit()
    change({ fence: 9, phase: { kind: 'clockRunning' } })
    await phone.sees('.phase:has-text("Clock running")')
    await phone.decide('good')
    await phone.decide('good')
    await phone.decide('bad')
    const presses = await bridge.hears('press', 2)
    expect(presses.map(({ fence, command }) => [fence, (command as { value: string }).value])).toEqual([
      [9, 'good'],
      [9, 'bad'],
    ])
  })

  test('works with a keyboard: one press per key, however long it is held', async () => {
    const phone = await sit()
    await phone.verdict('bad').focus()
    await phone.page.keyboard.down('Enter')
    await phone.page.keyboard.down('Enter')
    await phone.page.keyboard.up('Enter')
    const [press] = await bridge.hears('press')
    answer(press?.['id'], { type: 'error', reason: 'tooFast', text: '' })
    await phone.says('Too fast')
    await phone.page.keyboard.press('Space')
    await bridge.hears('press', 2)
    await phone.page.keyboard.press('Tab')
    expect(bridge.heard.filter(({ type }) => type === 'press')).toHaveLength(2)
  })

  test('says at once that the network is gone, and refuses a press on the phone itself', async () => {
    const phone = await sit()
    await browser.context.setOffline(true)
    await phone.sees('.trouble.out')
    expect(await phone.page.locator('.trouble').innerText()).toContain('No connection · Use your flags')
    await phone.decide('good')
    await phone.says('No connection – NOT sent. Show your flag')
    await browser.context.setOffline(false)
    await phone.sees('.app[data-line="live"]')
    await bridge.hears('start', 2)
    await phone.decide('bad')
    const presses = await bridge.hears('press')
    expect(presses.map(({ command }) => (command as { value: string }).value)).toEqual(['bad'])
  })

  /** How the seat's keys look and what a screen reader is told of them; a key that is off for another reason is left out. */
  const keysOf = (phone: Phone): Promise<readonly string[]> =>
    phone.page.locator('main :is(.verdict, .command):enabled').evaluateAll((keys) => [
      ...new Set(
        keys.map((key) => {
          const { backgroundImage, borderTopStyle } = getComputedStyle(key)
          const isHatched = backgroundImage.includes('gradient') && borderTopStyle === 'dashed'
          return `${isHatched ? 'hatched' : 'filled'}, disabled ${key.getAttribute('aria-disabled')}`
        }),
      ),
    ])
  /** Waits until the keys look so. What makes them is said until then, also to a page that comes back meanwhile. */
  const looks = (phone: Phone, keys: readonly string[], what = '', why: () => unknown = () => undefined) =>
    eventually(
      async () => {
        await why()
        await passes(500)
        expect([what, await keysOf(phone)]).toEqual([what, keys])
      },
      { interval: 100 },
    )
  const usual = ['filled, disabled false']
  const shut = ['hatched, disabled true']
  const status = (more: object): void =>
    bridge.say({ type: 'status', ready: true, platforms: ['A'], ...more })
  const owlcms = (state: string): void => change({ owlcms: { state } })

  test.for([
    { role: 'referee', number: 2 },
    { role: 'soloReferee' },
    { role: 'juryMember', number: 3 },
    { role: 'juryPresident', number: 1 },
    { role: 'timekeeper' },
  ] as const)(
    'the keys of $role look shut and say so while no press gets through, whatever hinders it, and are back at once',
    async (seat) => {
      bridge.seat = seat
      const phone = await sit()
      const { context } = browser
      const hindrances: Readonly<Record<string, readonly [() => unknown, () => unknown]>> = {
        'no broker': [() => status({ ready: false }), () => status({})],
        'no owlcms': [() => status({ presence: 'silent' }), () => status({})],
        'owlcms knows nothing of this platform': [() => status({ silentPlatforms: ['A'] }), () => status({})],
        'owlcms restarts': [() => owlcms('starting'), () => owlcms('present')],
        'another device sits here': [
          () => bridge.say({ type: 'seat', state: 'waiting', at: 1 }),
          () => bridge.say({ type: 'seat', state: 'held', at: 1 }),
        ],
        'the phone has no network': [() => context.setOffline(true), () => context.setOffline(false)],
        'the bridge restarts, and has no broker yet': [
          () => {
            bridge.ready = false
            bridge.close(1012)
          },
          () => {
            bridge.ready = true
            status({})
          },
        ],
        'the line is dead': [() => (bridge.mute = true), () => (bridge.mute = false)],
      }
      await looks(phone, usual)
      for (const [what, [begins, ends]] of Object.entries(hindrances)) {
        await looks(phone, shut, what, begins)
        await looks(phone, usual, what, ends)
      }
    },
  )

  test('a shut key is pressed all the same, and says that it was not sent; at rest a key looks otherwise', async () => {
    const phone = await sit()
    const rests = (): void => change({ phase: { kind: 'break', breakType: 'FIRST_CJ' } })
    bridge.ready = false
    status({ ready: false })
    await phone.sees('.verdict.good[aria-disabled="true"]:has-text("✗ Not now")')
    await phone.page.getByRole('button', { name: 'White' }).press('Enter')
    await phone.says('No connection – NOT sent. Show your flag')
    bridge.ready = true
    await looks(phone, usual, 'resting', () => {
      status({})
      rests()
    })
    await phone.sees('[data-keys="idle"]')
    await looks(phone, shut, 'resting and shut', () => status({ ready: false }))
  })

  // How soon, with a clock of the test's own: stream-client.test.ts.
  test('notices that the line is dead, though nobody says so', async () => {
    const phone = await sit()
    bridge.mute = true
    await passes(3_000)
    await phone.sees('.app:not([data-line="live"])')
    await phone.decide('good')
    await phone.says('No connection – NOT sent')
    expect(bridge.heard.filter(({ type }) => type === 'press')).toEqual([])
  })

  test('checks the line when the page is seen again, before a press may leave', async () => {
    const phone = await sit()
    const setVisibility = (state: string): Promise<void> =>
      phone.page.evaluate((to) => {
        Object.defineProperty(document, 'visibilityState', { value: to, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    await setVisibility('hidden')
    bridge.mute = true
    await setVisibility('visible')
    await phone.sees('.app[data-line="checking"]')
    await phone.decide('good')
    await phone.says('No connection – NOT sent')
    bridge.mute = false
    await passes(1_000)
    await phone.sees('.app[data-line="live"]')
    await phone.decide('good')
    await bridge.hears('press')
  })

  test('keeps its name over a reload, though another page of this browser made up one at the same moment', async () => {
    const phone = await sit()
    await phone.page.evaluate((name) => localStorage.setItem('bridge-client', name), 'f'.repeat(32))
    await phone.page.reload()
    const [before, after] = await bridge.hears('start', 2)
    expect(after?.['client']).toBe(before?.['client'])
  })

  test('asks again for the wake lock when the page is seen again', async () => {
    const phone = await open()
    await phone.page.evaluate(() => {
      const counter = { asked: 0 }
      Object.assign(window, { counter })
      Object.defineProperty(navigator, 'wakeLock', {
        value: { request: () => Promise.resolve((counter.asked += 1)) },
      })
    })
    await phone.begin()
    const asked = (): Promise<number> =>
      phone.page.evaluate(() => (window as unknown as { counter: { asked: number } }).counter.asked)
    expect(await asked()).toBe(1)
    await phone.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    expect(await asked()).toBe(2)
  })

  test('alerts once for three summonses and their twins, and again each second until lifting resumes', async () => {
    const phone = await open()
    const { page } = phone
    await page.evaluate(() => {
      const counter = { rounds: 0 }
      Object.assign(window, { counter })
      Object.defineProperty(navigator, 'vibrate', {
        value: (pattern: number[]) => pattern.length > 0 && (counter.rounds += 1),
      })
    })
    await phone.begin()
    const rounds = (): Promise<number> =>
      page.evaluate(() => (window as unknown as { counter: { rounds: number } }).counter.rounds)
    const at = Date.now()
    const call = (legacy: boolean): void =>
      bridge.say({
        type: 'event',
        platform: 'A',
        seq: 3,
        at,
        topic: 'owlcms/fop/summon/A',
        payload: '2',
        message: { kind: 'summon', official: 2, on: true, legacy, platform: 'A' },
        changed: { summoned: [2] },
      })
    for (const legacy of [false, true, false, true, false, true]) call(legacy)
    await phone.sees('.app[data-alert="summon"]')
    expect(await rounds()).toBe(1)
    await passes(1_000)
    expect(await rounds()).toBe(2)
    change({ summoned: [] })
    await page.locator('.banner').waitFor({ state: 'detached' })
    await phone.sees('.app[data-alert="none"]')
  })

  test('reminds again when the press for it did not count', async () => {
    const phone = await sit({ phase: { kind: 'downSignal' }, down: true, reminded: 2 })
    await phone.sees('.app[data-alert="reminder"]')
    await phone.decide('good')
    await phone.sees('.app[data-alert="none"]')
    const [press] = await bridge.hears('press')
    answer(press?.['id'], { type: 'receipt', outcome: 'notTaken', at: 1 })
    await phone.sees('.app[data-alert="reminder"]')
  })

  test('light check: says that nothing counts, answers each step, and tells the result', async () => {
    const phone = await sit()
    const drill = (more: object): void =>
      bridge.say({ type: 'drill', platform: 'A', on: true, at: 1, ...more })
    drill({})
    await phone.sees('.drill:has-text("CHECK – not a real decision"):has-text("Wait")')
    drill({ ask: 'white' })
    await phone.sees('.drill:has-text("Push WHITE")')
    await phone.decide('good')
    const [press] = await bridge.hears('press')
    answer(press?.['id'], { type: 'ack', outcome: 'drill' })
    await phone.says('Check: WHITE received')
    drill({ ask: 'reminder' })
    await phone.sees('.app[data-alert="reminder"]')
    await phone.touch(phone.button('Yes'))
    drill({ ask: 'summon' })
    await phone.sees('.app[data-alert="summon"]')
    await phone.touch(phone.button('Yes'))
    expect(await bridge.hears('drillDone', 2)).toEqual([
      { type: 'drillDone', step: 'reminder' },
      { type: 'drillDone', step: 'summon' },
    ])
    drill({ result: 'passed' })
    await phone.sees('.drill:has-text("Check passed")')
    bridge.say({ type: 'drill', platform: 'A', on: false, at: 1 })
    await phone.page.locator('.drill').waitFor({ state: 'detached' })
    await phone.sees('.app[data-alert="none"]')
  })

  test('tells a second device that it waits, and goes on by itself when it counts', async () => {
    const phone = await sit()
    bridge.say({ type: 'seat', state: 'waiting', at: 1 })
    await phone.sees('.banner:has-text("The organiser decides which one counts")')
    expect(await phone.page.locator('.fate').innerText()).toBe('')
    await phone.decide('good')
    await phone.says('Another device sits here')
    bridge.say({ type: 'seat', state: 'held', at: 1 })
    await phone.page.locator('.banner').waitFor({ state: 'detached' })
    await phone.decide('good')
    await bridge.hears('press')
  })

  test.for([
    [4401, 'This link is no longer good', 'Ask the organiser for a new one'],
    [4410, 'This link is no longer good', 'Ask the organiser for a new one'],
    [4403, 'Your seat was taken away', 'The organiser has chosen another device'],
    [4423, 'Your seat was taken away', 'The organiser has chosen another device'],
    [4406, 'This page is out of date', 'Reload it'],
    [4400, 'The bridge ended the connection (code 4400)', 'Reload the page'],
  ] as const)('says what happened and what to do after close code %i', async ([code, title, next]) => {
    const phone = await sit()
    bridge.close(code)
    await phone.sees(`.message:has-text("${title}"):has-text("${next}")`)
  })

  test('keeps the token in the fragment and in this browser, and sends it only over /ws', async () => {
    const phone = await open('/seat#first')
    const asked: string[] = []
    phone.page.on('request', (request) => asked.push(request.url()))
    await phone.sees('.begin')
    await phone.page.goto(`${bridge.url}/seat`)
    await phone.sees('.begin')
    await phone.page.reload()
    await phone.sees('.begin')
    const starts = await bridge.hears('start', 3)
    expect(starts.map(({ token }) => token)).toEqual(['first', 'first', 'first'])
    expect(new Set(starts.map(({ client }) => client)).size).toBe(1)
    expect(asked.filter((url) => url.includes('first'))).toEqual([])
    await phone.page.evaluate(() => (window.location.hash = 'second'))
    await bridge.hears('start', 4)
    expect(bridge.heard.at(-1)?.['token']).toBe('second')
    await phone.page.evaluate(() => localStorage.clear())
    await phone.page.goto(`${bridge.url}/seat`)
    await phone.sees('.message:has-text("Scan the QR code")')
  })

  test('speaks the language that the reader chose, also after a reload', async () => {
    const phone = await sit()
    await phone.page.locator('.language').selectOption('de')
    await phone.sees('.verdict:has-text("Ungültig")')
    await phone.page.reload()
    await phone.sees('.begin:has-text("Kampfrichter 2")')
    await phone.page.locator('.begin').waitFor()
    expect(await phone.page.locator('html').getAttribute('lang')).toBe('de')
    await phone.page.context().clearCookies({ name: 'bridge-language' })
  })

  test('is installable: manifest without start_url, icons that are pictures', async () => {
    const phone = await open()
    const manifest = (await (
      await phone.page.request.get(`${bridge.url}/assets/keypad.webmanifest`)
    ).json()) as {
      icons: { src: string; sizes: string }[]
    }
    expect(manifest).not.toHaveProperty('start_url')
    const sizes = await phone.page.evaluate(
      (icons) =>
        Promise.all(
          icons.map(async (src) => {
            const image = new Image()
            image.src = src
            await image.decode()
            return `${image.naturalWidth}x${image.naturalHeight}`
          }),
        ),
      manifest.icons.filter(({ src }) => src.endsWith('.png')).map(({ src }) => src),
    )
    expect(sizes).toEqual(['192x192', '512x512'])
  })

  test('asks for no more than 60 KB of compressed script per page', () => {
    const sizes = [...scripts].map(([name, script]) => [name, gzipSync(script).length] as const)
    expect(sizes.map(([name]) => name)).toEqual(expect.arrayContaining(['seat.js', 'view.js']))
    expect(sizes.filter(([, bytes]) => bytes > maxScriptBytes)).toEqual([])
  })
})
