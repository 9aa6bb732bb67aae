import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { Language } from '../../texts/languages.ts'
import { NotStarted } from './not-started.tsx'

interface ScriptPageFacts {
  readonly language: Language
  readonly version: string
  /** Names its script and its style sheet in src/console/. */
  readonly name: 'console' | 'settings' | 'demo'
  readonly title: string
  readonly icon: string
  /** What the script draws into. */
  readonly children: Child
}

/** A whole HTML document that a script draws; nothing inline, so that the CSP needs no exception. */
export function ScriptPage({ language, version, name, title, icon, children }: ScriptPageFacts) {
  const query = `?v=${encodeURIComponent(version)}`
  return html`<!doctype html>${(
      <html lang={language} class={name} data-version={version}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>{title}</title>
          <link rel="icon" href={`/assets/${icon}.svg`} type="image/svg+xml" />
          <link rel="stylesheet" href={`/assets/${name}.css${query}`} />
          <script type="module" src={`/assets/${name}.js${query}`}></script>
        </head>
        <body>
          {children}
          <NotStarted language={language} />
        </body>
      </html>
    )}`
}
