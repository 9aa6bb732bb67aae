import { useEffect, useState } from 'hono/jsx/dom'
import { chooseLanguage, languages, type Language } from '../../texts/languages.ts'
import { currentLanguage, keepLanguage } from './language.ts'

/** The page's language, which its document and, if told, its title follow; and how to choose another for all pages of this bridge. */
export function useLanguage(
  titleOf?: (language: Language) => string,
): readonly [Language, (chosen: Language) => void] {
  const [code, setCode] = useState<Language>(currentLanguage)
  useEffect(() => {
    document.documentElement.lang = code
    if (titleOf !== undefined) document.title = `${titleOf(code)} · owlcms-bridge`
  }, [code])
  return [
    code,
    (chosen) => {
      keepLanguage(chosen)
      setCode(chosen)
    },
  ]
}

interface LanguageChoiceFacts {
  readonly label: string
  readonly code: Language
  readonly choose: (chosen: Language) => void
}

export function LanguageChoice({ label, code, choose }: LanguageChoiceFacts) {
  return (
    <select
      class="language"
      aria-label={label}
      value={code}
      onChange={({ target }: Event) => {
        if (target instanceof HTMLSelectElement) choose(chooseLanguage(target.value, []))
      }}
    >
      {Object.entries(languages).map(([one, name]) => (
        <option key={one} value={one} lang={one} selected={one === code}>
          {name}
        </option>
      ))}
    </select>
  )
}
