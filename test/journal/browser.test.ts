import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import { builtPages } from '../support/built-pages.ts'
import { axeViolations, openChromium, type TestChromium } from '../support/chromium.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { serveChallengedJournal } from './recorded-hall.ts'

let browser: TestChromium
let pageFiles: PageFiles

describeIf(requirement('chromium'))('the journal of a challenged lift in a browser', () => {
  beforeAll(async () => {
    ;[pageFiles, browser] = await Promise.all([builtPages(), openChromium()])
  })

  afterAll(async () => {
    await browser.close()
  })

  async function withPage(use: (page: Page) => Promise<void>): Promise<void> {
    const server = await serveChallengedJournal(pageFiles)
    const page = await browser.context.newPage()
    try {
      await page.goto(`http://127.0.0.1:${server.port}/journal/A?zone=Europe/Berlin`)
      await use(page)
    } finally {
      await page.close()
      await server.close()
    }
  }

  it('fits every screen from 320 px without sideways scrolling, and paper', async () => {
    await withPage(async (page) => {
      for (const [width, height] of [
        [320, 568],
        [390, 844],
        [1280, 900],
      ] as const) {
        await page.setViewportSize({ width, height })
        const wide = await page.evaluate('document.documentElement.scrollWidth')
        expect({ width, wide }).toEqual({ width, wide: width })
      }
      await page.emulateMedia({ media: 'print' })
      expect(await page.locator('.noprint').first().isVisible()).toBe(false)
      const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor')
      expect(paper).toBe('rgb(255, 255, 255)')
    })
  })

  it.each(['screen', 'print'] as const)('has no fault that axe finds, on %s', async (media) => {
    await withPage(async (page) => {
      await page.emulateMedia({ media })
      expect(await axeViolations(page)).toEqual([])
    })
  })

  it('needs no script: there is none', async () => {
    await withPage(async (page) => {
      expect(await page.locator('script').count()).toBe(0)
      expect(await page.getByText('The lift was challenged.').count()).toBe(1)
    })
  })
})
