import type { BlockOverview } from '../../protocol/contract/console-api.ts'
import type { StatusTexts } from '../../texts/status-texts.ts'
import { clockNews, clockWords } from './clock-words.ts'
import type {
  ClockChangeView,
  HttpViews,
  LinkView,
  OtherBridgeView,
  OwlcmsView,
  PlatformView,
  StoppingView,
} from '../views.ts'
import type { LinkFault } from '../../protocol/link/link-fault.ts'
import { duration, withoutAddresses } from './words.ts'

/** Never told by colour alone: each level has a symbol, and each block a word of its own. */
export type Level = BlockOverview['level']
export const symbols: Readonly<Record<Level, string>> = { good: '✓', warn: '!', bad: '✗' }

/** One thing on the page that is fine or isn't. */
export interface Block extends BlockOverview {
  /** The platform that it is about, in owlcms's own spelling. */
  readonly platform?: string
}

/** All that the status page shows. */
export interface StatusPicture {
  readonly headline: { readonly level: Level; readonly text: string }
  readonly blocks: readonly Block[]
}

/** Everything the page shows but the counters, in words; pure, so that it can be tested without HTML. */
export function statusPicture(views: HttpViews, texts: StatusTexts): StatusPicture {
  const now = views.now()
  const link = views.link()
  const owlcms = owlcmsNow(views)
  const platforms = views.platforms()
  const stopping = views.stopping?.()
  const clockChange = clockNews(views)
  return {
    headline: headline(link, owlcms, platforms, texts),
    blocks: [
      ...(stopping === undefined ? [] : [stoppingBlock(stopping, now, texts)]),
      brokerBlock(link, now, texts),
      owlcmsBlock(owlcms, link, now, texts),
      ...platforms.map((platform) => platformBlock(platform, link, owlcms, now, texts)),
      ...views.otherBridges().map((bridge) => otherBridgeBlock(bridge, views.wallTime(), texts)),
      ...(clockChange === undefined ? [] : [clockBlock(clockChange, now, texts)]),
    ],
  }
}

/**
 * What to do next while nobody has pressed anything yet; undefined once somebody did, and while a block tells a
 * more urgent next step.
 */
export function firstStep(views: HttpViews, texts: StatusTexts): string | undefined {
  const ready = views.link().kind === 'connected' && owlcmsNow(views).kind === 'answering'
  if (!ready || views.platforms().some(({ lastPressAt }) => lastPressAt !== undefined)) return undefined
  return texts.firstStep
}

/** owlcms as known now: whatever it said last, nobody can tell while the link is down. */
export function owlcmsNow(views: HttpViews): OwlcmsView {
  const owlcms = views.owlcms()
  return views.link().kind === 'connected' ? owlcms : { ...owlcms, kind: 'unreachable' }
}

function headline(
  link: LinkView,
  owlcms: OwlcmsView,
  platforms: readonly PlatformView[],
  { headline: words }: StatusTexts,
): StatusPicture['headline'] {
  if (link.kind === 'starting') return { level: 'warn', text: words.bridgeStarting }
  if (link.kind !== 'connected') return { level: 'bad', text: words.down }
  const named = (state: PlatformView['state']) =>
    platforms
      .filter((platform) => platform.state === state)
      .map((platform) => platform.name)
      .join(', ')
  switch (owlcms.kind) {
    case 'answering':
      if (named('offline') !== '') return { level: 'bad', text: words.offline(named('offline')) }
      // What one says of its athletes outdates presses for the other's.
      if (owlcms.twice === true) return { level: 'bad', text: words.twice }
      if (named('starting') !== '') return { level: 'warn', text: words.starting(named('starting')) }
      return { level: 'good', text: words.good }
    case 'silent':
      return { level: 'bad', text: words.silent }
    case 'unknown':
    case 'unreachable':
      return { level: 'warn', text: words.waiting }
    default:
      throw new Error(`unknown owlcms state ${owlcms.kind satisfies never as string}`)
  }
}

function stoppingBlock({ since, until }: StoppingView, now: number, texts: StatusTexts): Block {
  const { restart: words, days } = texts
  return {
    title: words.title,
    level: 'warn',
    word: words.word,
    sentence: words.sentence,
    why: words.why,
    facts: [words.waiting(duration(now - since, days)), words.left(duration(until - now, days))],
  }
}

function clockBlock(change: ClockChangeView, now: number, texts: StatusTexts): Block {
  const facts = [texts.clock.ago(duration(now - change.at, texts.days))]
  return { title: texts.clock.title, level: 'warn', ...clockWords(change, texts), facts }
}

/** Two bridges are fine when somebody meant it; a second machine of one app usually is an accident. */
function otherBridgeBlock(bridge: OtherBridgeView, wallTime: number, texts: StatusTexts): Block {
  const { other: words, restart, days, version, advice } = texts
  const facts = [version(bridge.version), words.since(duration(wallTime - bridge.since * 1000, days))]
  const title = words.title(bridge.name)
  if (bridge.unheard)
    return { title, level: 'warn', word: words.unheard, sentence: words.unheardSentence, facts }
  if (!bridge.sameName) {
    return {
      title,
      level: 'good',
      word: words.word,
      sentence: words.sentence,
      facts,
    }
  }
  const { what: sentence, why, nextStep } = advice.runsTwice
  return { title: restart.title, level: 'warn', word: words.twice, sentence, why, nextStep, facts }
}

function brokerBlock(link: LinkView, now: number, texts: StatusTexts): Block {
  const { broker: words, days } = texts
  const { title } = words
  const facts = link.losses === 0 ? [] : [words.losses(link.losses)]
  switch (link.kind) {
    case 'connected': {
      if (link.own === true) {
        const sentence = words.ownFor(duration(now - link.since, days))
        return { title, level: 'good', word: words.own, sentence, facts }
      }
      const trip = link.roundTripMs === undefined ? [] : [words.roundTrip(Math.round(link.roundTripMs))]
      const sentence = words.connectedFor(duration(now - link.since, days))
      const single = link.alone === undefined ? [] : [texts.advice.oneConnection.what]
      const rest = { sentence, facts: [...trip, ...facts, ...single] }
      if (link.forgets !== true) return { title, level: 'good', word: words.connected, ...rest }
      const { what, why, nextStep } = texts.advice.notReplayed
      return { title, level: 'warn', word: words.connected, ...rest, why: `${what} ${why}`, nextStep }
    }
    case 'waiting': {
      const next = words.nextTry(duration(link.nextTryAt - now, days))
      return {
        title,
        level: 'bad',
        word: words.noLink,
        ...faultWords(link.fault, texts),
        facts: [...outage(link, now, texts), next, ...facts],
      }
    }
    case 'connecting': {
      const tries = link.attempt > 1 ? [words.attempt(link.attempt)] : []
      if (link.lastFault === undefined)
        return {
          title,
          level: 'warn',
          word: words.connecting,
          sentence: words.connectingSentence,
          facts: tries,
        }
      return {
        title,
        level: 'bad',
        word: words.noLink,
        ...faultWords(link.lastFault, texts),
        facts: [...outage(link, now, texts), words.again, ...facts],
      }
    }
    case 'starting':
      return { title, level: 'warn', word: words.starting, sentence: words.startingSentence, facts }
    case 'stopped':
      return { title, level: 'bad', word: words.stopped, sentence: words.stoppedSentence, facts }
    default:
      throw new Error(`unknown link state ${(link satisfies never as LinkView).kind}`)
  }
}

/** How long a link that stood is down; one that never stood isn't down but tried for the nth time. */
function outage(
  { downSince, attempt }: Extract<LinkView, { readonly attempt: number }>,
  now: number,
  { broker, days }: StatusTexts,
): readonly string[] {
  return [downSince === undefined ? broker.attempt(attempt) : broker.downFor(duration(now - downSince, days))]
}

function faultWords(
  fault: LinkFault,
  { advice }: StatusTexts,
): Pick<Block, 'sentence' | 'why' | 'nextStep' | 'raw'> {
  const { what, why, nextStep } = advice[fault.code]
  const code = fault.reasonCode === undefined ? '' : `, reason code ${fault.reasonCode}`
  return { sentence: what, why, nextStep, raw: `${withoutAddresses(fault.raw)} (${fault.code}${code})` }
}

function owlcmsBlock(owlcms: OwlcmsView, link: LinkView, now: number, texts: StatusTexts): Block {
  const { owlcms: words, days } = texts
  const title = 'owlcms'
  const heard =
    owlcms.lastHeardAt === undefined ? [] : [texts.heard(duration(now - owlcms.lastHeardAt, days))]
  if (owlcms.twice === true) {
    const { what: sentence, why, nextStep } = texts.advice.twoOwlcms
    const facts = [...aboutOwlcms(owlcms, texts), ...heard]
    return { title, level: 'bad', word: texts.other.twice, sentence, why, nextStep, facts }
  }
  switch (owlcms.kind) {
    case 'answering':
      return {
        title,
        level: 'good',
        word: words.answers,
        sentence: words.answersSentence,
        facts: [...aboutOwlcms(owlcms, texts), ...heard],
      }
    case 'silent': {
      const { what, why, nextStep } = texts.advice[silentCode(link)]
      return { title, level: 'bad', word: words.silent, sentence: what, why, nextStep, facts: heard }
    }
    case 'unknown':
      return {
        title,
        level: 'warn',
        word: words.asking,
        sentence: words.askingSentence,
        facts: heard,
      }
    case 'unreachable': {
      return { title, level: 'warn', word: words.unknown, sentence: words.unknownSentence, facts: heard }
    }
    default:
      throw new Error(`unknown owlcms state ${owlcms.kind satisfies never as string}`)
  }
}

/** What an owlcms without a word means. */
export function silentCode(link: LinkView): 'owlcmsSilent' | 'owlcmsNotHere' {
  return link.kind === 'connected' && link.own === true ? 'owlcmsNotHere' : 'owlcmsSilent'
}

function aboutOwlcms(owlcms: OwlcmsView, { version, owlcms: words }: StatusTexts): string[] {
  return [
    ...(owlcms.version === undefined ? [] : [version(owlcms.version)]),
    ...(owlcms.jurySize === undefined ? [] : [words.jury(owlcms.jurySize)]),
  ]
}

const platformLevels: Readonly<Record<PlatformView['state'], Level>> = {
  ready: 'good',
  starting: 'warn',
  quiet: 'warn',
  offline: 'bad',
}

function platformBlock(
  platform: PlatformView,
  link: LinkView,
  owlcms: OwlcmsView,
  now: number,
  texts: StatusTexts,
): Block {
  // Never green below a red block: whatever the platform itself last said.
  const cut = link.kind !== 'connected' || owlcms.kind === 'silent'
  const state = cut ? 'offline' : platform.state
  const dropped = platform.droppedPresses
  const pressed =
    platform.lastPressAt === undefined
      ? []
      : [texts.pressed(duration(now - platform.lastPressAt, texts.days))]
  const heard =
    platform.lastHeardAt === undefined ? [] : [texts.heard(duration(now - platform.lastHeardAt, texts.days))]
  return {
    // Many organisers already write "Platform 2".
    title: platform.name.length <= 3 ? texts.shared.platform(platform.name) : platform.name,
    platform: platform.name,
    level: platformLevels[state],
    ...texts.platform[state],
    ...(dropped > 0 && {
      alarm: texts.dropped(dropped),
    }),
    facts: [...pressed, ...heard],
  }
}
