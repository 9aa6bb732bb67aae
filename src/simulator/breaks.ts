import type { JuryBreakWord } from './owlcms-input.ts'

/** Why lifting pauses; owlcms's own words. */
export type BreakType =
  | 'BEFORE_INTRODUCTION'
  | 'FIRST_SNATCH'
  | 'FIRST_CJ'
  | 'GROUP_DONE'
  | 'TECHNICAL'
  | 'MARSHAL'
  | 'JURY'
  | 'CHALLENGE'

/** What is celebrated in a break; owlcms's own words. */
export type CeremonyType = 'INTRODUCTION' | 'OFFICIALS_INTRODUCTION' | 'MEDALS'

/** The break that a jury's word asks for. */
export const askedBreak = {
  technical: 'TECHNICAL',
  deliberation: 'JURY',
  challenge: 'CHALLENGE',
} as const satisfies Record<Exclude<JuryBreakWord, 'stop'>, BreakType>

/** Whether lifting was interrupted, rather than not begun or finished; docs/owlcms.md 4.6, rule of MM61. */
export function isInterruption(type: BreakType): boolean {
  return type === 'TECHNICAL' || type === 'MARSHAL' || type === 'JURY' || type === 'CHALLENGE'
}

/** Whether the jury may turn the break that is on into another one; table of docs/owlcms.md 4.6. */
export function mayBecome(now: BreakType, wanted: BreakType): boolean {
  switch (now) {
    case 'BEFORE_INTRODUCTION':
    case 'FIRST_SNATCH':
      return false
    case 'FIRST_CJ':
      return wanted !== 'TECHNICAL'
    case 'GROUP_DONE':
    case 'TECHNICAL':
    case 'MARSHAL':
    case 'JURY':
    case 'CHALLENGE':
      return true
    default:
      return now satisfies never
  }
}

/** Topic word and payload that announce a break; docs/owlcms.md 2.1. */
export function breakMessage(type: BreakType): readonly [message: string, payload: string] {
  if (type === 'JURY') return ['juryDeliberation', '']
  if (type === 'CHALLENGE') return ['challenge', '']
  return ['break', type]
}
