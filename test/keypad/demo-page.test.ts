import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Demo } from '../../src/demo/demo.ts'
import { demoTexts } from '../../src/texts/demo-texts.ts'
import { axeViolations, type TestChromium } from '../support/chromium.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { startTestDemo } from '../support/running-bridge.ts'
import { builtPages } from '../support/built-pages.ts'
import { openBrowser, Phone } from './support/phone.ts'

describeIf(requirement('chromium'))('the demo’s first page', () => {
  let browser: TestChromium
  let demo: Demo

  beforeAll(async () => {
    const [pageFiles, opened] = await Promise.all([builtPages(), openBrowser()])
    browser = opened
    demo = await startTestDemo(pageFiles)
  }, 60_000)

  afterAll(async () => {
    await browser.close()
    await demo.stop()
  })

  test('a reader decides a lift for all three referees, by touch and by key, beside the stage display', async () => {
    const phone = await Phone.open(browser.context, demo.url)
    const { page } = phone
    await phone.sees('.stage .clock[data-clock="running"]')
    await phone.sees('.stage .clock[data-clock="stopped"]')
    const [one, two, three] = [0, 1, 2].map((index) => page.locator('.pad').nth(index))
    await phone.touch(one!.locator('.verdict.good'))
    await one!.locator('.verdict.good[data-state="taken"]').waitFor()
    await page.keyboard.press('4')
    await two!.locator('.verdict.bad[data-state="taken"]').waitFor()
    // The third is reminded (docs/owlcms.md 4.3), which step 3 of the tour promises.
    await three!.getByText('Your decision is missing!').waitFor()
    await page.keyboard.press('5')
    await phone.sees('.stage .what[data-shown="good"]')
    expect(await page.locator('.stage .light.good').count()).toBe(2)
    await page.keyboard.press('6')
    await three!.getByText('Too late').waitFor()
    expect(await page.locator('.tour li').allInnerTexts()).toEqual(demoTexts.en.steps)
    expect(await axeViolations(page)).toEqual([])
    for (const width of [320, 390, 820, 1440]) {
      await page.setViewportSize({ width, height: 844 })
      expect([width, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([width, width])
    }
    expect(phone.complaints).toEqual([])
    await phone.close()
  }, 90_000)
})
