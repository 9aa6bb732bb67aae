import { advice as enAdvice, type Advice, type AdviceCode } from '../protocol/link/advice.ts'
import { advice as deAdvice } from './de/advice.ts'
import { check as de } from './de/check.ts'
import { setup as deSetup } from './de/setup.ts'
import { check as en, type CheckWords } from './en/check.ts'
import { setup as enSetup, type SetupWords } from './en/setup.ts'
import { advice as esAdvice } from './es/advice.ts'
import { check as es } from './es/check.ts'
import { setup as esSetup } from './es/setup.ts'
import { advice as frAdvice } from './fr/advice.ts'
import { check as fr } from './fr/check.ts'
import { setup as frSetup } from './fr/setup.ts'
import type { Language } from './languages.ts'

/** What the check says, in one language. */
export type CheckTexts = CheckWords & {
  readonly advice: Readonly<Record<AdviceCode, Advice>>
  readonly setup: SetupWords
}

export const checkTexts: Readonly<Record<Language, CheckTexts>> = {
  en: { ...en, advice: enAdvice, setup: enSetup },
  fr: { ...fr, advice: frAdvice, setup: frSetup },
  es: { ...es, advice: esAdvice, setup: esSetup },
  de: { ...de, advice: deAdvice, setup: deSetup },
}
