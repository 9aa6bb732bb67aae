import type { Child } from 'hono/jsx'
import type { Language } from '../../texts/languages.ts'
import { statusTexts } from '../../texts/status-texts.ts'
import { shellTexts } from '../../texts/shells.ts'
import { HtmlDocument } from '../shells/html-document.tsx'
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
 * A page that its script fetches again every second, to swap `<main>`; without scripts the browser reloads it
 * every 5 s.
 */
export function Layout({ title, name, version, language, children, links }: LayoutFacts) {
  const texts = statusTexts[language]
  const reload = (
    <noscript>
      <meta http-equiv="refresh" content="5" />
    </noscript>
  )
  return (
    <HtmlDocument
      language={language}
      version={version}
      title={title}
      icon="icon.svg"
      styles={['style.css']}
      script="status-page.js"
      head={reload}
    >
      <p
        class="stale"
        id="stale"
        role="alert"
        data-lost={texts.noConnection}
        data-since={texts.pictureFrom('{time}')}
        hidden
      ></p>
      <p class="no-refresh">{shellTexts[language].noRefresh}</p>
      <header>
        <p>
          <b>owlcms-bridge</b> · {name}
        </p>
        <p>
          {texts.version(version)}
          {links !== undefined && <> · {links}</>}
        </p>
      </header>
      {children}
      <LanguageLinks language={language} />
    </HtmlDocument>
  )
}
