import type { Page, Request, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type {
  LightCheckOverview,
  LightCheckRequest,
  LinksAnswer,
  SeatLink,
} from '../../src/protocol/contract/console-api.ts'
import { makeAthletes } from '../../src/simulator/athletes.ts'
import { Competition } from '../../src/simulator/competition.ts'
import { apiTexts } from '../../src/texts/api-texts.ts'
import { builtPages } from '../support/built-pages.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { axeViolations, complaintsOf, openTabs, type TestChromium } from '../support/chromium.ts'
import { change, password, startConsoleHall, tell, type ConsoleHall, type Told } from './console-hall.ts'
import {
  awkwardPlatforms,
  brokerDown,
  device,
  longName,
  overview,
  rightToLeftName,
  seat,
  shortName,
} from './fixtures.ts'
import { eventually } from '../support/eventually.ts'

/** A check in which one seat is dead. */
function lightCheck(): LightCheckOverview {
  return {
    state: 'running',
    startedAt: Date.now() - 10_000,
    endsAt: Date.now() + 170_000,
    seats: [
      { seat: 'referee-1', device: 'Anne’s phone', state: 'passed', p95Ms: 61 },
      { seat: 'referee-2', device: 'Tablet 7', state: 'asked', step: 'red' },
      { seat: 'referee-3', state: 'waiting' },
    ],
  }
}

const lightCheckDone: LightCheckOverview = {
  state: 'done',
  startedAt: Date.now() - 70_000,
  endsAt: Date.now() + 110_000,
  ended: 'allDone',
  seats: [
    { seat: 'referee-1', device: 'Anne’s phone', state: 'passed', p95Ms: 61 },
    { seat: 'referee-2', device: 'Tablet 7', state: 'passed', p95Ms: 140 },
    {
      seat: 'referee-3',
      device: 'owlcms-417',
      state: 'failed',
      step: 'white',
      fault: 'noPress',
    },
    { seat: 'timekeeper', state: 'failed', fault: 'nothing' },
  ],
}

/** Sizes at which nothing may be cut. */
const sizes = [
  [320, 640],
  [768, 1024],
  [1440, 900],
] as const

/** What must not get from a code's picture into the page. */
const hostile = `<script>document.title = 'broken into'</script><image href="https://elsewhere.example/x.png"/>`

let browser: TestChromium
let hall: ConsoleHall
let told: Told
let page: Page
let complaints: readonly string[]
let posts: Request[]

describeIf(requirement('chromium'))('the organiser’s console', () => {
  beforeAll(async () => {
    browser = await openTabs({ locale: 'en-GB' })
    hall = await startConsoleHall(await builtPages())
  })

  afterAll(async () => {
    await browser.close()
    await hall.stop()
  })

  beforeEach(async () => {
    // Cookies know no ports, so the last test's session would let us in.
    await browser.context.clearCookies()
    page = await browser.context.newPage()
    complaints = complaintsOf(page)
    told = await tell(page)
    posts = []
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(request)
    })
  })

  afterEach(async () => {
    await page.evaluate('localStorage.clear()')
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.close()
    expect(complaints).toEqual([])
  })

  async function signIn(address = '/console'): Promise<void> {
    await page.goto(hall.url + address)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation').waitFor()
  }

  /** Bodies of what was posted to a path of the API. */
  const posted = (path: string): readonly unknown[] =>
    posts
      .filter((request) => new URL(request.url()).pathname === path)
      .map((request) => request.postDataJSON() as unknown)

  const changeLinks = (how: (link: SeatLink) => SeatLink): Promise<void> =>
    change(page, '/seats/links', (answer) => ({ links: (answer as LinksAnswer).links.map(how) }))

  /** The overview shows this light check from now on. */
  function checkShows(platform: string, lightCheck: LightCheckOverview): void {
    const before = told.overview()
    const platforms = before.platforms.map((one) => (one.name === platform ? { ...one, lightCheck } : one))
    told.overview = () => ({ ...before, platforms })
  }

  /** Light checks begin with one seat asked, but where a jury is at work. */
  async function startLightChecks(): Promise<void> {
    await page.route('**/api/light-check', async (route) => {
      const { platform, action } = route.request().postDataJSON() as LightCheckRequest
      if (platform === rightToLeftName) {
        const error = { reason: 'juryAtWork', text: apiTexts.en.lightCheck.juryAtWork }
        await route.fulfill({ status: 409, json: { error } })
        return
      }
      checkShows(platform, action === 'start' ? lightCheck() : { ...lightCheckDone, ended: 'stopped' })
      await route.fulfill({ status: 204 })
    })
  }

  const platformCard = (name: string) => page.getByRole('region', { name: `Platform ${name}`, exact: true })
  const attemptBegins = async () => {
    const desk = hall.owlcms.fieldOfPlay(shortName)
    desk.loadSession(
      new Competition(
        'A',
        makeAthletes(3, () => 0.5),
      ),
    )
    desk.startLifting()
    await hall.say(`owlcms/clock/${shortName}`, 'start')
  }

  test('lets in who knows the password, and out again with nothing left on the screen', async () => {
    await signIn()
    await page.getByRole('heading', { name: 'Everything works' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Password').waitFor()
    expect(await page.getByText('owlcms is there').count()).toBe(0)
    expect(posted('/api/logout')).toEqual([{}])
  })

  test('says in words that a password is wrong, and how long to wait', async () => {
    await page.goto(`${hall.url}/console`)
    const attempt = async () => {
      await page.getByLabel('Password').fill('wrong')
      await page.getByLabel('Password').press('Enter')
    }
    await attempt()
    await page.getByText('This password is wrong.').waitFor()
    const headers = { 'Retry-After': '10' }
    await page.route('**/api/login', (route) => route.fulfill({ status: 429, headers }))
    await attempt()
    await page.getByRole('alert').getByText('Wait 10 s').waitFor()
    expect(await page.getByRole('button', { name: /Sign in/ }).isDisabled()).toBe(true)
  })

  test('says what to set when there is no administrator', async () => {
    await page.route('**/api/session', (route) =>
      route.fulfill({ json: { admin: false, loginPossible: false } }),
    )
    await page.goto(`${hall.url}/console`)
    await page.getByText('Set BRIDGE_ADMIN_PASSWORD').waitFor()
  })

  test('asks the bridge for its words in the language that was chosen here', async () => {
    await signIn()
    await page.locator('.language').selectOption('de')
    const asked = (path: string) =>
      page.waitForRequest(
        (request) => request.url().endsWith(path) && request.headers()['accept-language'] === 'de',
      )
    await asked('/api/overview')
  })

  test('asks for the password again when the session is over', async () => {
    await signIn()
    await page.context().clearCookies()
    await page.getByText('You were signed out').waitFor()
  })

  test('counts a break down beside the athlete’s clock, where owlcms tells it', async () => {
    await signIn()
    const card = platformCard(shortName)
    const timer = card.getByRole('timer', { name: 'Break', exact: true })
    await attemptBegins()
    hall.owlcms.fieldOfPlay(shortName).beginBreak('FIRST_CJ')
    await hall.say(`owlcms/fop/breakClock/${shortName}`, 'start 600000')
    await timer.filter({ hasText: /\b[1-9]:\d\d/ }).waitFor()
    await hall.say(`owlcms/fop/breakClock/${shortName}`, 'set -1')
    await timer.waitFor({ state: 'detached' })
  })

  test('shows a lift as it happens: clock, each vote, who is missing, the decision', async () => {
    await signIn()
    const card = platformCard(shortName)
    await attemptBegins()
    await card.getByText('Clock running').waitFor()
    const clock = await card.getByRole('timer').innerText()
    await eventually(async () => expect(await card.getByRole('timer').innerText()).not.toBe(clock))
    await hall.say(`owlcms/refbox/decision/${shortName}`, '1 good')
    await card.getByText('Has not voted: Referee 2, Referee 3').waitFor()
    await hall.say(`owlcms/refbox/decision/${shortName}`, '2 good')
    await card.getByText('Has not voted: Referee 3').waitFor()
    await hall.time.keepPace(1_500)
    await card.getByText('Reminded: Referee 3').waitFor()
    await hall.say(`owlcms/refbox/decision/${shortName}`, '3 bad')
    await card.getByText('Reminded: Referee 3').waitFor({ state: 'detached' })
    await hall.time.keepPace(3_000)
    await card.getByText('Good lift', { exact: false }).first().waitFor()
    expect(await card.getByRole('list', { name: 'Referees' }).getByRole('listitem').allInnerTexts()).toEqual([
      '1\n✓\n: good lift',
      '2\n✓\n: good lift',
      '3\n✗\n: no lift',
    ])
  })

  test('shows break, summons and jury votes', async () => {
    await signIn()
    const card = platformCard(shortName)
    await attemptBegins()
    await card.getByText('Clock running').waitFor()
    await hall.say(`owlcms/jurybox/break/${shortName}`, 'deliberation')
    await card.getByText('Jury deliberation').waitFor()
    await hall.say(`owlcms/jurybox/summon/${shortName}`, '2')
    await card.getByText('Called to the jury: Referee 2').waitFor()
    await hall.say(`owlcms/jurybox/juryMember/decision/${shortName}`, '1 good')
    await card.getByText('Has not voted: Jury member 2').waitFor()
  })

  test('the live picture comes back by itself after the line was cut', async () => {
    await signIn()
    await platformCard(rightToLeftName).getByText('Waiting for the session').waitFor()
    // What a test puts in on the way comes without a network, too.
    await page.unrouteAll()
    await page.context().setOffline(true)
    await page.getByText('No connection to the bridge').waitFor()
    await page.context().setOffline(false)
    await page.getByText('No connection to the bridge').waitFor({ state: 'detached' })
    await attemptBegins()
    await platformCard(shortName).getByText('Clock running').waitFor()
  })

  test('names each trouble with the next step', async () => {
    told.overview = () => overview({ platforms: awkwardPlatforms(), blocks: brokerDown })
    await signIn()
    for (const words of [
      'Broker: No link.',
      'Two devices on Referee 2: which one counts?',
      'Two boxes use the same client ID (owlcms-417)',
      'owlcms-417 keeps losing its connection',
      'Referee 3 is slow',
      'Nobody is connected as Jury member 4',
      'blue-owl timekeeper talks to the broker directly',
      '2 signals not delivered',
      '1 signal held back, possibly old',
      '2 signals that owlcms did not answer',
      'fly scale count 1',
    ]) {
      await page.getByText(words).first().waitFor()
    }
    await page.getByRole('heading', { name: /7 things need you/ }).waitFor()
    expect(await page.getByRole('img', { name: /Delay of the last 40 signals/ }).count()).toBeGreaterThan(5)
  })

  test('the alarms are read out once: nothing in them ticks', async () => {
    told.overview = () => overview({ platforms: awkwardPlatforms() })
    await signIn()
    await page.getByText('Two devices on Referee 2').first().waitFor()
    await page.evaluate(`globalThis.changes = 0
      new MutationObserver((all) => { globalThis.changes += all.length }).observe(
        document.querySelector('.urgent [role=alert]'), { subtree: true, childList: true, characterData: true })`)
    const looked = () => page.waitForResponse((response) => response.url().endsWith('/api/overview'))
    await looked()
    await looked()
    expect(await page.evaluate('globalThis.changes')).toBe(0)
  })

  test('of two devices on one seat the organiser chooses one', async () => {
    await page.route('**/api/seats/decide', (route) => route.fulfill({ status: 204 }))
    told.overview = () => overview({ platforms: awkwardPlatforms() })
    await signIn()
    await page.getByRole('button', { name: /^Tablet 7 counts/ }).click()
    await page.getByText('The other device is disconnected.').waitFor()
    expect(posted('/api/seats/decide')).toEqual([
      { platform: longName, seat: 'referee-2', keep: 'second-phone' },
    ])
  })

  test('prints a seat sheet: the usual seats, four to a page, nothing cut', async () => {
    await changeLinks((link) => ({ ...link, qrSvg: link.qrSvg.replace('>', `>${hostile}`) }))
    await signIn('/console#seats')
    await page.getByRole('button', { name: 'Make 27 codes' }).waitFor()
    await page.getByLabel('Viewer').check()
    await page.getByRole('checkbox', { name: rightToLeftName }).uncheck()
    await page.getByLabel('Days').fill('2')
    await page.getByRole('button', { name: 'Make 20 codes' }).click()
    await page.getByText('20 codes are ready.').waitFor()
    const [request] = posted('/api/seats/links') as [{ seats: readonly object[]; days: number }]
    expect(request).toMatchObject({ days: 2, whiteLeft: false })
    expect(await page.locator('.sides').allInnerTexts()).toContain('✗ RED\n✓ WHITE')
    expect(await page.locator('.sides').count()).toBe(16)
    expect(request.seats.slice(0, 10)).toEqual([
      ...[1, 2, 3].map((number) => ({ platform: longName, role: 'referee', number })),
      { platform: longName, role: 'timekeeper' },
      { platform: longName, role: 'juryPresident', number: 1 },
      ...[2, 3, 4, 5].map((number) => ({ platform: longName, role: 'juryMember', number })),
      { platform: longName, role: 'viewer' },
    ])
    await page.getByRole('img', { name: `QR code for Referee 1, ${longName}` }).waitFor()
    const drawn = `[...document.querySelector('.qr svg').children].map(({ nodeName }) => nodeName)`
    expect(await page.evaluate(drawn)).toEqual(['rect', 'path'])
    expect(await page.title()).toBe('Organiser’s console · owlcms-bridge')
    await page.emulateMedia({ media: 'print' })
    await page.setViewportSize({ width: 703, height: 1031 }) // The inside of A4 at 96 dots an inch.
    const cut = await page.evaluate(
      `[...document.querySelectorAll('.pages > li')].filter((one) => one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth).length`,
    )
    expect(cut).toBe(0)
    const pdf = (await page.pdf({ format: 'A4', preferCSSPageSize: true })).toString('latin1')
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(5)
    await page.emulateMedia({ media: 'screen' })
  })

  test('an update of the bridge takes no place on the paper', async () => {
    told.overview = () => overview({ version: '0.0.1-test' })
    await signIn('/console#seats')
    const note = page.getByText('The bridge was updated.')
    await note.waitFor()
    await page.emulateMedia({ media: 'print' })
    expect(await note.isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
  })

  test('a code goes to a phone without a printer: its link copied, or the code over the whole screen', async () => {
    await signIn('/console#seats')
    await page.getByRole('button', { name: /Make \d+ codes/ }).click()
    await page.getByText('codes are ready.').waitFor()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const card = page.locator('.pages > li').first()
    await card.getByRole('button', { name: /^Copy the link/ }).click()
    await card.getByRole('button', { name: /Copied/ }).waitFor()
    const link = await card.getByRole('link', { name: /Open on this device/ }).getAttribute('href')
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(link)
    await card.getByRole('button', { name: /^Full screen/ }).click()
    const large = page.getByRole('dialog', { name: `Referee 1, ${longName}` })
    expect((await large.locator('.qr').boundingBox())!.width).toBeGreaterThan(400)
    expect(await axeViolations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await large.waitFor({ state: 'detached' })
  })

  test.for([
    ['http://localhost:8080', 1],
    ['http://192.168.1.50:8080', 0],
  ] as const)('warns once that phones can’t open codes of %s: %i', async ([origin, warnings]) => {
    await changeLinks((link) => ({ ...link, url: link.url.replace(hall.url, origin) }))
    await signIn('/console#seats')
    await page.getByRole('button', { name: /Make \d+ codes/ }).click()
    await page.getByText('codes are ready.').waitFor()
    const warning = page
      .getByRole('alert')
      .filter({ hasText: 'localhost is this computer itself. Set BRIDGE_PUBLIC_URL' })
    expect(await warning.count()).toBe(warnings)
  })

  test.for([
    ['one code', 'Revoke this code', 1, { what: 'token', tokenId: 'token-referee-2' }],
    ['a platform', `Revoke all of ${longName}`, 0, { what: 'platform', platform: longName }],
    ['everything', 'Revoke everything', 0, { what: 'all' }],
  ] as const)('revokes %s after one confirmation that says what happens', async ([, name, index, body]) => {
    await signIn('/console#seats')
    await page.getByRole('button', { name }).nth(index).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.innerText()).toMatch(/stops? working/)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(posted('/api/seats/revoke')).toEqual([])
    await page.getByRole('button', { name }).nth(index).click()
    await dialog.getByRole('button', { name }).click()
    await page.getByText('Revoked.').waitFor()
    expect(posted('/api/seats/revoke')).toEqual([body])
  })

  test('lists the codes that are out: whose, when made, what each did last, on which device', async () => {
    await signIn('/console#seats')
    await page.getByText('1 revoked').click()
    const facts = await page.locator('.codes > li > span').allInnerTexts()
    expect(facts.map((text) => text.replaceAll(/[0-9]+ sec/g, '… sec'))).toEqual([
      `${longName} · Referee 1\nmade 2 hr ago · last signal … sec ago · on 7C1F · connected`,
      `${longName} · Referee 2\nmade 2 hr ago · opened 3 min ago · on owlcms-417 · away`,
      `${longName} · Referee 3\nmade 2 hr ago · not used yet`,
      `${shortName} · Viewer\nmade 2 hr ago · not used yet`,
      `${longName} · Jury president\nmade 2 hr ago · refused … sec ago`,
    ])
    // What is revoked anywhere leaves the list by itself.
    told.codes = told.codes.map((code) => ({ ...code, isRevoked: true }))
    await page.getByText('5 revoked').waitFor()
  })

  test('revokes a seat from its details', async () => {
    await signIn()
    const card = platformCard(shortName)
    await card.getByText('Referee 2').first().click()
    await card.getByRole('button', { name: /Revoke the seat/ }).click()
    expect(await page.getByRole('dialog').innerText()).toContain('All codes of Referee 2 on A')
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke the seat' }).click()
    await page.getByText('Revoked.').waitFor()
    expect(posted('/api/seats/revoke')).toEqual([
      { what: 'seat', seat: { platform: shortName, role: 'referee', number: 2 } },
    ])
  })

  test('runs the light check in a break only, shows how it goes, and prints the result', async () => {
    await startLightChecks()
    await signIn()
    const card = platformCard(shortName)
    await attemptBegins()
    await card.getByText('Possible in a break only').waitFor()
    expect(await card.getByRole('button', { name: 'Start the light check' }).isDisabled()).toBe(true)
    hall.owlcms.fieldOfPlay(shortName).beginBreak('TECHNICAL')
    await card.getByRole('button', { name: 'Start the light check', disabled: false }).click()
    await card.getByText('Referee 2: is asked: push red').waitFor()
    await card.getByText('1 of 3 seats done').waitFor()
    checkShows(shortName, lightCheckDone)
    await card.getByText('2 of 4 seats passed. All seats were asked.').waitFor()
    await card.getByRole('link', { name: 'Result sheet' }).click()
    const row = page.getByRole('row', { name: /Referee 3/ })
    expect(await row.innerText()).toContain('failed – push white – no answer in time')
    expect(await page.getByRole('row', { name: /Referee 2/ }).innerText()).toContain('140 ms')
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
  })

  test('tells the bridge’s own words when a light check is refused, and stops one', async () => {
    await startLightChecks()
    await signIn()
    const refused = platformCard(rightToLeftName)
    // As after the bridge's start: nobody knows what goes on there.
    await refused.getByText('Possible as soon as the bridge knows').waitFor()
    hall.owlcms.fieldOfPlay(rightToLeftName).beginBreak('TECHNICAL')
    await refused.getByRole('button', { name: 'Start the light check', disabled: false }).click()
    await page.getByText('The jury deliberates, and a light check would').waitFor()
    const card = platformCard(shortName)
    hall.owlcms.fieldOfPlay(shortName).beginBreak('TECHNICAL')
    await card.getByRole('button', { name: 'Start the light check', disabled: false }).click()
    await card.getByRole('button', { name: 'Stop the light check' }).click()
    await card.getByText('It was stopped.').waitFor()
    expect(posted('/api/light-check').slice(1)).toEqual([
      { platform: shortName, action: 'start' },
      { platform: shortName, action: 'stop' },
    ])
  })

  test('checks on demand and lists what, why and the next step', async () => {
    await signIn('/console#check')
    await page.getByRole('button', { name: 'Start the check' }).click()
    await page.getByText('Failed: 1, to look at: 1').waitFor()
    await page.getByText('Open owlcms in a browser to wake it up').waitFor()
    await page.getByText('Why: It is off, still starting').waitFor()
  })

  test('lists messages as they come, filters them, stands still while paused, and stays bounded', async () => {
    // Only what is said from now on is a message; before, it is in the state.
    const started = async (): Promise<void> => {
      const socket = await page.waitForEvent('websocket')
      await socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('"snapshot"'))
    }
    await Promise.all([started(), signIn('/console#messages')])
    await attemptBegins()
    const rows = page.locator('tbody tr')
    await page.getByText(`owlcms/fop/start/${shortName}`).first().waitFor()
    await page.getByLabel('Only messages with').fill('clock START')
    await eventually(async () => expect(await rows.count()).toBe(1))
    expect(await rows.first().innerText()).toContain(`owlcms/clock/${shortName}`)
    await page.getByLabel('Only messages with').fill('')
    await page.getByRole('button', { name: 'Pause' }).click()
    const still = await rows.count()
    for (let number = 0; number < 400; number += 1) {
      await hall.say(`owlcms/fop/unheardOf/${shortName}`, String(number))
    }
    await page.getByText('400 new since then').waitFor()
    expect(await rows.count()).toBe(still)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('399', { exact: true }).waitFor()
    expect(await rows.count()).toBe(300)
  })

  test('the list of messages begins with what was said before', async () => {
    told.messages = [1, 2].map((at) => ({ at, platform: shortName, topic: `owlcms/said/before/${at}` }))
    await signIn('/console#messages')
    await page.getByText('owlcms/said/before/1').waitFor()
    await page.getByText('owlcms/said/before/2').waitFor()
  })

  test('the live picture comes first, and each seat has one row until somebody opens it', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await signIn()
    await platformCard(longName).locator('summary').first().click()
    const [panel, parts] = [
      page.locator('.live').first(),
      page.getByRole('heading', { name: /Broker, owlcms/ }),
    ]
    await panel.waitFor()
    expect((await panel.boundingBox())!.y).toBeLessThan((await parts.boundingBox())!.y)
    const rows = page.locator('.seat')
    for (const row of await rows.all()) expect((await row.boundingBox())!.height).toBeLessThan(50)
    await rows.first().getByRole('heading', { name: 'Referee 1' }).click()
    await rows.first().getByText('What became of the signals').waitFor()
  })

  test('on a phone one screen says of each of three platforms what goes on and which seat is not well; a touch opens one', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await signIn()
    const brief = (name: string) => platformCard(name).locator('.brief')
    await eventually(async () =>
      expect(await brief(longName).innerText()).toMatch(/^Waiting for the session\s+✓\s.*4 seats$/s),
    )
    const last = (await page.getByRole('heading', { name: /Broker: / }).boundingBox())!
    expect(last.y + last.height).toBeLessThan(844)
    const gone = seat('referee-2', { devices: [device({ id: 'gone', connected: false })] })
    told.overview = () =>
      overview({
        platforms: overview().platforms.map((one) =>
          one.name === shortName ? { ...one, seats: [seat('referee-1'), gone] } : one,
        ),
      })
    await brief(shortName).getByText('Referee 2').waitFor()
    expect(await brief(shortName).innerText()).not.toContain('Referee 1')
    await platformCard(shortName).getByRole('heading', { name: shortName }).click()
    await platformCard(shortName).getByText('Nobody is connected as Referee 2').waitFor()
    expect(await brief(shortName).count()).toBe(0)
    // Turned on its side, or on a bigger screen, there is room.
    await page.setViewportSize({ width: 1440, height: 900 })
    await eventually(async () => expect(await page.locator('.live').count()).toBe(3))
    expect(await page.locator('.brief').count()).toBe(0)
  })

  test('a hall with one platform is not folded on a phone', async () => {
    told.overview = () => overview({ platforms: overview().platforms.slice(1, 2) })
    // It knows of others.
    await page.routeWebSocket(/\/ws$/, () => undefined)
    await page.setViewportSize({ width: 390, height: 844 })
    await signIn()
    await platformCard(shortName).getByText('Seats and devices').waitFor()
  })

  test.for(['en', 'fr', 'es', 'de'])('on the smallest phone the header is one line: %s', async (language) => {
    await page.setViewportSize({ width: 320, height: 640 })
    await signIn()
    await page.locator('.language').selectOption(language)
    await page.waitForFunction(`document.documentElement.lang === '${language}'`)
    expect((await page.locator('.top').boundingBox())!.height).toBeLessThan(60)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
  })

  test('is light where the system is, with all that can be told apart, and on paper', async () => {
    told.overview = () => overview({ platforms: awkwardPlatforms(), blocks: brokerDown })
    await page.emulateMedia({ colorScheme: 'light' })
    await signIn()
    await page.getByText('Two devices on Referee 2').first().waitFor()
    const background = 'getComputedStyle(document.body).backgroundColor'
    expect(await page.evaluate(background)).toBe('rgb(243, 245, 248)')
    expect(await axeViolations(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await page.evaluate(background)).toBe('rgb(12, 17, 23)')
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    expect(await page.evaluate(background)).toBe('rgb(255, 255, 255)')
    await page.emulateMedia({ colorScheme: null, media: 'screen' })
  })

  test('sets the log level and shows the counters folded', async () => {
    await signIn('/console#bridge')
    await page.getByLabel('Log level').selectOption('debug')
    await page.getByRole('button', { name: 'Set' }).click()
    await page.getByText('The log level is now debug.').waitFor()
    expect(posted('/api/log-level')).toEqual([{ level: 'debug' }])
    expect(await page.getByText('pressesPassedOn').isVisible()).toBe(false)
    await page.getByText('Counters since the start').click()
    expect(await page.getByText('pressesPassedOn').isVisible()).toBe(true)
  })

  test('shows the log from a level on, newest first, and copies a report for help', async () => {
    await signIn('/console#bridge')
    const log = page.getByRole('region', { name: 'Log', exact: true })
    const shown = () => log.locator('b').allInnerTexts()
    await eventually(async () =>
      expect(await shown()).toEqual(['error happened', 'warn happened', 'info happened']),
    )
    await page.getByLabel('From level').selectOption('warn')
    await eventually(async () => expect(await shown()).toEqual(['error happened', 'warn happened']))
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy the report' }).click()
    await page.getByText('✓ Copied.').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('owlcms-bridge 1.0.0\n')
  })

  test('says that the picture is old while the bridge does not answer', async () => {
    await signIn()
    // Like a platform's router whose app is gone.
    const away = (route: Route) => route.fulfill({ status: 503, body: 'no app' })
    await page.route('**/api/**', away)
    await page.getByRole('alert').getByText('No connection to the bridge. What you see is from').waitFor()
    await page.unroute('**/api/**', away)
    await page.getByText('No connection to the bridge').waitFor({ state: 'detached' })
  })

  test('works with the keyboard alone: sign in, choose a device, revoke, sign out', async () => {
    await page.route('**/api/seats/decide', (route) => route.fulfill({ status: 204 }))
    told.overview = () => overview({ platforms: awkwardPlatforms() })
    await page.goto(`${hall.url}/console`)
    await page.locator('#password:focus').waitFor()
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let presses = 0; presses < 80; presses += 1) {
        await page.keyboard.press('Tab')
        const focused = await page.evaluate<string>('document.activeElement.textContent')
        if (!name.test(focused)) continue
        expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
        return
      }
      throw new Error(`no way to ${name.source}`)
    }
    await page.getByRole('button', { name: /^Tablet 7 counts/ }).waitFor()
    await tabTo(/^Tablet 7 counts/)
    await page.keyboard.press('Enter')
    await page.getByText('The other device is disconnected.').waitFor()
    await page.goto(`${hall.url}/console#seats`)
    await page.getByRole('button', { name: 'Revoke everything' }).waitFor()
    await tabTo(/^Revoke everything$/)
    await page.keyboard.press('Space')
    await page.getByRole('dialog').waitFor()
    // Begins at "Cancel", so that a second press by mistake does nothing.
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Cancel')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Revoked.').waitFor()
    expect(posted('/api/seats/revoke')).toEqual([{ what: 'all' }])
  })

  test('speaks the language that is chosen, and keeps it', async () => {
    await page.goto(`${hall.url}/console`)
    await page.getByLabel('Language').selectOption('de')
    await page.getByLabel('Passwort').waitFor()
    await page.reload()
    await page.getByLabel('Passwort').waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('de')
    await page.getByLabel('Sprache').selectOption('en')
    await page.getByLabel('Password').waitFor()
  })

  const views = ['sign-in', 'hall', 'seats', 'check', 'messages', 'bridge', 'result'] as const
  test.for(views)('the view %s fits from 320 to 1440 px and has no fault that axe knows', async (view) => {
    told.overview = () => overview({ platforms: awkwardPlatforms(), blocks: brokerDown })
    if (view === 'sign-in') await page.goto(`${hall.url}/console`)
    else if (view === 'result') {
      await signIn(`/console#hall`)
      checkShows(longName, lightCheckDone)
      await page.goto(`${hall.url}/console#result/${encodeURIComponent(longName)}`)
      await page.getByRole('table').waitFor()
    } else await signIn(`/console#${view}`)
    if (view === 'hall') {
      await attemptBegins()
      await hall.say(`owlcms/refbox/decision/${shortName}`, '1 good')
      await hall.say(`owlcms/refbox/decision/${shortName}`, '3 bad')
      await page.getByText('Has not voted').waitFor()
      await platformCard(longName).locator('.seat summary').first().click()
    }
    if (view === 'check') await page.getByRole('button', { name: 'Start the check' }).click()
    if (view === 'messages') await attemptBegins()
    await page.getByRole('heading').first().waitFor()
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height })
      const wide = await page.evaluate('document.documentElement.scrollWidth')
      expect({ width, wide }).toEqual({ width, wide: width })
    }
    expect(await axeViolations(page)).toEqual([])
  })

  test.for(['de', 'fr', 'es'])('in %s every view and the codes to print fit 320 px', async (code) => {
    await page.setViewportSize({ width: 320, height: 640 })
    await page.goto(`${hall.url}/console`)
    await page.locator('.language').selectOption(code)
    await page.locator(`html[lang="${code}"]`).waitFor()
    const wide = async (view: string) => [view, await page.evaluate('document.documentElement.scrollWidth')]
    expect(await wide('sign-in')).toEqual(['sign-in', 320])
    await page.locator('input[type=password]').fill(password)
    await page.keyboard.press('Enter')
    await page.locator('.brief').first().waitFor()
    for (const view of ['hall', 'check', 'messages', 'bridge', 'seats']) {
      await page.goto(`${hall.url}/console#${view}`)
      await page.locator(`nav a[aria-current][href="#${view}"]`).waitFor()
      await page.locator('main h1').waitFor()
      expect(await wide(view)).toEqual([view, 320])
    }
    await page.locator('form button[type=submit]').click()
    await page.locator('.pages').waitFor()
    expect(await wide('codes')).toEqual(['codes', 320])
  })
})
