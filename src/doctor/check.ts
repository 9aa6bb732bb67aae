import { lookup as systemLookup } from 'node:dns'
import { resolveTxt as systemResolveTxt } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import type { Config, LoadedConfig } from '../config/config.ts'
import type { CheckFinding } from '../protocol/contract/console-api.ts'
import type { Clock } from '../support/clock.ts'
import { checkTexts, type CheckTexts } from '../texts/check-texts.ts'
import type { Language } from '../texts/languages.ts'
import { trust } from '../upstream/transport.ts'
import { inWords, passed, skipped, type StepName, type StepResult } from './finding.ts'
import { hostingStep, linkStep, type RunningBridge } from './own-steps.ts'
import { defaultCheckLimits, type CheckLimits } from './limits.ts'
import { bridgesStep, connectStep, owlcmsStep, replays, roundTripStep, subscribeStep } from './mqtt-steps.ts'
import { nameStep, tcpStep } from './network-steps.ts'
import { openSession } from './session.ts'
import { settingsFindings } from './settings-step.ts'
import { tlsStep } from './tls-step.ts'
import { beginVisit, type Visit } from './visit.ts'

/** How the check is faring: a step begins, or one is found out. */
export type CheckProgress =
  | { readonly kind: 'begins'; readonly title: string }
  | { readonly kind: 'found'; readonly finding: CheckFinding }

export interface CheckDependencies {
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly progress?: (progress: CheckProgress) => void
  /** The bridge that runs this check, for "Check now"; absent on the command line. */
  readonly running?: RunningBridge
  /** The app's name on Fly.io, where its name service tells how many machines run. */
  readonly flyApp?: string
  /** Looks names up; Node's own unless given. */
  readonly lookup?: LookupFunction
  readonly resolveTxt?: (name: string) => Promise<readonly (readonly string[])[]>
  readonly limits?: Partial<CheckLimits>
  /** Of the findings; English unless told. */
  readonly language?: Language
  /** Ends the check after the step under way. */
  readonly signal?: AbortSignal
}

/** `ok`: nothing failed, though there may be warnings. `settings`: nothing could be tried with these settings. */
export interface CheckReport {
  readonly outcome: 'ok' | 'trouble' | 'settings'
  readonly findings: readonly CheckFinding[]
}

const brokerSteps = [
  'name',
  'tcp',
  'tls',
  'connect',
  'subscribe',
  'roundTrip',
  'owlcms',
  'bridges',
] as const satisfies readonly StepName[]

/**
 * Goes the whole way from the settings to owlcms, step by step, and says at the first fault what is wrong, why,
 * and what to do. Takes 30 s at most. A running competition notices nothing: an own client id, two small messages
 * under `owlcms/bridge/` (one of them retained, and taken back), one question to owlcms. No text in the result holds a secret (R10). Never rejects because of a fault.
 */
export async function runCheck(loaded: LoadedConfig, dependencies: CheckDependencies): Promise<CheckReport> {
  const texts = checkTexts[dependencies.language ?? 'en']
  const record = new Record(texts, dependencies)
  record.begin('settings')
  settingsFindings(loaded, texts).forEach((finding) => record.add(finding))
  if (loaded.kind === 'faulty') {
    for (const step of brokerSteps) record.add(skipped(step, texts.skipped.afterSettings))
    return { outcome: 'settings', findings: record.findings }
  }
  const { running, flyApp, resolveTxt = systemResolveTxt } = dependencies
  if (running !== undefined) record.add(linkStep(running, texts))
  const visit = beginVisit({
    broker: loaded.config.broker,
    clock: dependencies.clock,
    limits: { ...defaultCheckLimits, ...dependencies.limits },
    lookup: dependencies.lookup ?? systemLookup,
    texts,
  })
  await goToBroker(visit, loaded.config, dependencies, record)
  for (const step of record.missing(brokerSteps)) record.add(skipped(step, texts.skipped.afterFault))
  const hosting = await hostingStep(visit, loaded.config.hosting, flyApp, resolveTxt)
  if (hosting !== undefined) record.add(hosting)
  const failed = record.findings.some(({ result }) => result === 'fail')
  return { outcome: failed ? 'trouble' : 'ok', findings: record.findings }
}

class Record {
  readonly findings: CheckFinding[] = []
  readonly #texts: CheckTexts
  readonly #progress: CheckDependencies['progress']
  readonly #signal: AbortSignal | undefined

  constructor(texts: CheckTexts, { progress, signal }: CheckDependencies) {
    this.#texts = texts
    this.#progress = progress
    this.#signal = signal
  }

  begin(step: StepName): void {
    this.#progress?.({ kind: 'begins', title: this.#texts.steps[step] })
  }

  /** Notes it; says whether the next step makes sense. */
  add(found: StepResult): boolean {
    const finding = inWords(found, this.#texts)
    this.findings.push(finding)
    this.#progress?.({ kind: 'found', finding })
    return finding.result !== 'fail' && this.#signal?.aborted !== true
  }

  missing(steps: readonly StepName[]): readonly StepName[] {
    return steps.filter((step) => !this.findings.some((finding) => finding.step === step))
  }
}

/** Stops at the first step that failed: what comes after it would only repeat the fault. */
async function goToBroker(
  visit: Visit,
  config: Config,
  dependencies: CheckDependencies,
  record: Record,
): Promise<void> {
  for (const [step, take] of [
    ['name', nameStep],
    ['tcp', tcpStep],
    ['tls', tlsStep],
  ] as const) {
    record.begin(step)
    if (!record.add(await take(visit))) return
  }
  const id = Math.floor(dependencies.random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0')
  record.begin('connect')
  // A running bridge has two connections already and knows how it fares; the check takes no more than it needs.
  const alone = dependencies.running !== undefined
  const opened = await openSession(visit, trust(visit.broker.ca), `owlcms-bridge-check-${id}`, alone)
  try {
    if (!record.add(connectStep(visit, opened))) return
    if (!record.add(subscribeStep(visit, opened)) || opened.kind === 'none') return
    record.begin('roundTrip')
    // Where the bridge is the broker, its gateway is the way there and back, and the login has shown that it answers.
    const { finding, ...trip } =
      config.broker.own === undefined
        ? await roundTripStep(visit, opened, id)
        : { finding: passed('roundTrip', visit.texts.passesOn), asked: false, losesDots: false }
    if (!record.add(finding)) return
    record.begin('owlcms')
    record.add(await owlcmsStep(visit, opened, trip))
    if (opened.ended !== undefined) return
    record.begin('bridges')
    const { running } = dependencies
    const outlasts = config.broker.own !== undefined || config.journal.directory !== undefined
    const forgets = running?.forgets() ?? (!outlasts && (await replays(visit, opened)) === false)
    record.add(bridgesStep(visit, opened, config.name, running, forgets))
  } finally {
    if (opened.kind === 'open') await opened.stop()
  }
}
