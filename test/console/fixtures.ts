import { inWords, passed, skipped, troubled } from '../../src/doctor/finding.ts'
import { statusPicture } from '../../src/http/status/blocks.ts'
import type {
  BlockOverview,
  CodeOverview,
  DeviceOverview,
  LogLine,
  Overview,
  PlatformOverview,
  SeatOverview,
} from '../../src/protocol/contract/console-api.ts'
import { checkTexts } from '../../src/texts/check-texts.ts'
import { statusTexts } from '../../src/texts/status-texts.ts'
import { now, viewsOf, waiting, type Scene } from '../http/fixtures.ts'

/** A long name with accents, a short one, and one that runs from right to left. */
export const platformNames = ['Plateau d’Échauffement – Côté Forêt', 'A', 'منصة الرفع الرئيسية'] as const
export const [longName, shortName, rightToLeftName] = platformNames

export function device(changes: Partial<DeviceOverview> & { readonly id: string }): DeviceOverview {
  return {
    name: changes.id,
    kind: 'seat',
    way: 'phone',
    connected: true,
    since: Date.now() - 900_000,
    waiting: false,
    asks: true,
    deaf: false,
    tokenId: `token-${changes.id}`,
    lastPressAt: Date.now() - 12_000,
    presses: 31,
    dropped: 0,
    held: 0,
    flapping: false,
    duplicate: false,
    ...changes,
  }
}

/** Delays that look like those of a hall, without chance. */
const recentMs = Array.from({ length: 40 }, (_, index) => 70 + ((index * 37) % 90) + (index === 30 ? 240 : 0))

export function seat(key: string, changes: Partial<SeatOverview> = {}): SeatOverview {
  return {
    seat: key,
    devices: [device({ id: `${key}-phone`, name: `Pixel of ${key}` })],
    outcomes: { taken: 30, tooLate: 1 },
    delay: { p50Ms: 84, p95Ms: 212, recentMs },
    ...changes,
  }
}

/** Every awkward seat: two devices, the same ID twice, flapping, gone, slow, dropped, held, direct at the broker. */
const awkwardSeats: readonly SeatOverview[] = [
  seat('referee-1'),
  seat('referee-2', {
    devices: [
      device({ id: 'first-phone', name: 'Anne’s phone' }),
      device({ id: 'second-phone', name: 'Tablet 7', waiting: true, presses: 0, since: Date.now() - 20_000 }),
    ],
  }),
  seat('referee-3', {
    devices: [
      device({
        id: 'box',
        name: 'owlcms-417',
        kind: 'device',
        way: 'websocket',
        duplicate: true,
        flapping: true,
        dropped: 2,
      }),
    ],
    delay: { p50Ms: 380, p95Ms: 950, recentMs: recentMs.map((ms) => ms * 4) },
  }),
  seat('timekeeper', {
    devices: [
      device({ id: 'clock', name: 'blue-owl timekeeper', way: 'broker', kind: 'device', connected: true }),
    ],
    outcomes: { delivered: 12 },
  }),
]

const jurors: readonly SeatOverview[] = [1, 2, 3, 4, 5].map((member) =>
  member === 4
    ? seat('juryMember-4', {
        devices: [device({ id: 'juror-4', connected: false, since: Date.now() - 300_000 })],
      })
    : member === 5
      ? seat('juryMember-5', {
          devices: [device({ id: 'juror-5', held: 1 })],
          outcomes: { taken: 4, notTaken: 2, drill: 3 },
        })
      : seat(`juryMember-${member}`),
)

const calmSeats: readonly SeatOverview[] = ['referee-1', 'referee-2', 'referee-3', 'timekeeper'].map((key) =>
  seat(key),
)

const blocksOf = (scene: Scene): readonly BlockOverview[] =>
  statusPicture(
    viewsOf(() => ({ platforms: [], ...scene })),
    statusTexts.en,
  ).blocks

/** The name of the broker is unknown, and a second machine of this bridge runs. */
export const brokerDown = blocksOf({
  link: waiting,
  otherBridges: [
    { name: 'north-hall', version: '1.4.2', since: now / 1_000, sameName: true, unheard: false },
  ],
})

export function overview(changes: Partial<Overview> = {}): Overview {
  return {
    at: Date.now(),
    name: 'north-hall',
    // As the page's own.
    version: '0.0.0-test',
    startedAt: Date.now() - 7_200_000,
    blocks: blocksOf({}),
    platforms: calmPlatforms(),
    others: [device({ id: 'scoreboard', name: 'scoreboard', kind: 'viewer' })],
    counters: { clients: 31, pressesPassedOn: 420, droppedPresses: 2 },
    ...changes,
  }
}

function calmPlatforms(): readonly PlatformOverview[] {
  return platformNames.map((name) => ({ name, seats: calmSeats }))
}

export function awkwardPlatforms(): readonly PlatformOverview[] {
  return [
    { name: longName, seats: [...awkwardSeats, ...jurors] },
    { name: shortName, seats: calmSeats },
    { name: rightToLeftName, seats: [] },
  ]
}

export const findings = [
  passed('settings', 'All four settings are there.', 1),
  passed('tls', 'The certificate is good for 62 more days.', 81),
  troubled('owlcms', 'fail', 'owlcmsSilent', { raw: 'no reply to owlcms/config within 5000 ms' }),
  troubled('bridges', 'warn', 'runsTwice'),
  skipped('roundTrip', 'Not tried, since owlcms does not answer.'),
].map((found) => inWords(found, checkTexts.en))

/** One of each kind: in use, left, not used, shown after it was taken back. */
export function codes(): readonly CodeOverview[] {
  const now = Date.now()
  const madeAt = now - 7_500_000
  const code = (seat: string, changes: Partial<CodeOverview> = {}): CodeOverview => ({
    ...{ platform: longName, seat, tokenId: `token-${seat}`, madeAt, isRevoked: false },
    ...changes,
  })
  return [
    code('referee-1', {
      last: { what: 'pressed', at: now - 12_000 },
      device: { name: '7C1F', connected: true },
    }),
    code('referee-2', {
      last: { what: 'entered', at: now - 180_000 },
      device: { name: 'owlcms-417', connected: false },
    }),
    code('referee-3'),
    code('juryPresident-1', { last: { what: 'refused', at: now - 40_000 }, isRevoked: true }),
    code('viewer', { platform: shortName }),
  ]
}

export const logLines: readonly LogLine[] = (['debug', 'info', 'warn', 'error'] as const).map(
  (level, index) => ({
    time: 1_700_000_000_000 + index,
    level,
    message: `${level} happened`,
    facts: index === 1 ? '' : '{"port":8080}',
  }),
)
