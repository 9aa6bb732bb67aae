import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { runCheck } from '../../src/doctor/check.ts'
import { closingLines, findingLines } from '../../src/doctor/print.ts'
import type { CheckFinding } from '../../src/protocol/contract/console-api.ts'
import { systemClock } from '../../src/support/clock.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { faults, healthySystem, type Arranged } from './fault-table.ts'

const limits = { tcpMs: 700, tlsMs: 700, mqttMs: 1_500, returnMs: 700, owlcmsMs: 700, moreAnswersMs: 200 }

const header = `# What \`owlcms-bridge check\` says

Made by test/doctor/transcripts.test.ts from real servers with one fault each; \`npx vitest run test/doctor -u\` makes it
again. Ports, dates and milliseconds are replaced by made-up ones, and the waits are shorter than in real life.
`

async function transcript(title: string, { env, dependencies = {} }: Arranged): Promise<string> {
  const report = await runCheck(loadConfig(env, []), {
    ...{ clock: systemClock, random: () => 0.5, limits },
    ...dependencies,
  })
  const exitCode = { ok: 0, trouble: 1, settings: 2 }[report.outcome]
  // Before the lines are broken, so that they break at the same places in every run.
  const findings = report.findings.map((finding) => ({ ...finding, ...steadyTexts(finding) }))
  const lines = findings.flatMap((finding) => findingLines(finding, false))
  const text = [...lines, ...closingLines({ ...report, findings }, false), ''].join('\n')
  return `## ${title}\n\n\`\`\`console\n$ owlcms-bridge check\n${text}\`\`\`\n\nExit code ${exitCode}.\n`
}

const steadyTexts = ({ what, raw }: CheckFinding) => ({
  what: steady(what),
  ...(raw === undefined ? {} : { raw: steady(raw) }),
})

/** The same text in every run. */
const steady = (text: string): string =>
  text
    .replace(/([Pp]ort) \d+(?=[ ,])/g, '$1 8883')
    .replace(/\b[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4} GMT/g, 'Nov 1 00:00:00 2026 GMT')
    .replace(/\b\d+ ms\b/g, '25 ms')
    .replace(/\bwithin [\d.]+ s\b/g, 'within 5 s')

describeIf(requirement('mosquitto'))('the transcripts in docs/', () => {
  it('are what the check says today', async () => {
    const shown = faults.filter(({ transcript: wanted }) => wanted === true)
    const parts = [header, await transcript('A healthy system', await healthySystem())]
    for (const fault of shown) {
      const title = fault.name.charAt(0).toUpperCase() + fault.name.slice(1)
      parts.push(await transcript(title, await fault.arrange()))
    }
    expect(shown).toHaveLength(8)
    await expect(parts.join('\n')).toMatchFileSnapshot('../../docs/check-transcripts.md')
  }, 60_000)
})
