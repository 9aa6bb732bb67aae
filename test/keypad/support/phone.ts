import type { BrowserContext, Locator, Page } from 'playwright-core'
import { complaintsOf, openTabs, type TestChromium } from '../../support/chromium.ts'

/** A phone's browser. */
export async function openBrowser(): Promise<TestChromium> {
  const opened = await openTabs({ viewport: { width: 360, height: 740 }, locale: 'en-GB' })
  // It has been here before: pages that a new one opens at the same moment are different devices.
  const name = `localStorage.getItem('bridge-client') ?? localStorage.setItem('bridge-client', '${'1f'.repeat(16)}')`
  await opened.context.addInitScript(`try { ${name} } catch {}`)
  return opened
}

/** One page as an official holds it. What it complains of (CSP, errors) is kept in `complaints`. */
export class Phone {
  readonly page: Page
  readonly complaints: readonly string[]

  /** A page that is open already. */
  constructor(page: Page) {
    this.page = page
    this.complaints = complaintsOf(page)
  }

  static async open(context: BrowserContext, address: string): Promise<Phone> {
    const phone = new Phone(await context.newPage())
    await phone.page.goto(address)
    return phone
  }

  /** Opens a seat's link and taps to begin. */
  static async sit(context: BrowserContext, link: string): Promise<Phone> {
    const phone = await Phone.open(context, link)
    await phone.begin()
    return phone
  }

  async begin(): Promise<void> {
    await this.page.locator('.begin .command').dispatchEvent('pointerdown', { button: 0, isPrimary: true })
    await this.page.locator('.begin').waitFor({ state: 'detached' })
    await this.page.locator('.app[data-line="live"]').waitFor()
    // A line is live a moment before the page knows its platform; no press leaves until then.
    await this.page.locator('.phase p:first-child:not(:empty)').waitFor()
  }

  /** Puts a finger on a button, without letting go. */
  async touch(target: Locator): Promise<void> {
    await target.dispatchEvent('pointerdown', { button: 0, isPrimary: true, bubbles: true })
  }

  /** The key of a verdict; of the jury's decision for a president. */
  verdict(value: 'good' | 'bad'): Locator {
    return this.page.locator(`.verdict.${value}`).last()
  }

  button(label: string): Locator {
    return this.page.locator('button.command', { hasText: new RegExp(`\\b${label}`) })
  }

  async decide(value: 'good' | 'bad'): Promise<void> {
    await this.touch(this.verdict(value))
  }

  /** Waits until the page says this about the last press. */
  async says(text: string): Promise<void> {
    await this.page.locator('.fate', { hasText: text }).waitFor()
  }

  /** Waits until each of them sees it: what one page shows another may not show yet, and who presses then is too late. */
  static async allSee(phones: readonly Phone[], selector: string): Promise<void> {
    await Promise.all(phones.map((phone) => phone.sees(selector)))
  }

  /** Waits until something matches in the page. */
  async sees(selector: string): Promise<void> {
    await this.page.locator(selector).first().waitFor()
  }

  async close(): Promise<void> {
    await this.page.close()
  }
}
