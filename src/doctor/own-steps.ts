import type { Hosting } from '../support/hosting.ts'
import type { CheckTexts } from '../texts/check-texts.ts'
import type { LinkStatus } from '../protocol/link/link-status.ts'
import { passed, skipped, troubled, type StepResult } from './finding.ts'
import { orLate, type Visit } from './visit.ts'

/** What the bridge that runs the check knows of itself. */
export interface RunningBridge {
  /** As in its state on `owlcms/bridge/<name>/state`. */
  readonly id: string
  status(): LinkStatus
  /** How often another client took its place, since it started. */
  takenOver(): number
  /** What the broker keeps doesn't come back to it, and nothing else outlives its restart. */
  forgets(): boolean
}

/** Twice may be a broker's hiccup; three times is a rival. */
const fightFrom = 3

/** How the bridge's own link is faring, beside the one that the check opens. */
export function linkStep(running: RunningBridge, { link: words }: CheckTexts): StepResult {
  const status = running.status()
  const takenOver = running.takenOver()
  if (takenOver >= fightFrom)
    return troubled('link', 'fail', 'clientIdFight', { raw: `taken over ${takenOver} times since the start` })
  if (status.kind === 'waiting') {
    const { code, raw } = status.fault
    return troubled('link', 'fail', code, { raw })
  }
  if (status.kind === 'connected' && status.alone !== undefined)
    return troubled('link', 'warn', 'oneConnection', { raw: status.alone.raw })
  if (status.kind === 'connected') return passed('link', words.connected)
  return passed('link', words.connecting)
}

/** What the platform that runs the program has in store; undefined when there is nothing to say. */
export async function hostingStep(
  visit: Visit,
  hosting: Hosting,
  flyApp: string | undefined,
  resolveTxt: (name: string) => Promise<readonly (readonly string[])[]>,
): Promise<StepResult | undefined> {
  if (hosting === 'heroku') return troubled('hosting', 'warn', 'sleepingDyno')
  if (hosting !== 'fly' || flyApp === undefined) return undefined
  // One text record per app, with "machine region" for each started machine.
  const asked = resolveTxt(`vms.${flyApp}.internal`).catch(() => undefined)
  const records = await orLate(visit.clock, visit.limits.machinesMs, asked, undefined)
  if (records === undefined) return skipped('hosting', visit.texts.skipped.machines)
  const machines = records
    .map((parts) => parts.join(''))
    .join(',')
    .split(',')
    .filter((machine) => machine.trim() !== '')
  if (machines.length > 1)
    return troubled('hosting', 'warn', 'machinesOnFly', { raw: `${machines.length} machines are started` })
  return passed('hosting', visit.texts.oneMachine)
}
