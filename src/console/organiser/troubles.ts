import type { DeviceOverview, PlatformOverview, SeatOverview } from '../../protocol/contract/console-api.ts'
import type { VisibleState } from '../../protocol/field/visible-state.ts'
import type { Level } from './marks.tsx'
import { seatKeyName, type Words } from './words.ts'

/** Something about a seat that somebody should do something about. */
export interface Trouble {
  /** Stays the same while the trouble lasts; unique within its platform. */
  readonly key: string
  /** `bad`: now, before the next lift. `warn`: when there is time. */
  readonly level: 'bad' | 'warn'
  readonly what: string
  readonly next: string
  /** Devices of which the organiser has to choose one. */
  readonly choose?: readonly DeviceOverview[]
}

/** From press to echo: amber, red (docs/owlcms.md 7). */
const slowMs = 400
const verySlowMs = 800

/** Troubles of one seat, the worst first; in words that hold no ticking number, so that they are read out once. */
export function seatTroubles(words: Words, overview: SeatOverview): readonly Trouble[] {
  const { trouble: text, seat: seatTexts } = words.texts
  const { seat, devices, delay, outcomes } = overview
  const name = seatKeyName(words, seat)
  const here = devices.filter(({ connected }) => connected)
  const of = (key: string, level: Trouble['level'], what: string, next: string): Trouble => ({
    key: `${seat} ${key}`,
    level,
    what,
    next,
  })
  const sum = (count: (device: DeviceOverview) => number) =>
    devices.reduce((total, device) => total + count(device), 0)
  const counted = [
    [sum(({ dropped }) => dropped), 'dropped'],
    [sum(({ held }) => held), 'held'],
    [outcomes['notTaken'] ?? 0, 'notTaken'],
  ] as const
  const troubles = [
    ...(here.some(({ waiting }) => waiting)
      ? [
          {
            ...of('two', 'bad', text.twoDevices(name), text.twoDevicesNext),
            choose: here.filter(({ asks }) => asks),
          },
        ]
      : []),
    ...here.flatMap((device) =>
      deviceTroubles(words, device).map((one) => ({ ...one, key: `${seat} ${one.key}` })),
    ),
    ...(delay !== undefined && delay.p95Ms > slowMs
      ? [of('slow', delay.p95Ms > verySlowMs ? 'bad' : 'warn', text.slow(name), text.slowNext)]
      : []),
    ...counted
      .filter(([count]) => count > 0)
      .map(([count, kind]) => of(kind, 'warn', text[kind](seatTexts.presses(count)), text[`${kind}Next`])),
  ]
  return [...troubles].sort((a, b) => rank(a) - rank(b))
}

/** How a seat is, at a glance. */
export function seatLevel(words: Words, seat: SeatOverview): Level {
  return seatTroubles(words, seat)[0]?.level ?? (isAway(seat) ? 'warn' : 'good')
}

/** Whether a seat's devices were there, and none is now. */
function isAway({ devices }: SeatOverview): boolean {
  return devices.length > 0 && !devices.some(({ connected }) => connected)
}

/**
 * The seats of a platform that were there and are gone, as one trouble: `bad` while a lift is on. In breaks and after the session
 * people go home, and nobody has to do anything.
 */
export function awayTrouble(
  words: Words,
  { seats }: PlatformOverview,
  isLifting: boolean,
): Trouble | undefined {
  const { trouble: text } = words.texts
  const names = seats.filter(isAway).map(({ seat }) => seatKeyName(words, seat))
  if (names.length === 0) return undefined
  return {
    key: 'away',
    level: isLifting ? 'bad' : 'warn',
    what: text.away(names.join(', ')),
    next: text.awayNext,
  }
}

/** Whether a lift is on, as far as owlcms tells. */
export function isLiftOn(state: VisibleState | undefined): boolean {
  const kind = state?.phase.kind
  return kind !== undefined && kind !== 'break' && kind !== 'ceremony' && kind !== 'idle'
}

function deviceTroubles({ texts: { trouble: text } }: Words, device: DeviceOverview): readonly Trouble[] {
  const { id, name } = device
  const found: Trouble[] = []
  if (device.duplicate) {
    found.push({ key: `duplicate ${id}`, level: 'bad', what: text.duplicate(name), next: text.duplicateNext })
  }
  if (device.flapping) {
    found.push({ key: `flapping ${id}`, level: 'bad', what: text.flapping(name), next: text.flappingNext })
  }
  if (device.way === 'broker') {
    found.push({ key: `direct ${id}`, level: 'warn', what: text.direct(name), next: text.directNext })
  }
  return found
}

function rank({ level }: Trouble): number {
  return level === 'bad' ? 0 : 1
}

/** What needs the organiser now, of all platforms; the same on every poll as long as nothing changes. */
export function urgentTroubles(
  words: Words,
  platforms: readonly PlatformOverview[],
  isLifting: (platform: string) => boolean,
): readonly (Trouble & { readonly platform: string })[] {
  return platforms.flatMap((platform) => {
    const away = awayTrouble(words, platform, isLifting(platform.name))
    const troubles = platform.seats.flatMap((seat) => seatTroubles(words, seat))
    return [...(away === undefined ? [] : [away]), ...troubles]
      .filter(({ level }) => level === 'bad')
      .map((trouble) => ({ ...trouble, platform: platform.name }))
  })
}
