import axe from 'axe-core'
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core'
import { patienceMs } from './eventually.ts'
import { requirement } from './requirements.ts'

/** A name as a hall's network gives one, for this machine itself: links that hold it lead where phones can go. */
export const hallName = 'bridge.test'

const flags = [
  // Nothing that asks the Internet, and nothing that a machine's sandbox forbids.
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  // A page that is not in front goes on as on a phone of its own.
  ...['--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows'],
  ...['--disable-renderer-backgrounding', `--host-resolver-rules=MAP ${hallName} 127.0.0.1`],
]

/** One for all test files of a worker; it ends with the worker. */
let shared: Promise<Browser> | undefined

export interface TestChromium {
  readonly context: BrowserContext
  /** Closes its pages and forgets what they kept. */
  readonly close: () => Promise<void>
}

/** A real Chromium as if it were new: what its pages keep is its own. */
export async function openChromium(options: BrowserContextOptions = {}): Promise<TestChromium> {
  shared ??= chromium.launch({
    executablePath: requirement('chromium').path ?? '/usr/bin/chromium',
    args: flags,
  })
  const context = await (await shared).newContext(options)
  context.setDefaultTimeout(patienceMs)
  return { context, close: () => context.close() }
}

/**
 * The same for pages of this machine that come and go: one stays open, so that the next need not start a process, half of
 * its cost. Two of them lose the network together.
 */
export async function openTabs(options?: BrowserContextOptions): Promise<TestChromium> {
  const opened = await openChromium(options)
  const first = await opened.context.newPage()
  await first.route('**', (route) => route.fulfill({ body: '' }))
  await first.goto('http://127.0.0.1/')
  return opened
}

/** Keeps what a page complains of from now on: faults, and breaches of the CSP. */
export function complaintsOf(page: Page, complaints: string[] = []): readonly string[] {
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

/** What axe finds wrong, one line a rule; its source goes in by the debugger, past the page's CSP. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ': ' + nodes.map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary).join(' | ')))`,
  )
  return found as readonly string[]
}
