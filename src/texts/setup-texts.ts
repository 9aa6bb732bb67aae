import { setup as de } from './de/setup.ts'
import { setup as en, type SetupWords } from './en/setup.ts'
import { setup as es } from './es/setup.ts'
import { setup as fr } from './fr/setup.ts'
import type { Language } from './languages.ts'
import type { Saying } from './saying.ts'

/** What the setup page says, and all that may be wrong with a setting, in one language. */
export type SetupTexts = SetupWords

/** What is wrong with a setting, and what may not be meant. */
export type SettingFault = Saying<SetupWords['faults']>
export type SettingWarning = Saying<SetupWords['warnings']>

/** A missing or wrong setting, for a reader of any language. No field ever holds its value (R10). */
export interface SetupFault {
  readonly setting: string
  readonly problem: 'missing' | 'wrong'
  /** In English, as the log, the terminal and `/status` have it. */
  readonly what: string
  readonly why: string
  readonly nextStep: string
  readonly saying: SettingFault
  /** A made-up value, for the lines that show how to set it. */
  readonly example: string
}

export const setupTexts: Readonly<Record<Language, SetupTexts>> = { en, fr, es, de }
