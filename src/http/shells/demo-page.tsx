import type { Hono } from 'hono'
import { shellTexts } from '../../texts/shells.ts'
import { readerLanguage } from '../door/reader-language.ts'
import { ScriptPage } from './script-page.tsx'

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
  app.get('/demo', async (c) => {
    const language = readerLanguage(c)
    // Anew for each reader, since everything may have been revoked.
    const tokens = await Promise.all(([1, 2, 3] as const).map(issueSeat))
    const title = shellTexts[language].titles.demo
    return c.html(
      <ScriptPage language={language} version={version} name="demo" title={title} icon="keypad-icon">
        <div id="app" data-platform={platform} data-password={password} data-tokens={tokens.join(' ')}></div>
      </ScriptPage>,
      200,
      { 'Cache-Control': 'no-store' },
    )
  })
}
