import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { Language } from '../../texts/languages.ts'
import { statusTexts } from '../../texts/status-texts.ts'
import { shellTexts } from '../../texts/shells.ts'
import { LanguageLinks } from '../shells/language-links.tsx'

export interface LayoutFacts {
  readonly title: string
  readonly name: string
  readonly version: string
  readonly language: Language
  readonly children: Child
  /** Links in the header, which stays as it is while `<main>` is swapped. */
  readonly links?: Child
}

/**
 * A whole HTML document. Its script fetches the page again every second and swaps `<main>`; without
 * scripts the browser reloads it every 5 s. Nothing inline, so that the CSP needs no exception.
 */
export function Layout(facts: LayoutFacts) {
  const texts = statusTexts[facts.language]
  const query = `?v=${encodeURIComponent(facts.version)}`
  return html`<!doctype html>${(
      <html lang={facts.language} data-version={facts.version}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>{facts.title}</title>
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href={`/assets/style.css${query}`} />
          <script type="module" src={`/assets/status-page.js${query}`}></script>
          <noscript>
            <meta http-equiv="refresh" content="5" />
          </noscript>
        </head>
        <body>
          <p
            class="stale"
            id="stale"
            role="alert"
            data-lost={texts.noConnection}
            data-since={texts.pictureFrom('{time}')}
            hidden
          ></p>
          <p class="no-refresh">{shellTexts[facts.language].noRefresh}</p>
          <header>
            <p>
              <b>owlcms-bridge</b> · {facts.name}
            </p>
            <p>
              {texts.version(facts.version)}
              {facts.links !== undefined && <> · {facts.links}</>}
            </p>
          </header>
          {facts.children}
          <LanguageLinks language={facts.language} />
        </body>
      </html>
    )}`
}
