import { languages, type Language } from '../../texts/languages.ts'

/** The other languages at the foot of a page, each in its own word; without a script. `query`: what else the page was asked. */
export function LanguageLinks({
  language,
  query = {},
}: {
  readonly language: Language
  readonly query?: Readonly<Record<string, string>>
}) {
  return (
    <nav class="languages noprint">
      {Object.entries(languages).map(([code, name]) =>
        code === language ? (
          <b lang={code}>{name}</b>
        ) : (
          <a
            href={`?${new URLSearchParams({ ...query, language: code }).toString()}`}
            lang={code}
            hreflang={code}
          >
            {name}
          </a>
        ),
      )}
    </nav>
  )
}
