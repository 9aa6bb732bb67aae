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

export const setupTexts: Readonly<Record<Language, SetupTexts>> = { en, fr, es, de }
