import type { Hono } from 'hono'
import type { Language } from '../../texts/languages.ts'
import { shellTexts } from '../../texts/shells.ts'
import { ScriptPage } from './script-page.tsx'
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
  const title = `${shellTexts[language].titles.console} · owlcms-bridge`
  return (
    <ScriptPage language={language} version={version} name="console" title={title} icon="icon">
      <div id="console"></div>
    </ScriptPage>
  )
}
