import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeIf, requirement } from '../support/requirements.ts'
import { startWholeHall, type WholeHall } from '../end-to-end/support/whole-hall.ts'
import type { TestChromium } from '../support/chromium.ts'
import { openBrowser, Phone } from './support/phone.ts'
import { eventually } from '../support/eventually.ts'

const isRunning = '.phase .clock[data-clock="running"]'
const isStopped = '.phase .clock[data-clock="stopped"]'

/** docs/owlcms.md 4.9, played by people's pages instead of boxes; the long waits of a real lift are left out. */
describeIf(requirement('chromium'))('a lift on phones', () => {
  let browser: TestChromium
  let hall: WholeHall
  const phones: Phone[] = []

  beforeAll(async () => {
    ;[hall, browser] = await Promise.all([startWholeHall(), openBrowser()])
  }, 60_000)

  afterEach(async () => {
    const complaints = phones.flatMap((phone) => phone.complaints)
    for (const phone of phones.splice(0)) await phone.close()
    expect(complaints).toEqual([])
  })

  afterAll(async () => {
    await hall.stop()
    await browser.close()
  })

  async function sit<const Seats extends readonly string[]>(
    ...seats: Seats
  ): Promise<{ readonly [K in keyof Seats]: Phone }> {
    const seated = await Promise.all(
      seats.map(async (seat) => Phone.sit(browser.context, await hall.seat(seat))),
    )
    phones.push(...seated)
    return seated as { readonly [K in keyof Seats]: Phone }
  }

  async function look(path: string): Promise<Phone> {
    const phone = await Phone.open(browser.context, `${hall.url}${path}`)
    phones.push(phone)
    return phone
  }

  /** The three seconds in which referees may change their minds. */
  const lightsComeOn = (): Promise<void> => hall.passes(3_000)
  const nextIsCalled = (): Promise<void> => hall.passes(3_500)
  const pressed = (from: number): readonly string[] => hall.presses.slice(from)
  const officials = ['referee-1', 'referee-2', 'referee-3', 'timekeeper'] as const

  test('T1: a good lift; each referee sees only owlcms’s echo of the own decision, the hall sees the lights at the end', async () => {
    const before = hall.presses.length
    const [one, two, three, timekeeper] = await sit(...officials)
    const stage = await look('/view/A')
    const [president] = await sit('juryPresident')
    await timekeeper.touch(timekeeper.button('Start'))
    await timekeeper.sees('.timekeeper .clock[data-clock="running"]')
    await timekeeper.touch(timekeeper.button('Stop'))
    await timekeeper.sees('.timekeeper .clock[data-clock="stopped"]')
    await Phone.allSee([one, two, three], isStopped)
    await one.decide('good')
    await one.sees('.verdict.good[data-state="taken"]')
    await one.says('WHITE – good lift')
    expect(await two.page.locator('[data-state="taken"]').count()).toBe(0)
    await three.decide('good')
    await three.sees('.verdict.good[data-state="taken"]')
    await stage.sees('.lamps[data-down="true"]')
    expect(await stage.page.locator('.light.good').count()).toBe(0)
    await president.sees('.light.good')
    expect(await president.page.locator('.panel .lights').first().locator('.light.good').count()).toBe(2)
    await two.decide('good')
    await two.sees('.verdict.good[data-state="taken"]')
    await lightsComeOn()
    await stage.sees('.what[data-shown="good"]')
    expect(await stage.page.locator('.light.good').count()).toBe(3)
    expect(pressed(before)).toEqual([
      'clock/A start',
      'clock/A stop',
      'refbox/decision/A 1 good',
      'refbox/decision/A 3 good',
      'refbox/decision/A 2 good',
    ])
    await nextIsCalled()
    await stage.sees('.stage[data-phase="athleteCalled"]')
    expect(hall.order.results.at(-1)).toBe('good')
  })

  test('T2: a no-lift with a change of mind, and a phone out of the network for a moment; the decision that owlcms shows is the last one', async () => {
    const before = hall.presses.length
    const results = hall.order.results.length
    const [one, two, three, timekeeper] = await sit(...officials)
    await timekeeper.touch(timekeeper.button('Start'))
    await Phone.allSee([one, two, three], isRunning)
    await one.decide('good')
    await one.sees('.verdict.good[data-state="taken"]')
    await one.decide('bad')
    await one.sees('.verdict.bad[data-state="taken"]')
    // The first referee's phone leaves the Wi-Fi; a press in the gap must not arrive, now or later.
    const network = await one.page.context().newCDPSession(one.page)
    // The browser says so, and no new line gets through meanwhile.
    const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 }
    await network.send('Network.emulateNetworkConditions', { offline: true, ...unlimited })
    await one.sees('.trouble.out')
    await one.decide('good')
    await one.says('NOT sent. Show your flag')
    await two.decide('good')
    await two.sees('.verdict.good[data-state="taken"]')
    await network.send('Network.emulateNetworkConditions', { offline: false, ...unlimited })
    await one.sees('.app[data-line="live"]')
    await three.decide('bad')
    await three.sees('.verdict.bad[data-state="taken"]')
    await one.sees('.phase:has-text("Down signal")')
    await one.sees('.verdict.bad[data-state="taken"]')
    await lightsComeOn()
    await eventually(() => expect(hall.order.results.slice(results)).toEqual(['bad']))
    expect(pressed(before)).toEqual([
      'clock/A start',
      'refbox/decision/A 1 good',
      'refbox/decision/A 1 bad',
      'refbox/decision/A 2 good',
      'refbox/decision/A 3 bad',
    ])
    // The lights are on: too late for another change of mind.
    await two.sees('.phase:has-text("No lift")')
    await two.decide('bad')
    await two.says('Too late – show your flag')
    expect(pressed(before)).toHaveLength(5)
    await nextIsCalled()
    await one.sees('.phase:has-text("Athlete called")')
  })

  test('T3: the last referee is reminded until the press, and the alert stops with it', async () => {
    const [one, two, three, timekeeper] = await sit(...officials)
    await timekeeper.touch(timekeeper.button('Start'))
    await one.sees(isRunning)
    await timekeeper.touch(timekeeper.button('Stop'))
    await Phone.allSee([one, two, three], isStopped)
    await one.decide('good')
    await two.decide('good')
    await Phone.allSee([one, two], '.verdict.good[data-state="taken"]')
    await hall.passes(1_500)
    await three.sees('.app[data-alert="reminder"]')
    expect(await three.page.locator('.banner.reminder').innerText()).toContain('Your decision is missing!')
    expect(await one.page.locator('.banner').count()).toBe(0)
    await three.decide('bad')
    await three.sees('.app[data-alert="none"]')
    await three.sees('.verdict.bad[data-state="taken"]')
    await lightsComeOn()
    await one.sees('.phase:has-text("Good lift")')
    await nextIsCalled()
    await one.sees('.phase:has-text("Athlete called")')
  })

  test('T4: a challenge; three secret votes, a call to all referees, the reveal, and lifting resumes', async () => {
    const before = hall.presses.length
    const [president, jurorOne, jurorTwo, jurorThree, referee] = await sit(
      'juryPresident',
      'juryMember-1',
      'juryMember-2',
      'juryMember-3',
      'referee-2',
    )
    const stage = await look('/view/A')
    await president.touch(president.button('Challenge'))
    await stage.sees('.stage[data-phase="break"]')
    await president.sees('.command[data-state="on"]:has-text("Challenge")')
    await Phone.allSee([jurorOne, jurorTwo, jurorThree], '.phase:has-text("Challenge")')
    await president.touch(president.button('All'))
    await referee.sees('.app[data-alert="summon"]')
    await referee.touch(referee.button('Stop the sound'))
    await referee.sees('.app[data-alert="none"]')
    expect(await referee.page.locator('.banner.summon').innerText()).toContain('Come to the jury table')
    await jurorTwo.decide('good')
    await jurorTwo.sees('.vote[data-vote="hidden"]')
    expect(await jurorTwo.page.locator('[data-state="taken"]').count()).toBe(0)
    await president.sees('.lights.jury .light.hidden')
    expect(await jurorOne.page.locator('.vote').getAttribute('data-vote')).toBe('none')
    await jurorOne.decide('good')
    await jurorOne.sees('.vote[data-vote="hidden"]')
    await jurorThree.decide('bad')
    await jurorThree.sees('.vote[data-vote="hidden"]')
    await hall.passes(200)
    await jurorThree.sees('.vote[data-vote="bad"]')
    await president.sees('.lights.jury .light.bad')
    expect(await president.page.locator('.lights.jury .light.good').count()).toBe(2)
    await president.decide('good')
    await president.says('Sent. The announcer confirms')
    await eventually(() => expect(pressed(before).at(-1)).toBe('jurybox/decision/A good'))
    hall.owlcms.fieldOfPlay('A').answerJury('confirm')
    await nextIsCalled()
    await stage.sees('.stage[data-phase="athleteCalled"]')
    await referee.page.locator('.banner').waitFor({ state: 'detached' })
    expect(pressed(before)).toEqual([
      'jurybox/break/A challenge',
      'jurybox/summon/A all',
      'jurybox/juryMember/decision/A 2 good',
      'jurybox/juryMember/decision/A 1 good',
      'jurybox/juryMember/decision/A 3 bad',
      'jurybox/decision/A good',
    ])
  })
})
