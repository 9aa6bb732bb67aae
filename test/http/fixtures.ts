import { missing, wrong } from '../../src/config/faults.ts'
import type {
  HttpViews,
  LinkView,
  OtherBridgeView,
  OwlcmsView,
  PlatformView,
  SetupWarning,
} from '../../src/http/views.ts'
import type { WebOptions } from '../../src/http/door/web-basics.ts'

export const now = 1_700_000_600_000

const connected: LinkView = {
  kind: 'connected',
  since: now - 720_000,
  protocolVersion: 5,
  roundTripMs: 23.4,
  losses: 0,
}

/** A link that failed with a raw error full of things that the public must not see. */
export const waiting: Extract<LinkView, { readonly kind: 'waiting' }> = {
  kind: 'waiting',
  since: now - 95_000,
  attempt: 4,
  nextTryAt: now + 8_000,
  downSince: now - 95_000,
  losses: 2,
  fault: { code: 'dns', raw: 'getaddrinfo ENOTFOUND abc123.s1.eu.hivemq.cloud' },
}

export const answering: OwlcmsView = {
  kind: 'answering',
  since: now - 700_000,
  version: '61.0.1',
  jurySize: 5,
  platforms: ['A', 'Platform 2'],
  lastHeardAt: now - 4_000,
}
export const silent: OwlcmsView = { kind: 'silent', since: now - 40_000, platforms: [] }

export const platformA: PlatformView = {
  name: 'A',
  state: 'ready',
  lastHeardAt: now - 4_000,
  lastPressAt: now - 12_000,
  droppedPresses: 0,
}
export const platform2: PlatformView = { name: 'Platform 2', state: 'quiet', droppedPresses: 0 }

export interface Scene {
  readonly link?: LinkView
  readonly owlcms?: OwlcmsView
  readonly platforms?: readonly PlatformView[]
  readonly otherBridges?: readonly OtherBridgeView[]
  readonly counters?: Readonly<Record<string, number>>
}

export function viewsOf(scene: () => Scene): HttpViews {
  return {
    name: 'north-hall',
    version: '1.4.2',
    startedAt: now - 7_260_000,
    now: () => now,
    wallTime: (moment = now) => moment,
    link: () => scene().link ?? connected,
    owlcms: () => scene().owlcms ?? answering,
    platforms: () => scene().platforms ?? [platformA, platform2],
    otherBridges: () => scene().otherBridges ?? [],
    counters: () => scene().counters ?? { clients: 12, pressesPassedOn: 340, droppedPresses: 0 },
  }
}

export function webOptions(changes: Partial<WebOptions> = {}): WebOptions {
  return {
    hosting: 'other',
    pageFiles: new Map(
      ['status-page.js', 'style.css', 'console.css', 'keypad.css'].map((name) => [name, `/* ${name} */`]),
    ),
    onError: (error) => {
      throw error
    },
    ...changes,
  }
}

export const faults = [wrong('OWLCMS_MQTTSERVER', 'webPage'), missing('OWLCMS_MQTTPASSWORD')]

export const warnings: readonly SetupWarning[] = [
  { setting: 'OWLCMS_MQTTPASSWRD', saying: ['unknownNameLike', 'OWLCMS_MQTTPASSWORD'] },
]
