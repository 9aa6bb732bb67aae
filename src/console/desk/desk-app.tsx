import { useEffect, useState } from 'hono/jsx/dom'
import type { DeskSettings } from '../../protocol/contract/desk.ts'
import { deskTexts } from '../../texts/desk-texts.ts'
import { organiserTexts } from '../../texts/organiser-texts.ts'
import { LanguageChoice, useLanguage } from '../browser/language-choice.tsx'
import { makeWords } from '../organiser/words.ts'
import type { Asked, DeskApi } from './desk-api.ts'
import { DeskForm } from './desk-form.tsx'

/** The whole page: the form, or why there is none. */
export function DeskApp({ api }: { readonly api: DeskApi }) {
  const [code, choose] = useLanguage((one) => deskTexts[one].title)
  const [asked, setAsked] = useState<Asked<DeskSettings> | undefined>(undefined)
  const text = deskTexts[code]
  useEffect(() => void api.begin().then(setAsked), [])
  return (
    <>
      <header class="top">
        <p>
          <b>owlcms-bridge</b>
        </p>
        <p class="tools">
          <LanguageChoice label={text.language} code={code} choose={choose} />
        </p>
      </header>
      <main>
        <h1>{text.title}</h1>
        {asked === undefined && <p class="sentence">{text.loading}</p>}
        {asked?.kind === 'used' && <p class="note bad">✗ {text.used}</p>}
        {asked?.kind === 'gone' && <p class="note bad">✗ {text.gone}</p>}
        {asked?.kind === 'ok' && (
          <DeskForm
            api={api}
            text={text}
            words={makeWords(code, organiserTexts[code])}
            settings={asked.value}
            look={() => void api.settings().then(setAsked)}
          />
        )}
      </main>
    </>
  )
}
