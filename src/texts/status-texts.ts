import { advice as enAdvice, type Advice, type AdviceCode } from '../protocol/link/advice.ts'
import { advice as deAdvice } from './de/advice.ts'
import { shared as deShared } from './de/shared.ts'
import { status as de } from './de/status.ts'
import { shared as enShared, type SharedTexts } from './en/shared.ts'
import { status as en, type StatusWords } from './en/status.ts'
import { advice as esAdvice } from './es/advice.ts'
import { shared as esShared } from './es/shared.ts'
import { status as es } from './es/status.ts'
import { advice as frAdvice } from './fr/advice.ts'
import { shared as frShared } from './fr/shared.ts'
import { status as fr } from './fr/status.ts'
import type { Language } from './languages.ts'

/** What the status page and the console's overview say, in one language. */
export type StatusTexts = StatusWords & {
  readonly shared: SharedTexts
  readonly advice: Readonly<Record<AdviceCode, Advice>>
}

export const statusTexts: Readonly<Record<Language, StatusTexts>> = {
  en: { ...en, shared: enShared, advice: enAdvice },
  fr: { ...fr, shared: frShared, advice: frAdvice },
  es: { ...es, shared: esShared, advice: esAdvice },
  de: { ...de, shared: deShared, advice: deAdvice },
}
