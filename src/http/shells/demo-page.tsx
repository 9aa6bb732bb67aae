import type { Hono } from 'hono'
import { html } from 'hono/html'
import { shellTexts } from '../../texts/shells.ts'
import { readerLanguage } from '../door/reader-language.ts'
import { NotStarted } from './not-started.tsx'

/** What the demo's first page is given. */
export interface DemoPageFacts {
  readonly version: string
  /** Where the reader is the referees. */
  readonly platform: string
  /** Of the console, good for this run only. */
  readonly password: string
  /** A token for the seat of this referee. */
  readonly issueSeat: (referee: 1 | 2 | 3) => Promise<string>
}

/**
 * The shell of `/demo`: three referees' keys beside the stage display, and a tour. Only the demo adds it, which this computer
 * alone reaches: it hands out seats and the password to whoever asks.
 */
export function addDemoPage(app: Hono, { version, platform, password, issueSeat }: DemoPageFacts): void {
  const query = `?v=${encodeURIComponent(version)}`
  app.get('/demo', async (c) => {
    const language = readerLanguage(c)
    // Anew for each reader, since everything may have been revoked.
    const tokens = await Promise.all(([1, 2, 3] as const).map(issueSeat))
    const page = html`<!doctype html>${(
        <html lang={language} class="demo">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="robots" content="noindex" />
            <title>{shellTexts[language].titles.demo}</title>
            <link rel="icon" href="/assets/keypad-icon.svg" type="image/svg+xml" />
            <link rel="stylesheet" href={`/assets/demo.css${query}`} />
            <script type="module" src={`/assets/demo.js${query}`}></script>
          </head>
          <body>
            <div
              id="app"
              data-platform={platform}
              data-password={password}
              data-tokens={tokens.join(' ')}
            ></div>
            <NotStarted language={language} />
          </body>
        </html>
      )}`
    return c.html(page, 200, { 'Cache-Control': 'no-store' })
  })
}
