import { describe, expect, it } from 'vitest'
import { de } from '../../src/console/texts/de.ts'
import { en } from '../../src/console/texts/en.ts'
import { es } from '../../src/console/texts/es.ts'
import { fr } from '../../src/console/texts/fr.ts'
import { chooseLanguage } from '../../src/texts/languages.ts'
import { fill, textsIn } from '../../src/console/texts/texts.ts'

/** `keypad.press.sending` → text. */
function flat(texts: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]: [string, unknown]) => {
      const name = path === '' ? key : `${path}.${key}`
      return typeof value === 'object' && value !== null
        ? [...flat(value, name)]
        : [[name, String(value)] as const]
    }),
  )
}

const places = (text: string): string[] => (text.match(/\{[a-z]+\}/gi) ?? []).toSorted()

describe.each(Object.entries({ fr, es, de }))('the texts in %s', (_language, texts) => {
  const english = flat(en)
  const own = flat(texts)

  it('say everything that English says, and nothing else', () => {
    expect([...own.keys()].toSorted()).toEqual([...english.keys()].toSorted())
  })

  it('have the same places for values', () => {
    const wrong = [...english].filter(
      ([key, text]) => places(own.get(key) ?? '').join() !== places(text).join(),
    )
    expect(wrong).toEqual([])
  })

  it('are nowhere empty', () => {
    expect([...own].filter(([, text]) => text.trim() === '')).toEqual([])
  })
})

describe('a missing text', () => {
  it('is shown in English', () => {
    const english = { one: 'one', deep: { two: 'two', three: 'three' } } as const
    const catalogue = { en: english, fr: { deep: { two: 'deux' } }, es: {}, de: {} }
    expect(textsIn(catalogue, 'fr')).toEqual({ one: 'one', deep: { two: 'deux', three: 'three' } })
    expect(textsIn(catalogue, 'de')).toEqual(english)
  })
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

  it('fills places, and leaves unknown ones alone', () => {
    expect(fill('Referee {number} of {platform}', { number: 2 })).toBe('Referee 2 of {platform}')
  })
})
