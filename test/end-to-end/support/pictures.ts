import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Phone } from '../../keypad/support/phone.ts'

/** Where pictures and measured times of the run are kept; unset: nowhere. */
const folder = process.env['HALL_SHOTS']

/** Keeps a file of the run, where asked for. */
export function keep(name: string, content: string | Buffer): void {
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), content)
}

/** How a page is shown for its picture; afterwards it is as before. */
export interface Show {
  /** As it comes out of a printer. */
  readonly print?: boolean
  readonly width?: number
  readonly height?: number
}

/** Keeps a picture of a page at its own size, and one at a phone's, where asked for. */
export async function keepPage(page: Page, name: string, { print, width, height }: Show = {}): Promise<void> {
  if (folder === undefined) return
  const own = page.viewportSize() ?? { width: 360, height: 740 }
  if (print === true) await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: width ?? own.width, height: height ?? own.height })
  await page.evaluate('scrollTo(0, 0)')
  keep(`${name}.png`, await page.screenshot())
  await page.emulateMedia({ media: 'screen' })
  const other = own.width > 600 ? { width: 360, height: 740 } : { width: 1440, height: 900 }
  await page.setViewportSize(other)
  keep(`${name}-${other.width}.png`, await page.screenshot())
  await page.setViewportSize(own)
}

/** The same moments on several phones, side by side in one picture. */
export class FilmStrip {
  readonly #phones: readonly Phone[]
  readonly #moments: { readonly title: string; readonly pictures: readonly Buffer[] }[] = []

  constructor(phones: readonly Phone[]) {
    this.#phones = phones
  }

  async shoot(title: string): Promise<void> {
    if (folder === undefined) return
    const pictures = await Promise.all(this.#phones.map(({ page }) => page.screenshot()))
    this.#moments.push({ title, pictures })
  }

  /** Puts the moments in a row, each phone in a line of its own. */
  async keep(name: string): Promise<void> {
    const browser = this.#phones[0]?.page.context().browser()
    if (folder === undefined || browser === undefined || browser === null) return
    const columns = this.#moments.map(({ title, pictures }) => {
      const images = pictures.map(
        (picture) => `<img src="data:image/png;base64,${picture.toString('base64')}">`,
      )
      return `<section><h2>${title}</h2>${images.join('')}</section>`
    })
    const style = `body{margin:12px;display:flex;gap:12px;font:15px sans-serif;width:max-content;background:#fff}
      h2{font-size:13px;height:2.5em;margin:0}section{width:150px}img{display:block;width:150px;margin:0 0 8px;border:1px solid #888}`
    const page = await browser.newPage({ viewport: { width: 672, height: 980 } })
    try {
      await page.setContent(`<style>${style}</style>${columns.join('')}`)
      keep(`${name}.png`, await page.screenshot({ fullPage: true }))
    } finally {
      await page.close()
    }
  }
}
