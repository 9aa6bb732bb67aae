import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { Language } from '../../texts/languages.ts'

interface DocumentFacts {
  readonly language: Language
  readonly version: string
  readonly title: string
  /** Names of files of `/assets/`; the version is asked for with styles and script, so that a new program brings new ones. */
  readonly icon: string
  readonly styles: readonly string[]
  readonly script?: string
  /** Class of the whole page. */
  readonly look?: string
  /** To the edges of a screen that isn't a rectangle. */
  readonly toEdges?: boolean
  /** More for the head. */
  readonly head?: Child
  readonly children: Child
}

/** A whole HTML document. Nothing inline, so that the CSP needs no exception. */
export function HtmlDocument(facts: DocumentFacts) {
  const { language, version, title, icon, styles, script, look, toEdges = false, head, children } = facts
  const query = `?v=${encodeURIComponent(version)}`
  const viewport = `width=device-width, initial-scale=1${toEdges ? ', viewport-fit=cover' : ''}`
  return html`<!doctype html>${(
      <html lang={language} class={look} data-version={version}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content={viewport} />
          <meta name="robots" content="noindex" />
          <title>{title}</title>
          <link rel="icon" href={`/assets/${icon}`} type="image/svg+xml" />
          {styles.map((style) => (
            <link rel="stylesheet" href={`/assets/${style}${query}`} />
          ))}
          {script !== undefined && <script type="module" src={`/assets/${script}${query}`}></script>}
          {head}
        </head>
        <body>{children}</body>
      </html>
    )}`
}
