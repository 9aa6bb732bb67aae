import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { openTabs } from '../support/chromium.ts'

export interface TestBrowser {
  newPage(): Promise<Page>
  close(): Promise<void>
}

/** An organiser’s browser. */
export async function startBrowser(): Promise<TestBrowser> {
  const { context, close } = await openTabs({ locale: 'en-GB' })
  return {
    newPage: async () => {
      // Cookies know no ports, so the last test's bridge would let us in.
      await context.clearCookies()
      return context.newPage()
    },
    close,
  }
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds wrong, one line a rule; its source goes in by the debugger, past the page's CSP. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(axePath, 'utf8'))
  const found = await page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ': ' + nodes.map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary).join(' | ')))`,
  )
  return found as readonly string[]
}

/** Sizes at which nothing may be cut. */
export const sizes = [
  [320, 640],
  [768, 1024],
  [1440, 900],
] as const
