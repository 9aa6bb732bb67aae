import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeIf, requirement } from '../support/requirements.ts'
import { startWholeHall, type WholeHall } from '../end-to-end/support/whole-hall.ts'
import type { TestChromium } from '../support/chromium.ts'
import { openBrowser, Phone } from './support/phone.ts'

/** Issue 5, "Must reach". */
const usableWithinMs = 1_500
const echoWithinMs = 60

const openings = 7
const presses = 60

describeIf(requirement('chromium'))('how quick a keypad is', () => {
  let browser: TestChromium
  let hall: WholeHall

  beforeAll(async () => {
    ;[hall, browser] = await Promise.all([startWholeHall(), openBrowser()])
  })

  afterAll(async () => {
    await hall.stop()
    await browser.close()
  })

  test.for([
    ['a processor throttled 4 times', undefined],
    ['the same, and 400 kbit/s with 50 ms each way', 50_000],
  ] as const)('from opened link to usable keypad, on %s', async ([how, bytesPerSecond]) => {
    const link = await hall.seat('referee-1')
    const took: number[] = []
    for (let index = 0; index < openings; index += 1) {
      const page = await browser.context.newPage()
      const devtools = await browser.context.newCDPSession(page)
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
      await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
      if (bytesPerSecond !== undefined) {
        await devtools.send('Network.emulateNetworkConditions', {
          ...{ offline: false, latency: 100 },
          ...{ downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond },
        })
      }
      await page.goto(link)
      await page.locator('.begin .command').waitFor()
      // Since the navigation began, on the page's own clock: what an official waits for.
      took.push(await page.evaluate(() => performance.now()))
      await page.close()
    }
    report(`opened link to usable keypad, ${how}`, took)
    expect(quantile(took, 0.5)).toBeLessThanOrEqual(usableWithinMs)
  })

  test('from a press to owlcms’s echo on the screen', async () => {
    const timekeeper = await Phone.sit(browser.context, await hall.seat('timekeeper'))
    const referee = await Phone.sit(browser.context, await hall.seat('referee-1'))
    await timekeeper.touch(timekeeper.button('Start'))
    await referee.sees('.phase .clock[data-clock="running"]')
    const took: number[] = []
    for (let index = 0; index < presses; index += 1) {
      took.push(await referee.page.evaluate(pressUntilEcho, index % 2 === 0 ? 'good' : 'bad'))
    }
    report('press to echo on the screen', took)
    expect(quantile(took, 0.95)).toBeLessThanOrEqual(echoWithinMs)
    await timekeeper.close()
    await referee.close()
  })
})

/** Runs in the page: touches a key, and waits until it was painted as taken. */
function pressUntilEcho(verdict: string): Promise<number> {
  const key = document.querySelector(`.verdict.${verdict}`)
  if (key === null) throw new Error('no such key')
  return new Promise((resolve) => {
    const before = performance.now()
    const observer = new MutationObserver(() => {
      if (key.getAttribute('data-state') !== 'taken') return
      observer.disconnect()
      requestAnimationFrame(() => resolve(performance.now() - before))
    })
    observer.observe(key, { attributes: true })
    key.dispatchEvent(new PointerEvent('pointerdown', { button: 0, bubbles: true }))
  })
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

function report(what: string, values: readonly number[]): void {
  const [median, p95, most] = [0.5, 0.95, 1].map((share) => Math.round(quantile(values, share) * 10) / 10)
  process.stdout.write(
    `${what}: median ${median} ms, p95 ${p95} ms, most ${most} ms (${values.length} times)\n`,
  )
}
