/** An athlete of a made-up session. */
export interface Athlete {
  readonly id: number
  /** `LAST, First`. */
  readonly name: string
  readonly openingSnatchKg: number
  readonly openingCleanJerkKg: number
}

// Common names, mixed at random: no real person is meant.
const firstNames = [
  'Chloé',
  'Zoë',
  'Inés',
  'Jürgen',
  'Søren',
  'Łucja',
  'Noémie',
  'Mei',
  'Amadou',
  'Ana',
  'Tomáš',
  'Aoife',
]
const lastNames = [
  'TREMBLAY',
  'MÜLLER',
  'GARCÍA',
  'NOVÁK',
  'ØSTERGÅRD',
  "O'BRIEN",
  'DIALLO',
  'LI',
  'ŞAHİN',
  'PEÑA',
  'WÓJCIK',
  'ROY-GAGNÉ',
]

/** Makes athletes with different names; at most 12. `random` gives numbers from 0 up to, not including, 1. */
export function makeAthletes(count: number, random: () => number): Athlete[] {
  if (count > firstNames.length) throw new RangeError('not enough names for so many athletes')
  const first = shuffled(firstNames, random)
  const last = shuffled(lastNames, random)
  return Array.from({ length: count }, (_, index) => {
    const snatch = 45 + Math.floor(random() * 70)
    return {
      id: index + 1,
      name: `${last[index] ?? ''}, ${first[index] ?? ''}`,
      openingSnatchKg: snatch,
      openingCleanJerkKg: Math.round(snatch * (1.18 + random() * 0.12)),
    }
  })
}

function shuffled(names: readonly string[], random: () => number): string[] {
  return names
    .map((name) => ({ name, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name)
}
