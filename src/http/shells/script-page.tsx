import type { Child } from 'hono/jsx'
import type { Language } from '../../texts/languages.ts'
import { HtmlDocument } from './html-document.tsx'
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

/** A page that a script draws. */
export function ScriptPage({ name, icon, children, ...facts }: ScriptPageFacts) {
  return (
    <HtmlDocument {...facts} look={name} icon={`${icon}.svg`} styles={[`${name}.css`]} script={`${name}.js`}>
      {children}
      <NotStarted language={facts.language} />
    </HtmlDocument>
  )
}
