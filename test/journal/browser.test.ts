import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addJournal } from '../../src/http/journal/routes.tsx'
import { listen } from '../../src/http/door/listen.ts'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import { createWebBasics } from '../../src/http/door/web-basics.ts'
import { webOptions } from '../http/fixtures.ts'
import { builtPages } from '../support/built-pages.ts'
import { jane, zoe } from '../simulator/transcript.ts'
import { openChromium, type TestChromium } from '../support/chromium.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { PressedHall, presses } from './recorded-hall.ts'

/** A folder for pictures, for whoever wants to look at them. */
const shots = process.env['JOURNAL_SHOTS']

let browser: TestChromium
let axe: string
let pageFiles: PageFiles

describeIf(requirement('chromium'))('the journal of a challenged lift in a browser', () => {
  beforeAll(async () => {
    // The CSP is passed by only so that axe may be added to a page that allows nothing; the page is tested with it.
    ;[pageFiles, browser] = await Promise.all([builtPages(), openChromium({ bypassCSP: true })])
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  })

  afterAll(async () => {
    await browser.close()
  })

  async function withPage(use: (page: Page) => Promise<void>): Promise<void> {
    const hall = new PressedHall([jane, zoe, jane])
    hall.play(`${presses.t2}\n    25500 refbox/decision/A 1 good`).play(presses.t4)
    const app = createWebBasics(webOptions({ pageFiles }))
    addJournal(app, hall.journal, (_c, next) => next())
    const server = await listen(app, { host: '127.0.0.1', port: 0 })
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
        if (shots !== undefined)
          await page.screenshot({ path: join(shots, `journal-${width}.png`), fullPage: true })
      }
      if (shots !== undefined) {
        await page.setViewportSize({ width: 960, height: 900 })
        await page
          .locator('.lift')
          .first()
          .screenshot({ path: join(shots, 'journal-challenge.png') })
      }
      await page.emulateMedia({ media: 'print' })
      expect(await page.locator('.noprint').first().isVisible()).toBe(false)
      const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor')
      expect(paper).toBe('rgb(255, 255, 255)')
      if (shots !== undefined)
        await page.screenshot({ path: join(shots, 'journal-print.png'), fullPage: true })
    })
  })

  it.each(['screen', 'print'] as const)('has no fault that axe finds, on %s', async (media) => {
    await withPage(async (page) => {
      await page.emulateMedia({ media })
      await page.evaluate(axe)
      const violations = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))',
      )
      expect(violations).toEqual([])
    })
  })

  it('needs no script: there is none', async () => {
    await withPage(async (page) => {
      expect(await page.locator('script').count()).toBe(0)
      expect(await page.getByText('The lift was challenged.').count()).toBe(1)
    })
  })
})
