import { useEffect, useState } from 'hono/jsx/dom'
import type { DeskSettings } from '../../protocol/contract/desk.ts'
import { deskTexts } from '../../texts/desk-texts.ts'
import { chooseLanguage, languages, type Language } from '../../texts/languages.ts'
import { organiserTexts } from '../../texts/organiser-texts.ts'
import { currentLanguage, keepLanguage } from '../browser/language.ts'
import { makeWords } from '../organiser/words.ts'
import type { Asked, DeskApi } from './desk-api.ts'
import { DeskForm } from './desk-form.tsx'

/** The whole page: the form, or why there is none. */
export function DeskApp({ api }: { readonly api: DeskApi }) {
  const [code, setCode] = useState<Language>(currentLanguage)
  const [asked, setAsked] = useState<Asked<DeskSettings> | undefined>(undefined)
  const text = deskTexts[code]
  useEffect(() => {
    document.documentElement.lang = code
    document.title = `${text.title} · owlcms-bridge`
  }, [code])
  useEffect(() => void api.begin().then(setAsked), [])
  const choose = ({ target }: Event) => {
    if (!(target instanceof HTMLSelectElement)) return
    const chosen = chooseLanguage(target.value, [])
    keepLanguage(chosen)
    setCode(chosen)
  }
  return (
    <>
      <header class="top">
        <p>
          <b>owlcms-bridge</b>
        </p>
        <p class="tools">
          <label>
            <span class="quiet label">{text.language} </span>
            <select id="language" onChange={choose}>
              {Object.entries(languages).map(([one, name]) => (
                <option key={one} value={one} lang={one} selected={one === code}>
                  {name}
                </option>
              ))}
            </select>
          </label>
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
