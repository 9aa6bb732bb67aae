import { adviceFor, type AdviceCode } from '../protocol/link/advice.ts'
import type { CheckFinding } from '../protocol/contract/console-api.ts'

/** The steps in their order, with the words a person reads. */
export const stepTitles = {
  settings: 'Settings',
  link: 'This bridge’s own link',
  name: 'Name look-up',
  tcp: 'Connection',
  tls: 'Encryption',
  connect: 'Login at the broker',
  subscribe: 'Permission to listen',
  roundTrip: 'A message there and back',
  owlcms: 'owlcms',
  bridges: 'Other bridges',
  hosting: 'Machine',
} as const

export type StepName = keyof typeof stepTitles

/** A step that went well, and what was seen. */
export function passed(step: StepName, what: string, ms?: number): CheckFinding {
  return { step, result: 'pass', what, ...timing(ms) }
}

/** A step that did not, in the words of the table of advice. */
export function troubled(
  step: StepName,
  result: 'warn' | 'fail',
  code: AdviceCode,
  facts: { readonly raw?: string; readonly ms?: number } = {},
): CheckFinding {
  const { raw, ms } = facts
  return { step, result, code, ...adviceFor(code), ...(raw !== undefined && { raw }), ...timing(ms) }
}

/** A step that was not taken, and why. */
export function skipped(step: StepName, what: string): CheckFinding {
  return { step, result: 'skipped', what }
}

const timing = (ms: number | undefined) => (ms === undefined ? {} : { ms: Math.round(ms) })

/** Outside text for people: one line, nothing invisible, bounded. */
export function plain(text: string, maxLength = 60): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line
}
