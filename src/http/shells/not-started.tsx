import type { Child } from 'hono/jsx'
import type { Language } from '../../texts/languages.ts'
import { shellTexts } from '../../texts/shells.ts'

/**
 * What stands on the page as long as its script has drawn nothing. The style sheet shows it after some seconds, so that it needs
 * no script, which an older browser might not understand.
 */
export function NotStarted({
  language,
  children,
}: {
  readonly language: Language
  readonly children?: Child
}) {
  const { notStarted, notStartedNext } = shellTexts[language]
  return (
    <div class="not-started">
      <h1>{notStarted}</h1>
      <p>{notStartedNext}</p>
      {children}
    </div>
  )
}
