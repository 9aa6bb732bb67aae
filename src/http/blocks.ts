import { adviceFor, owlcmsSilentAdvice } from '../protocol/advice.ts'
import { clockNews, clockWords } from './clock-words.ts'
import type {
  ClockChangeView,
  FaultView,
  HttpViews,
  LinkView,
  OtherBridgeView,
  OwlcmsView,
  PlatformView,
  StoppingView,
} from './views.ts'
import { count, duration, withoutAddresses } from './words.ts'

/** Never told by colour alone: each level has a symbol, and each block a word of its own. */
export type Level = 'good' | 'warn' | 'bad'
export const symbols: Readonly<Record<Level, string>> = { good: '✓', warn: '!', bad: '✗' }

/** One thing on the page that is fine or isn't. */
export interface Block {
  readonly title: string
  readonly level: Level
  /** One or two words, readable from 3 m. */
  readonly word: string
  readonly sentence: string
  readonly why?: string
  readonly nextStep?: string
  /** For a technician, in small type. */
  readonly raw?: string
  /** Shown in red whatever the level. */
  readonly alarm?: string
  /** The platform that it is about, in owlcms's own spelling. */
  readonly platform?: string
  readonly facts: readonly string[]
}

export interface StatusPicture {
  readonly headline: { readonly level: Level; readonly text: string }
  readonly blocks: readonly Block[]
}

/** Everything the page shows but the counters, in words; pure, so that it can be tested without HTML. */
export function statusPicture(views: HttpViews): StatusPicture {
  const now = views.now()
  const link = views.link()
  const owlcms = owlcmsNow(views)
  const platforms = views.platforms()
  const stopping = views.stopping?.()
  const clockChange = clockNews(views)
  return {
    headline: headline(link, owlcms, platforms),
    blocks: [
      ...(stopping === undefined ? [] : [stoppingBlock(stopping, now)]),
      brokerBlock(link, now),
      owlcmsBlock(owlcms, now),
      ...platforms.map((platform) => platformBlock(platform, link, owlcms, now)),
      ...views.otherBridges().map((bridge) => otherBridgeBlock(bridge, views.wallTime())),
      ...(clockChange === undefined ? [] : [clockBlock(clockChange, now)]),
    ],
  }
}

/**
 * What to do next while nobody has pressed anything yet; undefined once somebody did, and while a block tells a
 * more urgent next step.
 */
export function firstStep(views: HttpViews): string | undefined {
  const ready = views.link().kind === 'connected' && owlcmsNow(views).kind === 'answering'
  if (!ready || views.platforms().some(({ lastPressAt }) => lastPressAt !== undefined)) return undefined
  return 'No device has pressed yet. Sign in to print a code for each official’s phone, or connect the boxes.'
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
): StatusPicture['headline'] {
  if (link.kind === 'starting') return { level: 'warn', text: 'Wait: the bridge is starting' }
  if (link.kind !== 'connected') return { level: 'bad', text: 'Presses do not get through' }
  const named = (state: PlatformView['state']) =>
    platforms
      .filter((platform) => platform.state === state)
      .map((platform) => platform.name)
      .join(', ')
  switch (owlcms.kind) {
    case 'answering':
      if (named('offline') !== '')
        return { level: 'bad', text: `Presses from ${named('offline')} do not get through` }
      if (named('starting') !== '') return { level: 'warn', text: `Wait: ${named('starting')} is starting` }
      return { level: 'good', text: 'Presses get through' }
    case 'silent':
      return { level: 'bad', text: 'owlcms takes no presses' }
    case 'unknown':
    case 'unreachable':
      return { level: 'warn', text: 'Waiting for owlcms' }
    default:
      throw new Error(`unknown owlcms state ${owlcms.kind satisfies never as string}`)
  }
}

function stoppingBlock({ since, until }: StoppingView, now: number): Block {
  return {
    title: 'This bridge',
    level: 'warn',
    word: 'Restarts soon',
    sentence: 'It will restart at the next break. Until then everything works as usual.',
    why: 'It was told to stop, for a new version or by the hosting platform.',
    facts: [`waiting for ${duration(now - since)}`, `${duration(until - now)} at most are left`],
  }
}

function clockBlock(change: ClockChangeView, now: number): Block {
  const facts = [`${duration(now - change.at)} ago`]
  return { title: 'Clock', level: 'warn', ...clockWords(change), facts }
}

/** Two bridges are fine when somebody meant it; a second machine of one app usually is an accident. */
function otherBridgeBlock(bridge: OtherBridgeView, wallTime: number): Block {
  const facts = [`version ${bridge.version}`, `for ${duration(wallTime - bridge.since * 1000)}`]
  if (!bridge.sameName) {
    const sentence = 'It is connected to the same broker. Both pass presses on.'
    return { title: `Bridge ${bridge.name}`, level: 'good', word: 'Also here', sentence, facts }
  }
  const { what: sentence, why, nextStep } = adviceFor('runsTwice')
  return { title: 'This bridge', level: 'warn', word: 'Runs twice', sentence, why, nextStep, facts }
}

function brokerBlock(link: LinkView, now: number): Block {
  const title = 'Broker'
  const facts = link.reconnects === 0 ? [] : [count(link.reconnects, 'reconnect', 'reconnects')]
  const since = duration(now - link.since)
  switch (link.kind) {
    case 'connected': {
      const trip =
        link.roundTripMs === undefined ? [] : [`there and back in ${Math.round(link.roundTripMs)} ms`]
      const sentence = `Connected for ${since}.`
      const single = link.alone === undefined ? [] : [adviceFor('oneConnection').what]
      return { title, level: 'good', word: 'Connected', sentence, facts: [...trip, ...facts, ...single] }
    }
    case 'waiting': {
      const next = `next try in ${duration(link.nextTryAt - now)}`
      return {
        title,
        level: 'bad',
        word: 'No link',
        ...faultWords(link.fault),
        facts: [`down for ${since}`, next, ...facts],
      }
    }
    case 'connecting': {
      const tries = link.attempt > 1 ? [`try ${link.attempt}`] : []
      if (link.lastFault === undefined)
        return {
          title,
          level: 'warn',
          word: 'Connecting',
          sentence: 'The bridge is connecting to the broker.',
          facts: tries,
        }
      return {
        title,
        level: 'bad',
        word: 'No link',
        ...faultWords(link.lastFault),
        facts: ['trying again now', ...tries, ...facts],
      }
    }
    case 'starting':
      return { title, level: 'warn', word: 'Starting', sentence: startingWords, facts }
    case 'stopped':
      return { title, level: 'bad', word: 'Stopped', sentence: 'The bridge is shutting down.', facts }
    default:
      throw new Error(`unknown link state ${(link satisfies never as LinkView).kind}`)
  }
}

/** Before the first try to reach the broker. */
export const startingWords = 'The bridge is starting: try again in a moment.'

function faultWords(fault: FaultView): Pick<Block, 'sentence' | 'why' | 'nextStep' | 'raw'> {
  const { what, why, nextStep } = adviceFor(fault.code)
  const code = fault.reasonCode === undefined ? '' : `, reason code ${fault.reasonCode}`
  return { sentence: what, why, nextStep, raw: `${withoutAddresses(fault.raw)} (${fault.code}${code})` }
}

function owlcmsBlock(owlcms: OwlcmsView, now: number): Block {
  const title = 'owlcms'
  const heard =
    owlcms.lastHeardAt === undefined ? [] : [`last heard ${duration(now - owlcms.lastHeardAt)} ago`]
  switch (owlcms.kind) {
    case 'answering':
      return {
        title,
        level: 'good',
        word: 'Answers',
        sentence: 'owlcms is there and takes presses.',
        facts: [...aboutOwlcms(owlcms), ...heard],
      }
    case 'silent': {
      const { what, why, nextStep } = owlcmsSilentAdvice
      return { title, level: 'bad', word: 'No answer', sentence: what, why, nextStep, facts: heard }
    }
    case 'unknown':
      return {
        title,
        level: 'warn',
        word: 'Asking',
        sentence: 'The bridge has asked owlcms whether it is there.',
        facts: heard,
      }
    case 'unreachable': {
      const sentence = 'Nobody can tell while the link to the broker is down. Repair that first.'
      return { title, level: 'warn', word: 'Not known', sentence, facts: heard }
    }
    default:
      throw new Error(`unknown owlcms state ${owlcms.kind satisfies never as string}`)
  }
}

function aboutOwlcms(owlcms: OwlcmsView): string[] {
  return [
    ...(owlcms.version === undefined ? [] : [`version ${owlcms.version}`]),
    ...(owlcms.jurySize === undefined ? [] : [`jury of ${owlcms.jurySize}`]),
  ]
}

interface PlatformWords {
  readonly level: Level
  readonly word: string
  readonly sentence: string
}

const platformWords: Readonly<Record<PlatformView['state'], PlatformWords>> = {
  ready: { level: 'good', word: 'Ready', sentence: 'Presses get through.' },
  starting: {
    level: 'warn',
    word: 'Starting',
    sentence: 'owlcms is starting this platform. Wait 2 seconds before you press.',
  },
  quiet: {
    level: 'warn',
    word: 'Quiet',
    sentence: 'Nothing heard from this platform yet. Normal before a session.',
  },
  offline: {
    level: 'bad',
    word: 'Offline',
    sentence: 'Presses of this platform do not get through. Use flags or paddles.',
  },
}

function platformBlock(platform: PlatformView, link: LinkView, owlcms: OwlcmsView, now: number): Block {
  // Never green below a red block: whatever the platform itself last said.
  const cut = link.kind !== 'connected' || owlcms.kind === 'silent'
  const words = platformWords[cut ? 'offline' : platform.state]
  const dropped = platform.droppedPresses
  const pressed =
    platform.lastPressAt === undefined ? [] : [`last press ${duration(now - platform.lastPressAt)} ago`]
  const heard =
    platform.lastHeardAt === undefined ? [] : [`last heard ${duration(now - platform.lastHeardAt)} ago`]
  return {
    // Many organisers already write "Platform 2".
    title: platform.name.length <= 3 ? `Platform ${platform.name}` : platform.name,
    platform: platform.name,
    ...words,
    ...(dropped > 0 && {
      alarm: `${count(dropped, 'press was', 'presses were')} not delivered since the bridge started. Ask the officials whether owlcms shows their decision.`,
    }),
    facts: [...pressed, ...heard],
  }
}
