import type { Finding, TrialReport } from './finding.ts'

const marks = { right: '✓', wrong: '✗', note: 'i', 'not seen': '?' } as const satisfies Record<
  Finding['verdict'],
  string
>

const endings = {
  right: 'Nothing is wrong with this device.',
  wrong: 'Something is wrong with this device: look at the lines with ✗.',
  incomplete: 'Nothing seen was wrong, but not everything was seen: look at the lines with ?.',
} as const satisfies Record<TrialReport['outcome'], string>

/** The report for people, at most one line a finding. */
export function reportLines({ seat, findings, heard, outcome }: TrialReport): readonly string[] {
  return [
    `Device of ${seat}: ${heard.length === 1 ? '1 message' : `${heard.length} messages`}`,
    '',
    ...findings.map(({ verdict, check, words }) => `${marks[verdict]} ${check}: ${words}`),
    '',
    endings[outcome],
  ]
}
