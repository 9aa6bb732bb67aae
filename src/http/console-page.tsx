import type { Hono } from 'hono'
import { html } from 'hono/html'
import { consoleStyle } from './console-style.ts'

export interface ConsolePageFacts {
  readonly name: string
  readonly version: string
}

/**
 * Adds the shell of the organiser's console, `/console`, and its style sheet. The shell says what it is and holds
 * nothing of the hall; its script (src/console/console.tsx) asks for the password and draws the rest.
 */
export function addConsolePage(app: Hono, facts: ConsolePageFacts): void {
  app.get('/console', (c) => c.html(<ConsolePage {...facts} />, 200, { 'Cache-Control': 'no-store' }))
  app.get('/assets/console.css', (c) =>
    c.body(consoleStyle, 200, {
      'Content-Type': 'text/css; charset=utf-8',
      // The page asks for it with its version in the query.
      'Cache-Control': 'public, max-age=86400',
    }),
  )
}

function ConsolePage({ name, version }: ConsolePageFacts) {
  const query = `?v=${encodeURIComponent(version)}`
  return html`<!doctype html>${(
      <html lang="en" data-version={version}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>Organiser’s console · owlcms-bridge</title>
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href={`/assets/console.css${query}`} />
          <script type="module" src={`/assets/console.js${query}`}></script>
        </head>
        <body>
          <div id="console">
            <header class="top">
              <p>
                <b>owlcms-bridge</b> · {name}
              </p>
            </header>
            <main>
              <h1>Organiser’s console</h1>
              <noscript>
                <p class="note warn">
                  ! The console needs JavaScript. Switch it on for this page; the <a href="/">status page</a>{' '}
                  works without.
                </p>
              </noscript>
              <p class="sentence">Loading …</p>
            </main>
          </div>
        </body>
      </html>
    )}`
}
