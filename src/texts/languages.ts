/** The languages of the pages, each with the name it has for itself. */
export const languages = { en: 'English', fr: 'Français', es: 'Español', de: 'Deutsch' } as const
export type Language = keyof typeof languages

/** Where a browser keeps the reader's choice: one for all pages, whether the server or a script draws them. */
export const languageCookie = { name: 'bridge-language', maxAgeSeconds: 365 * 24 * 3600 } as const

/** The first language that the reader chose, or that the browser asks for, among ours; else English. */
export function chooseLanguage(chosen: string | undefined, wanted: readonly string[]): Language {
  const all = chosen === undefined ? wanted : [chosen, ...wanted]
  for (const tag of all) {
    const language = tag.toLowerCase().split('-', 1)[0] ?? ''
    if (isLanguage(language)) return language
  }
  return 'en'
}

/** The languages that a request asks for, the dearest first (RFC 9110, 12.5.4). */
export function acceptedLanguages(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((one) => one.trim())
      const weight = parameters.find((one) => one.startsWith('q='))
      return { tag, weight: weight === undefined ? 1 : Number(weight.slice('q='.length)) }
    })
    .filter(({ tag, weight }) => tag !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag)
}

/** Whether a word names one of our languages. */
export function isLanguage(tag: string): tag is Language {
  return Object.keys(languages).includes(tag)
}
