import {
  hallNewsOf,
  maxToldPresses,
  readHallNews,
  type HallNews,
  type ToldDevice,
  type ToldPress,
} from '../../protocol/contract/hall-news.ts'
import type { DeviceOverview } from '../../protocol/contract/console-api.ts'
import type { PressReport } from '../../protocol/contract/press-report.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { CancelTimer, Clock } from '../../support/clock.ts'
import type { Company } from './company.ts'

/** Milliseconds between two looks at whether our devices have changed. */
const lookMs = 3_000
/** Milliseconds in which presses are told in one word. */
const gatherMs = 200
/** Presses that wait to be told; who presses faster is told of in part. */
const maxGathered = 100

/** Words after which the press came by way of the bridge that this bridge is the broker of. */
const passedUp: readonly string[] = ['taken', 'notTaken', 'delivered']

export interface ElsewhereOptions {
  readonly clock: Clock
  readonly identity: { readonly name: string; readonly id: string }
  /** Says something to the other bridges, while there are any. */
  readonly tell: (publication: Publication) => void
  /** The other bridges; it hears of each publication first. */
  readonly company: Pick<Company, 'hasOthers' | 'isHeard'>
  /** Whether the bridge of this name reaches the broker through us, so that its presses are reported here, too. */
  readonly isBelow: (name: string) => boolean
  /** What people call the client of this session. */
  readonly nameOf: (session: string) => string
}

/** What happens at the other bridges of the hall, as they tell it, and what we tell them of ours (PROTOCOL.md 6). */
export class Elsewhere {
  readonly #options: ElsewhereOptions
  /** The devices of each other bridge, by its id. */
  readonly #heard = new Map<string, readonly ToldDevice[]>()
  readonly #listeners: ((report: PressReport) => void)[] = []
  #devicesHere: () => readonly ToldDevice[] = () => []
  /** As it was told last. */
  #told: string | undefined
  #presses: PressReport[] = []
  #cancelLook: CancelTimer | undefined
  #cancelGather: CancelTimer | undefined

  constructor(options: ElsewhereOptions) {
    this.#options = options
  }

  /** Where our own devices are looked up; all times are moments of our clock. */
  show(devices: () => readonly ToldDevice[]): void {
    this.#devicesHere = devices
  }

  /** Told of each press that ended at another bridge. */
  listen(listener: (report: PressReport) => void): void {
    this.#listeners.push(listener)
  }

  /** Theirs; all times are moments of our clock. */
  devices(): readonly ToldDevice[] {
    return [...this.#heard.values()].flat()
  }

  linkChanged(up: boolean): void {
    this.#cancelLook?.()
    this.#cancelGather?.()
    this.#cancelGather = undefined
    this.#presses = []
    this.#told = undefined
    this.#heard.clear()
    if (!up) return
    this.#cancelLook = this.#options.clock.repeat(lookMs, () => {
      if (this.#options.company.hasOthers) this.#tellDevices()
    })
  }

  /** Another bridge has come, and knows nothing of our devices. */
  companyCame(): void {
    this.#told = undefined
  }

  /** The bridge of this id is gone, and its devices with it. */
  bridgeGone(bridge: string): void {
    this.#heard.delete(bridge)
  }

  /** A press of ours has ended. One by a bridge below is told by that one itself. */
  pressEnded(report: PressReport): void {
    const { hasOthers } = this.#options.company
    if (report.bridge !== undefined || this.#presses.length >= maxGathered || !hasOthers) return
    this.#presses.push(report)
    this.#gather()
  }

  /** A publication on a bridge's topic came down from the broker; others than these are ignored. */
  receive(publication: Publication): void {
    const heard = readHallNews(publication)
    if (heard === undefined || heard.news.bridge === this.#options.identity.id) return
    const { name, news } = heard
    if (news.devices !== undefined) this.#hearDevices(name, news.bridge, news.devices)
    for (const press of news.presses ?? []) this.#hearPress(name, press)
  }

  #hearDevices(name: string, bridge: string, devices: readonly ToldDevice[]): void {
    if (!this.#options.company.isHeard(bridge)) return
    const now = this.#options.clock.now()
    const dated = devices.map((told) => {
      const device: DeviceOverview = { ...mirrored(told.device, now), way: 'bridge', bridge: name }
      return { ...told, device }
    })
    this.#heard.set(bridge, dated)
  }

  #hearPress(name: string, { ago, id, ...press }: ToldPress): void {
    const reachedUs = passedUp.includes(press.outcome) || press.why === 'brokerRefused'
    if (reachedUs && this.#options.isBelow(name)) return
    const report = { ...press, id: `${name}/${id}`, bridge: name, at: this.#options.clock.now() - ago }
    for (const listener of this.#listeners) listener(report)
  }

  #tellDevices(): void {
    const devices = this.#devicesHere()
    const text = JSON.stringify(devices)
    if (text === this.#told) return
    this.#told = text
    const now = this.#options.clock.now()
    this.#say({
      devices: devices
        .toSorted((a, b) => Number(b.device.connected) - Number(a.device.connected))
        .map((told) => ({ ...told, device: mirrored(told.device, now) })),
    })
  }

  #gather(): void {
    this.#cancelGather ??= this.#options.clock.setTimer(gatherMs, () => {
      this.#cancelGather = undefined
      const now = this.#options.clock.now()
      const presses = this.#presses.splice(0, maxToldPresses).map((report): ToldPress => {
        const { at, client, ...rest } = report
        return { ...rest, client: this.#options.nameOf(client), ago: now - at }
      })
      this.#say({ presses })
      if (this.#presses.length > 0) this.#gather()
    })
  }

  #say(news: Omit<HallNews, 'bridge'>): void {
    const { identity, tell } = this.#options
    tell(hallNewsOf(identity.name, { bridge: identity.id, ...news }))
  }
}

/** From moments to milliseconds ago, or back. */
function mirrored(device: DeviceOverview, now: number): DeviceOverview {
  const { since, lastPressAt } = device
  const ago = lastPressAt === undefined ? {} : { lastPressAt: now - lastPressAt }
  return { ...device, since: now - since, ...ago }
}
