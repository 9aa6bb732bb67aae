import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeIf, requirement } from '../support/requirements.ts'
import type { TestChromium } from '../support/chromium.ts'
import { startWholeHall, type WholeHall } from '../end-to-end/support/whole-hall.ts'
import { openBrowser, Phone } from './support/phone.ts'

describeIf(requirement('chromium'))('the clocks of a release that tells them', () => {
  let browser: TestChromium
  let hall: WholeHall

  beforeAll(async () => {
    ;[hall, browser] = await Promise.all([startWholeHall({ version: '70.0.0' }), openBrowser()])
  }, 60_000)

  afterAll(async () => {
    await hall.stop()
    await browser.close()
  })

  test('the athlete’s clock is there before it was ever started, and a break counts down on every page', async () => {
    const timekeeper = await Phone.sit(browser.context, await hall.seat('timekeeper'))
    const referee = await Phone.sit(browser.context, await hall.seat('referee-1'))
    const stage = await Phone.open(browser.context, `${hall.url}/view/A`)
    const overlay = await Phone.open(browser.context, `${hall.url}/overlay/A`)
    for (const page of [timekeeper, referee, stage, overlay]) await page.sees('.clock:has-text("1:00")')
    hall.owlcms.fieldOfPlay('A').beginBreak('FIRST_CJ', 600_000)
    for (const page of [referee, stage, overlay])
      await page.sees('.clock[data-clock="running"]:has-text("9:")')
    // Under the timekeeper's buttons the athlete's clock stays.
    await timekeeper.sees('.panel .clock[data-clock="stopped"]:has-text("1:00")')
    hall.owlcms.fieldOfPlay('A').beginBreak('TECHNICAL')
    await stage.sees('.what:has-text("Technical")')
    expect(await stage.page.locator('.clock').count()).toBe(0)
    await referee.sees('.clock[data-clock="stopped"]:has-text("1:00")')
    hall.owlcms.fieldOfPlay('A').startLifting()
    await stage.sees('.stage[data-phase="athleteCalled"] .clock:has-text("1:00")')
    const complaints = [timekeeper, referee, stage, overlay].flatMap((page) => page.complaints)
    for (const page of [timekeeper, referee, stage, overlay]) await page.close()
    expect(complaints).toEqual([])
  })
})
