import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Phone } from '../keypad/support/phone.ts'
import { complaintsOf } from '../support/chromium.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { connectDevice } from '../support/running-bridge.ts'
import { startWholeHall, type WholeHall } from './support/whole-hall.ts'
import { eventually } from '../support/eventually.ts'

const officials = [
  ...['Referee 1', 'Referee 2', 'Referee 3', 'Timekeeper'],
  ...['Jury president', 'Jury member 2', 'Jury member 3'],
] as const
type Official = (typeof officials)[number]

/**
 * One evening in one hall, all parts real and together: each test goes on where the one before left the hall, as people
 * do. Links, tokens and decisions go through the organiser's console, nothing around it.
 */
describeIf(requirement('chromium'))('the whole hall', () => {
  vi.setConfig({ testTimeout: 60_000 })

  let hall: WholeHall
  let organiser: Page
  let stage: Phone
  const links = new Map<string, string>()
  const phones = new Map<Official, Phone>()

  beforeAll(async () => {
    hall = await startWholeHall()
    organiser = await (await hall.person({ width: 1100, height: 820 })).newPage()
    complaintsOf(organiser, hall.complaints)
    // Without any link, as everybody in the hall may.
    stage = await hall.phone(`${hall.url}/view/A`)
  }, 60_000)

  afterAll(async () => {
    await hall.stop()
  })

  const link = (official: Official): string => links.get(official)!
  const token = (official: Official): string => new URL(link(official)).hash.slice(1)
  const phone = (official: Official): Phone => phones.get(official)!
  const pressed = (from: number): readonly string[] => hall.presses.slice(from)

  async function sit(official: Official): Promise<Phone> {
    const seated = await hall.phone(link(official))
    await seated.begin()
    phones.set(official, seated)
    return seated
  }

  async function goHome(...leaving: readonly Official[]): Promise<void> {
    for (const official of leaving) {
      await phone(official).close()
      phones.delete(official)
    }
  }

  async function look(view: 'hall' | 'seats'): Promise<void> {
    await organiser.goto(`${hall.url}/console#${view}`)
    await organiser.getByRole('navigation').waitFor()
  }

  const seatRow = (official: string): Locator => organiser.locator('article.seat', { hasText: official })

  test('the organiser signs in, makes the seat sheet, and strangers who scan it are seated', async () => {
    await organiser.goto(`${hall.url}/console`)
    await organiser.getByLabel('Password').fill('wrong')
    await organiser.getByLabel('Password').press('Enter')
    await organiser.getByText('This password is wrong').waitFor()
    await organiser.getByLabel('Password').fill(hall.password)
    await organiser.getByLabel('Password').press('Enter')
    await organiser.getByRole('region', { name: 'Platform A', exact: true }).waitFor()
    await look('seats')
    await organiser.getByRole('button', { name: 'Make 7 codes' }).click()
    await organiser.getByText('7 codes are ready.').waitFor()
    expect(await organiser.getByText('BRIDGE_PUBLIC_URL').count()).toBe(0)
    for (const sheet of await organiser.locator('.seat-page').all()) {
      const name = await sheet.getByRole('heading').innerText()
      links.set(name, (await sheet.getByRole('link').getAttribute('href'))!)
    }
    expect([...links.keys()].toSorted()).toEqual([...officials].toSorted())
    await Promise.all((['Referee 1', 'Referee 2', 'Referee 3'] as const).map(sit))
    await Promise.all((['Timekeeper', 'Jury president', 'Jury member 2', 'Jury member 3'] as const).map(sit))
    await look('hall')
    for (const official of officials) await seatRow(official).getByText('no signal yet').first().waitFor()
  })

  test('a good lift: all is taken, the console shows each seat’s delay, and the hall sees no decision before the lights', async () => {
    const referees = (['Referee 1', 'Referee 2', 'Referee 3'] as const).map(phone)
    const [one, two, three] = referees as [Phone, Phone, Phone]
    const timekeeper = phone('Timekeeper')
    await timekeeper.touch(timekeeper.button('Start'))
    await Phone.allSee([one, timekeeper], '.clock[data-clock="running"]')
    await timekeeper.touch(timekeeper.button('Stop'))
    await Phone.allSee(referees, '.phase .clock[data-clock="stopped"]')
    await one.decide('good')
    await one.says('owlcms has: WHITE')
    await two.decide('good')
    await two.says('owlcms has: WHITE')
    await hall.passes(1_500)
    await three.sees('.app[data-alert="reminder"]')
    await three.decide('good')
    await three.says('owlcms has: WHITE')
    await hall.passes(3_000)
    await stage.sees('.what[data-shown="good"]')
    expect(hall.order.results).toEqual(['good'])
    expect(decisionsBeforeLights(hall.told(stage))).toEqual([])
    expect(hall.told(stage).join('\n')).toContain('"shown":"good"')
    // The jury may see them at once: so this looks in the right place.
    expect(decisionsBeforeLights(hall.told(phone('Jury president')))).not.toEqual([])
    for (const official of ['Referee 1', 'Referee 2', 'Referee 3', 'Timekeeper'] as const) {
      const row = seatRow(official)
      await row
        .getByText(/delay \d+ ms/)
        .first()
        .waitFor()
      await row.locator('summary').click()
      await row.getByRole('row', { name: /taken by owlcms/ }).waitFor()
      await row.locator('summary').click()
    }
    await hall.passes(3_500)
    await stage.sees('.stage[data-phase="athleteCalled"]')
  })

  test('a challenge: secret votes, a call, the reveal, and lifting goes on', async () => {
    const before = hall.presses.length
    const [president, two, three] = [phone('Jury president'), phone('Jury member 2'), phone('Jury member 3')]
    await president.touch(president.button('Challenge'))
    await stage.sees('.stage[data-phase="break"]')
    await Phone.allSee([president, two, three], '.phase:has-text("Challenge")')
    await president.touch(president.page.getByRole('button', { name: 'Referee 2' }))
    await phone('Referee 2').sees('.banner.summon')
    expect(await phone('Referee 1').page.locator('.banner.summon').count()).toBe(0)
    await two.decide('good')
    await two.sees('.vote[data-vote="hidden"]')
    await three.decide('bad')
    await three.sees('.vote[data-vote="hidden"]')
    await president.touch(president.page.locator('.vote .verdict.good'))
    await president.sees('.vote[data-vote="hidden"]')
    await hall.passes(200)
    await president.sees('.lights.jury .light.bad')
    expect(await president.page.locator('.lights.jury .light.good').count()).toBe(2)
    await president.decide('good')
    await president.says('Sent. The announcer confirms')
    await eventually(() => expect(pressed(before).at(-1)).toBe('jurybox/decision/A good'))
    hall.owlcms.fieldOfPlay('A').answerJury('confirm')
    await hall.passes(3_500)
    await stage.sees('.stage[data-phase="athleteCalled"]')
    await phone('Referee 2').page.locator('.banner').waitFor({ state: 'detached' })
    expect(pressed(before)).toEqual([
      'jurybox/break/A challenge',
      'jurybox/summon/A 2',
      'jurybox/juryMember/decision/A 2 good',
      'jurybox/juryMember/decision/A 3 bad',
      'jurybox/juryMember/decision/A 1 good',
      'jurybox/decision/A good',
    ])
    expect(hall.told(stage).filter((text) => text.includes('juryMember'))).toEqual([])
  })

  test('two phones on one seat: the second waits, the organiser decides, the first is told', async () => {
    const first = phone('Referee 2')
    const timekeeper = phone('Timekeeper')
    await timekeeper.touch(timekeeper.button('Start'))
    await timekeeper.sees('.clock[data-clock="running"]')
    await timekeeper.touch(timekeeper.button('Stop'))
    await first.sees('.phase .clock[data-clock="stopped"]')
    const second = await hall.phone(link('Referee 2'))
    await second.begin()
    await second.page.getByRole('alert').getByText('Another device sits here').waitFor()
    const before = hall.presses.length
    await second.decide('bad')
    await second.says('Another device sits here')
    await organiser.getByRole('group', { name: 'Two devices on Referee 2: which one counts?' }).waitFor()
    // The official reads the device's name aloud; the organiser has it on a button.
    const said = await second.page.getByText('The console calls this device').innerText()
    const name = /[0-9A-F]{4}(?=\.)/.exec(said)?.[0]
    await organiser.getByRole('button', { name: `${name} counts` }).click()
    await organiser.getByText('Done. The other device is disconnected.').waitFor()
    await first.page.getByRole('alert').getByText('another device').waitFor()
    await second.page.locator('.banner').waitFor({ state: 'detached' })
    expect(pressed(before)).toEqual([])
    await first.close()
    phones.set('Referee 2', second)
    await second.decide('bad')
    await second.says('owlcms has: RED')
    expect(pressed(before)).toEqual(['refbox/decision/A 2 bad'])
  })

  test('the light check with one dead seat: pass, pass, failed; owlcms gets nothing', async () => {
    await goHome('Referee 3', 'Timekeeper', 'Jury president', 'Jury member 2', 'Jury member 3')
    const before = hall.presses.length
    const start = organiser.getByRole('button', { name: 'Start the light check' })
    await eventually(async () => expect(await start.isDisabled()).toBe(true))
    hall.owlcms.fieldOfPlay('A').beginBreak('TECHNICAL')
    await organiser.getByRole('button', { name: 'Start the light check', disabled: false }).click()
    for (const official of ['Referee 1', 'Referee 2'] as const) {
      const asked = phone(official)
      await asked.sees('.drill[data-ask="white"]')
      await asked.decide('good')
      await asked.sees('.drill[data-ask="red"]')
      await asked.decide('bad')
      for (const step of ['reminder', 'summon'] as const) {
        await asked.sees(`.drill[data-ask="${step}"]`)
        await asked.touch(asked.page.locator('.drill button'))
      }
      await organiser.getByText(`${official}: passed`).waitFor()
    }
    await organiser.getByText('2 of 3 seats passed. All seats were asked.').waitFor()
    await organiser.getByRole('link', { name: 'Result sheet' }).click()
    const result = async (official: string): Promise<string> =>
      organiser.getByRole('row', { name: new RegExp(official) }).innerText()
    expect(await result('Referee 1')).toMatch(/[0-9A-F]{4}\s.*\d+ ms.*passed/s)
    expect(await result('Referee 2')).toMatch(/\d+ ms.*passed/s)
    expect(await result('Referee 3')).toMatch(/no device.*failed – push white/s)
    expect(pressed(before)).toEqual([])
  })

  test('lifting that starts ends a light check at once, and presses count again', async () => {
    await look('hall')
    await organiser.getByRole('button', { name: 'Start the light check', disabled: false }).click()
    const one = phone('Referee 1')
    await one.sees('.drill[data-ask="white"]')
    hall.owlcms.fieldOfPlay('A').startLifting()
    await one.page.locator('.drill').waitFor({ state: 'detached' })
    await organiser.getByText('It ended because lifting started.').waitFor()
    const before = hall.presses.length
    await one.decide('good')
    await eventually(() => expect(pressed(before)).toEqual(['refbox/decision/A 1 good']))
  })

  test('a token presses for its own seat only, through both doors', async () => {
    const before = hall.presses.length
    const box = await connectDevice(hall.bridge.url.replace('http', 'ws') + '/mqtt', {
      ...{ username: 'anything', password: token('Referee 3'), protocolVersion: 5 as const },
    })
    try {
      await expect(box.press('owlcms/refbox/decision/A', '1 good')).rejects.toThrow(/Not authorized/)
      await expect(box.press('owlcms/jurybox/decision/A', 'good')).rejects.toThrow(/Not authorized/)
    } finally {
      await box.stop()
    }
    const command = { kind: 'refereeDecision', referee: 1, value: 'bad' }
    expect(await pressOver(hall.bridge.port, token('Timekeeper'), command)).toMatchObject({
      ...{ type: 'error', id: 'p1', reason: 'notAllowed' },
    })
    expect(pressed(before)).toEqual([])
    expect(hall.bridge.logLines.join('')).not.toContain(token('Referee 3'))
  })

  test('a revoked phone says so, and its link opens no more', async () => {
    const one = phone('Referee 1')
    const row = seatRow('Referee 1')
    await row.locator('summary').click()
    await row.getByRole('button', { name: 'Revoke this device' }).first().click()
    await organiser.getByRole('dialog').getByRole('button', { name: 'Revoke this device' }).click()
    await one.page.getByRole('alert').getByText('no longer').waitFor()
    await one.page.reload()
    await one.page.getByRole('alert').getByText('no longer').waitFor()
    const again = await hall.phone(link('Referee 1'))
    await again.page.getByRole('alert').getByText('no longer').waitFor()
  })

  test('the evening is over: all codes are revoked, and nothing of the hall stays on the organiser’s screen', async () => {
    await look('seats')
    await organiser.getByRole('button', { name: 'Revoke everything' }).click()
    await organiser.getByRole('dialog').getByRole('button', { name: 'Revoke everything' }).click()
    await organiser.getByText('Revoked.').waitFor()
    await phone('Referee 2').page.getByRole('alert').getByText('no longer').waitFor()
    await organiser.getByRole('button', { name: 'Sign out' }).click()
    await organiser.getByLabel('Password').waitFor()
    expect(await organiser.getByText('Referee').count()).toBe(0)
    const overview = await organiser.evaluate(`fetch('/api/overview').then(({ status }) => status)`)
    expect(overview).toBe(401)
  })

  test('no page complained: no fault, no breach of the content security policy', () => {
    expect(hall.complaints).toEqual([])
  })
})

/** What told the hall of a decision before the lights: messages of the stream in which no decision may be. */
function decisionsBeforeLights(texts: readonly string[]): readonly string[] {
  const early: string[] = []
  let isShown = false
  for (const text of texts) {
    const message = JSON.parse(text) as { state?: object; changed?: object }
    const told = { ...message.state, ...message.changed } as {
      decisions?: object | null
      phase?: { kind: string }
    }
    if (told.phase !== undefined) isShown = told.phase.kind === 'decisionShown'
    const isDecided = Object.keys(told.decisions ?? {}).length > 0 || text.includes('refbox/decision')
    if (isDecided && !isShown) early.push(text)
  }
  return early
}

/** The answer of `/ws` to a press with this token. */
function pressOver(port: number, token: string, command: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
    const say = (message: object): void => socket.send(JSON.stringify(message))
    socket.on('error', reject)
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)))
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; state?: { fence: number } }
      if (message.type === 'hello') say({ type: 'start', schema: 1, client: 'stranger', token })
      if (message.type === 'snapshot') {
        say({ type: 'press', id: 'p1', platform: 'A', command, fence: message.state?.fence })
      }
      if (message.type !== 'error' && message.type !== 'ack') return
      resolve(message)
      socket.removeAllListeners('close')
      socket.close()
    })
  })
}
