import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import { BrokerLink, type BrokerAccess } from './broker-link.ts'
import { AutomaticSessions } from './session.ts'
import { startSimulatedOwlcms, type SimulatedOwlcms } from './simulated-owlcms.ts'
import { defined } from '../protocol/defined.ts'

export interface ShowOptions {
  /** By name, in their order: who decides there. The clock is always automatic. */
  readonly platforms: Readonly<Record<string, 'robots' | 'humans'>>
  /** `69.0.0` unless told. */
  readonly version?: string
  /** 3 unless told. */
  readonly jurySize?: 3 | 5
  readonly owlcms: BrokerAccess
  /** The way that the officials' devices take. */
  readonly devices: BrokerAccess
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly log: Logger
}

const cleanJerkBreakMs = 30_000

/** A simulated owlcms with sessions without end on every platform, and whoever presses there. */
export function startShow(options: ShowOptions): { stop(): Promise<void> } {
  const { clock, log, random, platforms, version, jurySize, devices } = options
  const owlcms = startSimulatedOwlcms({
    ...options.owlcms,
    platforms: Object.keys(platforms),
    ...defined({ version, jurySize }),
    firstCleanJerkBreakMs: cleanJerkBreakMs,
    // Nobody sits at the announcer's desk.
    announcerConfirmsJury: false,
    clock,
    random,
    log: log.child({ part: 'simulated owlcms' }),
  })
  const acts = Object.entries(platforms).map(
    ([platform, pressedBy]) => new Act(platform, owlcms, { ...devices, clock, log, random, pressedBy }),
  )
  void owlcms.ready.then((outcome) => {
    if (outcome === 'started') for (const act of acts) act.begin()
  })
  return {
    async stop() {
      await Promise.all([...acts.map((act) => act.stop()), owlcms.stop()])
    },
  }
}

interface ActOptions extends BrokerAccess {
  readonly clock: Clock
  readonly log: Logger
  readonly random: () => number
  readonly pressedBy: 'robots' | 'humans'
}

/** One platform's sessions, with the devices of officials and jury connected like any other. */
class Act {
  readonly #platform: string
  readonly #owlcms: SimulatedOwlcms
  readonly #options: ActOptions
  readonly #officials: BrokerLink
  readonly #jury: BrokerLink
  #sessions: AutomaticSessions | undefined

  constructor(platform: string, owlcms: SimulatedOwlcms, options: ActOptions) {
    this.#platform = platform
    this.#owlcms = owlcms
    this.#options = options
    this.#officials = this.#connect(`simulated-officials-${platform}`)
    this.#jury = this.#connect(`simulated-jury-${platform}`)
  }

  begin(): void {
    this.#sessions = new AutomaticSessions({
      ...this.#options,
      fieldOfPlay: this.#owlcms.fieldOfPlay(this.#platform),
      jury: this.#options.pressedBy === 'robots' ? 'robots' : 'nobody',
      press: (topic, payload) => {
        const device = topic.startsWith('owlcms/jurybox/') ? this.#jury : this.#officials
        device.publish(topic, payload, 0)
      },
    })
  }

  async stop(): Promise<void> {
    this.#sessions?.stop()
    await Promise.all([this.#officials.close(), this.#jury.close()])
  }

  #connect(clientId: string): BrokerLink {
    const nothing = () => undefined
    return new BrokerLink({
      ...this.#options,
      clientId,
      onConnected: nothing,
      onMessage: nothing,
      onLost: nothing,
    })
  }
}
