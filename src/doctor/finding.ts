import type { Advice, AdviceCode } from '../protocol/link/advice.ts'
import type { CheckFinding } from '../protocol/contract/console-api.ts'
import type { CheckTexts } from '../texts/check-texts.ts'

/** A step of the check, by the key of its title. */
export type StepName = keyof CheckTexts['steps']

/** What a step found; its title, and the words of the table of advice, come with the reader's language ({@link inWords}). */
export type StepResult = Pick<CheckFinding, 'result' | 'code' | 'raw' | 'ms' | 'why' | 'nextStep'> & {
  readonly step: StepName
  readonly what?: string
}

/** The finding as a person reads it. */
export function inWords(found: StepResult, { steps, advice }: CheckTexts): CheckFinding {
  const table: Readonly<Partial<Record<string, Advice>>> = advice
  const words = found.code === undefined ? undefined : table[found.code]
  return { what: '', ...found, title: steps[found.step], ...words }
}

/** A step that went well, and what was seen. */
export function passed(step: StepName, what: string, ms?: number): StepResult {
  return { step, result: 'pass', what, ...timing(ms) }
}

/** A step that did not, in the words of the table of advice. */
export function troubled(
  step: StepName,
  result: 'warn' | 'fail',
  code: AdviceCode,
  facts: { readonly raw?: string; readonly ms?: number } = {},
): StepResult {
  const { raw, ms } = facts
  return { step, result, code, ...(raw !== undefined && { raw }), ...timing(ms) }
}

/** A step that was not taken, and why. */
export function skipped(step: StepName, what: string): StepResult {
  return { step, result: 'skipped', what }
}

const timing = (ms: number | undefined) => (ms === undefined ? {} : { ms: Math.round(ms) })

/** Outside text for people: one line, nothing invisible, bounded. */
export function plain(text: string, maxLength = 60): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line
}
