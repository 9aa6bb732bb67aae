import { describe, expect, it } from 'vitest'
import { acceptedLanguages, chooseLanguage, languages, type Language } from '../../src/texts/languages.ts'
import { apiTexts } from '../../src/texts/api-texts.ts'
import { checkTexts } from '../../src/texts/check-texts.ts'
import { deskTexts } from '../../src/texts/desk-texts.ts'
import { journalTexts } from '../../src/texts/journal-texts.ts'
import { keypadTexts } from '../../src/texts/keypad-texts.ts'
import { organiserTexts } from '../../src/texts/organiser-texts.ts'
import { statusTexts } from '../../src/texts/status-texts.ts'
import { setupTexts } from '../../src/texts/setup-texts.ts'
import { shellTexts } from '../../src/texts/shells.ts'

/** That they are all there, and take the same facts, is held by the type checker. */
const catalogues = {
  apiTexts,
  checkTexts,
  deskTexts,
  journalTexts,
  keypadTexts,
  organiserTexts,
  setupTexts,
  shellTexts,
  statusTexts,
}

/** Each text by its path; one that takes facts is given numbers that no text has by itself. */
function told(texts: object, path = ''): readonly (readonly [string, string, number])[] {
  return Object.entries(texts).flatMap(([key, value]: [string, unknown]) => {
    const name = `${path}.${key}`
    if (typeof value === 'string') return [[name, value, 0] as const]
    if (typeof value === 'function') {
      const facts = Array.from({ length: value.length }, (_, index) => 7001 + index)
      const text = (value as (...facts: number[]) => string | object)(...facts)
      const whole = typeof text === 'string' ? text : Object.values(text).join(' ')
      return [[name, whole, value.length] as const]
    }
    return typeof value === 'object' && value !== null ? told(value, name) : []
  })
}

describe.each(Object.entries(catalogues))('%s', (_name, catalogue) => {
  it.each(Object.keys(languages) as Language[])('are nowhere empty, and tell each fact, in %s', (code) => {
    const all = told(catalogue[code])
    expect(all.length).toBeGreaterThan(3)
    const wrong = all.filter(
      ([, text, facts]) =>
        text.trim() === '' ||
        Array.from({ length: facts }, (_, at) => String(7001 + at)).some((f) => !text.includes(f)),
    )
    expect(wrong).toEqual([])
  })
})

it.each((Object.keys(languages) as Language[]).filter((code) => code !== 'en'))(
  'no text in %s is still the English one',
  (code) => {
    const same = Object.values(catalogues).flatMap((catalogue) => {
      const english = new Map(told(catalogue.en).map(([path, text]) => [path, text]))
      // One word may be the same in two languages, and so may names.
      return told(catalogue[code]).filter(
        ([path, text]) => english.get(path) === text && /\p{L}{2}.* \p{L}{2}/u.test(text),
      )
    })
    expect(same).toEqual([])
  },
)

/** The words of owlcms in that language, where it has one; another word would seem to be another thing. */
it.each([
  ['de', 'Plattform, Broker, Handy, Ab-Signal', /Bühne|MQTT-Server|\bTelefon|Ab-Zeichen/],
  [
    'fr',
    'passerelle, annonceur, poste, essai refusé',
    /(?<!-)\b(pont|bridge|speaker|siège)\b(?![/.#])|non réussi/,
  ],
  [
    'es',
    'puente, árbitro, tarima, puesto, aparato',
    /(?<!-)\b(bridge|dispositivo|asiento)\b(?![/.#])|[Jj]uez|[Pp]lataforma/,
  ],
] as const)('one thing has one word in %s: %s', (code, _words, others) => {
  const all = Object.values(catalogues).flatMap((catalogue) => told(catalogue[code]))
  expect(all.filter(([, text]) => others.test(text))).toEqual([])
})

/** By the rules of the Imprimerie nationale; an ordinary space would let the mark begin a line. */
it('French marks of two parts, and quotes, stand behind a space that does not break', () => {
  const all = Object.values(catalogues).flatMap((catalogue) => told(catalogue.fr))
  expect(all.filter(([, text]) => /\S [;:?!»]|« /u.test(text))).toEqual([])
  expect(all.some(([, text]) => text.includes('\u202f?'))).toBe(true)
})

/** A press is a lift in this sport, and a press-out a fault. */
it('the page for the hall speaks of decisions and signals, not of presses', () => {
  const words = (code: Language) => told({ ...statusTexts[code], advice: {} }).map(([, text]) => text)
  const lifts = { en: /press/i, fr: /appu(i|y)/i, es: /puls/i, de: /drück|\bdruck\b/i }
  for (const code of Object.keys(lifts) as Language[])
    expect(words(code).filter((text) => lifts[code].test(text))).toEqual([])
})

describe('the language', () => {
  it.each([
    [undefined, ['fr-CA', 'en'], 'fr'],
    [undefined, ['pt-BR', 'es-MX'], 'es'],
    [undefined, ['pt', 'ES-mx'], 'es'],
    // Filipino is no Finnish, and old French is not ours.
    [undefined, ['fro', 'ja'], 'en'],
    [undefined, [], 'en'],
    ['de', ['fr'], 'de'],
    ['toString', ['fr'], 'fr'],
    ['constructor', [], 'en'],
  ])('chosen %s, browser %j: %s', (chosen, wanted, language) => {
    expect(chooseLanguage(chosen, wanted)).toBe(language)
  })
})

it.each([
  [undefined, []],
  ['de-AT,de;q=0.9,en;q=0.8', ['de-AT', 'de', 'en']],
  ['en;q=0.5, fr ;q=0.9, es;q=0', ['fr', 'en']],
  [';;,q=', ['q=']],
] as const)('a request with Accept-Language %s wants %j', (header, wanted) => {
  expect(acceptedLanguages(header)).toEqual(wanted)
})
