import { adviceFor } from '../../protocol/link/advice.ts'
import { statusTexts } from '../../texts/status-texts.ts'
import { owlcmsNow, silentCode } from './blocks.ts'
import { clockNews, clockWords } from './clock-words.ts'
import { isoTime, withoutAddresses } from './words.ts'
import type { HttpViews, LinkView, SetupFacts } from '../views.ts'
import type { LinkFault } from '../../protocol/link/link-fault.ts'

/** The media type of the health+json draft, whose shape we follow; it is not a standard. */
export const healthType = 'application/health+json'

type Level = 'pass' | 'warn' | 'fail'

interface Check {
  readonly status?: Level
  readonly observedValue?: number | string
  readonly observedUnit?: string
  readonly time?: string
  readonly output?: string
  readonly [fact: string]: unknown
}

/** Whether a press can get through, for `/readyz` and for people. */
export interface Readiness {
  readonly ready: boolean
  /** Why, in words for a person. */
  readonly why: string
}

/**
 * Whether a press can get through to the broker now (R8). owlcms's silence does not make the bridge
 * unready: another machine could do no better, so it is a `warn` in /status and a red block on the page.
 */
export function readiness(views: HttpViews): Readiness {
  const link = views.link()
  if (link.kind !== 'connected') return { ready: false, why: linkWords(link) }
  const silent = views.owlcms().kind === 'silent'
  // Where this bridge is the broker, no press can leave it while owlcms isn't here.
  if (silent && link.own === true) return { ready: false, why: adviceFor('owlcmsNotHere').what }
  return {
    ready: true,
    why: silent
      ? `The broker takes presses, but: ${adviceFor('owlcmsSilent').what}`
      : 'The broker takes presses.',
  }
}

/** One sentence about a link that is not up. */
function linkWords(link: LinkView): string {
  switch (link.kind) {
    case 'starting':
      return statusTexts.en.broker.startingSentence
    case 'stopped':
      return 'The bridge is shutting down.'
    case 'waiting':
      return adviceFor(link.fault.code).what
    case 'connecting':
      return link.lastFault === undefined ? 'Connecting to the broker.' : adviceFor(link.lastFault.code).what
    case 'connected':
      return link.own === true ? 'The bridge is the broker itself.' : 'Connected to the broker.'
    default:
      throw new Error(`unknown link state ${(link satisfies never as LinkView).kind}`)
  }
}

/** The public part of /status: no host names, client ids or addresses. */
export function statusDocument(views: HttpViews): object {
  const link = views.link()
  const owlcms = owlcmsNow(views)
  const now = views.now()
  const linkLevel: Level = link.kind === 'connected' ? 'pass' : 'fail'
  const isWhole = views.platforms().every(({ state }) => state !== 'offline')
  const owlcmsLevel: Level = owlcms.kind === 'answering' && owlcms.twice !== true && isWhole ? 'pass' : 'warn'
  return {
    status: linkLevel === 'fail' ? 'fail' : owlcmsLevel,
    version: majorOf(views.version),
    releaseId: views.version,
    output: readiness(views).why,
    checks: {
      'broker:link': [linkCheck(views, link, linkLevel)],
      ...(link.kind === 'connected' &&
        link.roundTripMs !== undefined && {
          'broker:roundTrip': [{ observedValue: Math.round(link.roundTripMs), observedUnit: 'ms' }],
        }),
      'owlcms:answers': [owlcmsCheck(views, owlcmsLevel)],
      'bridge:others': views.otherBridges().map(({ name, version, sameName }) => ({
        status: sameName ? 'warn' : 'pass',
        observedValue: name,
        version,
      })),
      'bridge:uptime': [{ observedValue: Math.floor((now - views.startedAt) / 1000), observedUnit: 's' }],
      ...journalChecks(views),
      ...stoppingCheck(views, now),
      ...clockCheck(views),
      ...counterChecks(views),
    },
  }
}

/** The file only: what is written there never changes whether a press gets through. */
function journalChecks(views: HttpViews): Record<string, Check[]> {
  const file = views.journalFile?.()
  if (file === undefined) return {}
  const { kind: observedValue, linesLost } = file
  const check: Check =
    file.kind === 'writing'
      ? { status: 'pass', observedValue, linesLost }
      : {
          status: 'warn',
          observedValue,
          linesLost,
          output: `The journal cannot be written to its file (${file.code}).`,
          nextStep: file.nextStep,
        }
  return { 'journal:file': [check] }
}

function stoppingCheck(views: HttpViews, now: number): Record<string, Check[]> {
  const stopping = views.stopping?.()
  if (stopping === undefined) return {}
  const output = 'Will restart at the next break; everything works meanwhile.'
  const left = Math.max(0, Math.ceil((stopping.until - now) / 1000))
  return { 'bridge:stopping': [{ status: 'warn', output, observedValue: left, observedUnit: 's' }] }
}

/** For an hour: somebody may wonder why links are refused. */
function clockCheck(views: HttpViews): Record<string, Check[]> {
  const change = clockNews(views)
  if (change === undefined) return {}
  const { sentence: output, why, nextStep } = clockWords(change, statusTexts.en)
  const observedValue = Math.round((change.setByMs + change.sleptMs) / 1000)
  const time = isoTime(views.wallTime(change.at))
  return {
    'bridge:clock': [{ status: 'warn', observedValue, observedUnit: 's', time, output, why, nextStep }],
  }
}

function linkCheck(views: HttpViews, link: LinkView, status: Level): Check {
  const lastFault = 'lastFault' in link ? link.lastFault : undefined
  const fault = link.kind === 'waiting' ? link.fault : lastFault
  return {
    status,
    observedValue: link.kind,
    time: isoTime(views.wallTime(link.since)),
    output: linkWords(link),
    reconnects: link.losses,
    ...(link.kind === 'connected' && { protocolVersion: link.protocolVersion }),
    ...(link.kind === 'connected' &&
      link.alone !== undefined && {
        oneConnection: { ...faultFacts(link.alone), ...adviceFor('oneConnection') },
      }),
    ...(link.kind === 'waiting' && {
      nextTryInSeconds: Math.max(0, Math.ceil((link.nextTryAt - views.now()) / 1000)),
    }),
    ...(fault !== undefined && { lastFault: faultFacts(fault) }),
  }
}

function faultFacts(fault: LinkFault): object {
  const { code, reasonCode } = fault
  return {
    ...adviceFor(code),
    code,
    ...(reasonCode !== undefined && { reasonCode }),
    raw: withoutAddresses(fault.raw),
  }
}

function owlcmsCheck(views: HttpViews, status: Level): Check {
  const owlcms = owlcmsNow(views)
  return {
    status,
    observedValue: owlcms.kind,
    time: isoTime(views.wallTime(owlcms.since)),
    ...(owlcms.twice === true && { output: adviceFor('twoOwlcms').what, ...adviceFor('twoOwlcms') }),
    ...(owlcms.kind === 'silent' && silentNow(views)),
    ...(owlcms.version !== undefined && { version: owlcms.version }),
    ...(owlcms.jurySize !== undefined && { jurySize: owlcms.jurySize }),
    platforms: views.platforms().map(({ name, state, droppedPresses }) => ({ name, state, droppedPresses })),
    ...(owlcms.lastHeardAt !== undefined && { lastHeardAt: isoTime(views.wallTime(owlcms.lastHeardAt)) }),
  }
}

function silentNow(views: HttpViews): object {
  const advice = adviceFor(silentCode(views.link()))
  return { output: advice.what, ...advice }
}

function counterChecks(views: HttpViews): Record<string, Check[]> {
  return Object.fromEntries(
    Object.entries(views.counters()).map(([name, observedValue]) => [`counter:${name}`, [{ observedValue }]]),
  )
}

const majorOf = (version: string) => version.split('.')[0] ?? version

/** /status while the configuration is faulty: the settings by name, and nothing of their values. */
export function setupStatusDocument({ version, faults }: SetupFacts): object {
  return {
    status: 'fail',
    version: majorOf(version),
    releaseId: version,
    output: 'Settings are missing or wrong.',
    checks: Object.fromEntries(
      faults.map(({ setting, problem, what, why, nextStep }) => [
        `setting:${setting}`,
        [{ status: 'fail', observedValue: problem, output: what, why, nextStep }],
      ]),
    ),
  }
}
