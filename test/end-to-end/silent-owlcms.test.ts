import type { Page } from 'playwright-core'
import { afterEach, expect, it, vi } from 'vitest'
import type { Phone } from '../keypad/support/phone.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { credentials, startWholeHall, type WholeHall } from './support/whole-hall.ts'

/** A real broker, all four pages, and an owlcms that is gone without a word. */
describeIf([requirement('mosquitto'), requirement('chromium')])('owlcms falls silent', () => {
  vi.setConfig({ testTimeout: 90_000 })
  let hall: WholeHall
  afterEach(() => hall.stop())

  interface Pages {
    readonly pad: Phone
    /** What each page must say, and its page. */
    readonly signs: readonly (readonly [page: Page, selector: string, sign: string])[]
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
        [pad.page, '.trouble.out', 'owlcms does not answer'],
        [stage.page, '.stale-picture', 'owlcms does not answer'],
        [status.page, 'h1', 'owlcms takes no decisions'],
        [organiser, 'main', 'owlcms does not answer.'],
      ],
    }
  }

  /** How soon the bridge says so is held, with a clock of its own, by hub/owlcms-watch.test.ts. */
  async function shown({ signs }: Pages): Promise<void> {
    for (const [page, selector, sign] of signs)
      await page.locator(selector, { hasText: sign }).first().waitFor()
  }

  it('and every page says so after the first press', async () => {
    const pages = await open()
    await hall.owlcms.stop()
    await pages.pad.decide('bad')
    await shown(pages)
    expect(await pages.pad.page.locator('footer').innerText()).not.toContain('Ready')
    expect(hall.told(pages.pad).some((text) => text.includes('"presence":"silent"'))).toBe(true)
    expect(hall.complaints).toEqual([])
  })

  it('and every page says so without any press', async () => {
    const pages = await open()
    await hall.owlcms.stop()
    await shown(pages)
  })
})
