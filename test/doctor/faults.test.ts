import { afterAll, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { runCheck, type CheckProgress, type CheckReport } from '../../src/doctor/check.ts'
import { closingLines, findingLines } from '../../src/doctor/print.ts'
import { adviceFor, type AdviceCode } from '../../src/protocol/link/advice.ts'
import { systemClock } from '../../src/support/clock.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { faults, healthySystem, password, userName, type Arranged } from './fault-table.ts'

/** Short, since what is silent stays silent; the real limits are several times that. */
const limits = { tcpMs: 700, tlsMs: 700, mqttMs: 1_500, returnMs: 700, owlcmsMs: 700, moreAnswersMs: 200 }

async function check({ env, dependencies = {} }: Arranged): Promise<{
  readonly report: CheckReport
  readonly progress: readonly CheckProgress[]
}> {
  const progress: CheckProgress[] = []
  const report = await runCheck(loadConfig(env, []), {
    ...{ clock: systemClock, random: () => 0.5, limits, progress: (step) => progress.push(step) },
    ...dependencies,
  })
  return { report, progress }
}

const secrets = new RegExp(`${password}|${userName}`, 'i')
let right = 0

describeIf(requirement('mosquitto'))('the doctor', () => {
  it.each(faults)('names $name', async (fault) => {
    const { step, result = 'fail', code, says } = fault
    const { report, progress } = await check(await fault.arrange())
    const found = report.findings.filter((finding) => finding.result === 'warn' || finding.result === 'fail')
    const named = found.find(
      (finding) => finding.step === step && (says?.test(finding.what) ?? finding.code === code),
    )
    expect(named, JSON.stringify(report.findings, null, 1)).toMatchObject(
      code === undefined ? { step, result } : { step, result, code, ...adviceFor(code as AdviceCode) },
    )
    // One fault, one finding: nothing else may be blamed for it.
    if (result === 'fail') expect(found.filter((finding) => finding.result === 'fail')).toEqual([named])
    if (result === 'fail') expect(report.outcome).toBe(step === 'settings' ? 'settings' : 'trouble')
    const lines = report.findings.flatMap((finding) => findingLines(finding, true))
    const text = [...lines, ...closingLines(report, true)].join('\n')
    for (const output of [JSON.stringify(report), JSON.stringify(progress), text])
      expect(output).not.toMatch(secrets)
    right += 1
  })

  it('finds nothing wrong with a healthy system', async () => {
    const { report } = await check(await healthySystem())
    expect(report.findings.map(({ step, result }) => `${step} ${result}`)).toEqual([
      ...['settings pass', 'name pass', 'tcp pass', 'tls pass', 'connect pass', 'subscribe pass'],
      ...['roundTrip pass', 'owlcms pass', 'bridges pass'],
    ])
    expect(report.outcome).toBe('ok')
    expect(JSON.stringify(report)).not.toMatch(secrets)
  })

  afterAll(() => {
    process.stdout.write(`\nFaults named rightly, without a secret: ${right} of ${faults.length}\n`)
  })
})
