import type { Page } from 'playwright-core'
import { afterEach, expect, it, vi } from 'vitest'
import type { Phone } from '../keypad/support/phone.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { credentials, startWholeHall, type WholeHall } from './support/whole-hall.ts'
import { runningMs } from '../support/eventually.ts'

/** A real broker, all four pages, and an owlcms that is gone without a word. */
describeIf([requirement('mosquitto'), requirement('chromium')])('owlcms falls silent', () => {
  vi.setConfig({ testTimeout: 90_000 })
  let hall: WholeHall
  afterEach(() => hall.stop())

  interface Pages {
    readonly pad: Phone
    /** What each page must say, and its page. */
    readonly signs: readonly (readonly [name: string, page: Page, selector: string, sign: string])[]
  }

  async function open(): Promise<Pages> {
    hall = await startWholeHall({
      startBroker: () =>
        startMosquitto({ transport: 'tcp', users: { [credentials.username]: credentials.password } }),
    })
    const pad = await hall.phone(await hall.seat('referee-1'))
    await pad.begin()
    const stage = await hall.phone(`${hall.url}/view/A`)
    const status = await hall.phone(`${hall.url}/`)
    const organiser = await (await hall.person({ width: 1100, height: 820 })).newPage()
    await organiser.goto(`${hall.url}/console`)
    await organiser.getByLabel('Password').fill(credentials.password)
    await organiser.getByLabel('Password').press('Enter')
    await organiser.getByRole('region', { name: 'Platform A', exact: true }).waitFor()
    await pad.decide('good')
    await pad.says('owlcms has: WHITE')
    await stage.page.locator('.stage[data-line="live"]').waitFor()
    expect(await status.page.locator('h1').innerText()).toContain('Decisions get through')
    return {
      pad,
      signs: [
        ['keypad', pad.page, '.trouble.out', 'owlcms does not answer'],
        ['stage', stage.page, '.stale-picture', 'owlcms does not answer'],
        ['status page', status.page, 'h1', 'owlcms takes no decisions'],
        ['console', organiser, 'main', 'owlcms does not answer.'],
      ],
    }
  }

  /** Milliseconds until every page says so, each by its own. */
  async function untilShown({ signs }: Pages): Promise<Readonly<Record<string, number>>> {
    const from = runningMs()
    const shown = signs.map(async ([name, page, selector, sign]) => {
      await page.locator(selector, { hasText: sign }).first().waitFor({ timeout: 30_000 })
      return [name, Math.round(runningMs() - from)] as const
    })
    return Object.fromEntries(await Promise.all(shown))
  }

  const late = (took: Readonly<Record<string, number>>, withinMs: number): object =>
    Object.fromEntries(Object.entries(took).filter(([, ms]) => ms > withinMs))

  it('and every page says so within 5 s of the first press', async () => {
    const pages = await open()
    await hall.owlcms.stop()
    const told = untilShown(pages)
    await pages.pad.decide('bad')
    const took = await told
    expect(late(took, 5_000)).toEqual({})
    expect(await pages.pad.page.locator('footer').innerText()).not.toContain('Ready')
    expect(hall.told(pages.pad).some((text) => text.includes('"presence":"silent"'))).toBe(true)
    expect(hall.complaints).toEqual([])
  })

  it('and every page says so within 15 s without any press', async () => {
    const pages = await open()
    await hall.owlcms.stop()
    const took = await untilShown(pages)
    expect(late(took, 15_000)).toEqual({})
  })
})
