import type { Language } from '../../texts/languages.ts'

/** The shape of English texts in another language; what is missing there is shown in English, and fails a test. */
export type Translated<T> = {
  readonly [K in keyof T]?: T[K] extends string ? string : Translated<T[K]>
}

/** English with the same keys, as any language has them after {@link textsIn}. */
export type TextsOf<T> = { readonly [K in keyof T]: T[K] extends string ? string : TextsOf<T[K]> }

/** The texts of one page in all languages; English is complete. */
export type Catalogue<T> = { readonly en: T } & Readonly<Record<Exclude<Language, 'en'>, Translated<T>>>

/** The page's texts in a language, English where one is missing. */
export function textsIn<T extends object>(catalogue: Catalogue<T>, language: Language): TextsOf<T> {
  return merged(catalogue.en, catalogue[language]) as TextsOf<T>
}

function merged(english: object, other: object): object {
  const translated = other as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(english).map(([key, value]: [string, unknown]) => {
      const own = translated[key]
      if (typeof value === 'object' && value !== null) {
        return [key, merged(value, typeof own === 'object' && own !== null ? own : {})]
      }
      return [key, typeof own === 'string' ? own : value]
    }),
  )
}

/** Puts values into a text's `{places}`. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z]+)\}/gi, (place, name: string) => String(values[name] ?? place))
}
