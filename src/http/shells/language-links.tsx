import { languages, type Language } from '../../texts/languages.ts'

/** The other languages at the foot of a page, each in its own word; without a script. */
export function LanguageLinks({ language }: { readonly language: Language }) {
  return (
    <nav class="languages">
      {Object.entries(languages).map(([code, name]) =>
        code === language ? (
          <b lang={code}>{name}</b>
        ) : (
          <a href={`?language=${code}`} lang={code} hreflang={code}>
            {name}
          </a>
        ),
      )}
    </nav>
  )
}
