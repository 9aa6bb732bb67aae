/** How a line of the timeline is meant; shown by a sign as well, never by colour alone. */
export type Tone = 'plain' | 'good' | 'bad'

export const signs: Readonly<Record<Tone, string>> = { plain: '', good: '✓', bad: '✗' }

/** A judgement as the lights show it, in words as well. */
export const light = { good: 'white, good lift', bad: 'red, no lift' } as const
export const liftWord = { good: 'good lift', bad: 'no lift' } as const

/** 1 to 3 a referee, 4 the technical controller. */
export function officialName(official: number): string {
  return official === 4 ? 'the technical controller' : `referee ${official}`
}

export const ms = (value: number) => `${Math.round(value)} ms`
export const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`
