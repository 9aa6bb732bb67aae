import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Language } from '../../texts/languages.ts'
import { shellTexts } from '../../texts/shells.ts'
import { NotStarted } from './not-started.tsx'
import { readerLanguage } from '../door/reader-language.ts'

export interface ConsolePageFacts {
  readonly version: string
}

/**
 * Adds the shell of the organiser's console, `/console`. The shell says what it is and holds
 * nothing of the hall; its script (src/console/console.tsx) asks for the password and draws the rest.
 */
export function addConsolePage(app: Hono, facts: ConsolePageFacts): void {
  app.get('/console', (c) =>
    c.html(<ConsolePage {...facts} language={readerLanguage(c)} />, 200, { 'Cache-Control': 'no-store' }),
  )
}

function ConsolePage({ version, language }: ConsolePageFacts & { readonly language: Language }) {
  const query = `?v=${encodeURIComponent(version)}`
  return html`<!doctype html>${(
      <html lang={language} data-version={version}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>{shellTexts[language].titles.console} · owlcms-bridge</title>
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href={`/assets/console.css${query}`} />
          <script type="module" src={`/assets/console.js${query}`}></script>
        </head>
        <body>
          <div id="console"></div>
          <NotStarted language={language} />
        </body>
      </html>
    )}`
}
