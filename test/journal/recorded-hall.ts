import { Journal } from '../../src/journal/journal.ts'
import type { PlatformEvent } from '../../src/hub/field/event.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type { JournalRecord } from '../../src/protocol/journal/record.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import { parseTopic } from '../../src/protocol/topic.ts'
import { AutomaticSessions } from '../../src/simulator/session.ts'
import type { OwlcmsOptions } from '../../src/simulator/simulated-owlcms.ts'
import { defaultJournalLimits, type JournalLimits } from '../../src/support/limits.ts'
import type { LineSink } from '../../src/journal/journal.ts'
import { MemoryHall } from '../simulator/memory-hall.ts'

export interface RecordedHallOptions extends Partial<OwlcmsOptions> {
  readonly names?: 'keep' | 'hide'
  readonly limits?: Partial<JournalLimits>
  readonly sink?: LineSink
  /** Whether the live states are noted, which takes longer and longer; true unless told. */
  readonly noted?: boolean
}

export function publicationOf(topic: string, payload: string | Uint8Array): Publication {
  const parsed = parseTopic(topic)
  if (!parsed.ok) throw new Error(parsed.error)
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload
  return { topic: parsed.value, payload: bytes, qos: 1, retain: false }
}

/** A simulated hall whose traffic a bridge's platforms and journal hear, with all states that were live. */
export class RecordedHall extends MemoryHall {
  readonly platforms: Platforms
  readonly journal: Journal
  /** Per platform the number of the record and the state that was live right after it. */
  readonly live = new Map<string, { n: number; state: PlatformState }[]>()
  readonly clients = new Map<string, string>()
  #up = true

  constructor({ names = 'keep', limits, sink, noted = true, ...owlcms }: RecordedHallOptions = {}) {
    // Nobody sits at the announcer's desk.
    super({ announcerConfirmsJury: false, ...owlcms })
    const { clock } = this
    this.platforms = new Platforms({ clock, random: () => 0.5 })
    this.journal = new Journal({
      clock,
      platforms: this.platforms,
      bridge: 'north-hall',
      version: '1.4.2',
      names,
      limits: { ...defaultJournalLimits, ...limits },
      senderOf: ({ topic }) => this.clients.get(topic),
      ...(sink === undefined ? {} : { sink }),
    })
    const note = (platform: string): void => {
      if (!noted) return
      const state = this.platforms.now(platform as PlatformEvent['platform'])!.state
      const n = this.journal.records(platform)!.at(-1)!.n
      this.live.set(platform, [...(this.live.get(platform) ?? []), { n, state }])
    }
    this.platforms.listen({
      event: ({ platform }) => note(platform),
      reset: note,
      appeared: note,
      configured: () => undefined,
    })
    this.broker.listen((topic, payload) => {
      if (this.#up) this.platforms.receive(publicationOf(topic, payload))
    })
  }

  /** The bridge loses the broker, and has it again. */
  link(up: boolean): void {
    this.#up = up
    this.journal.linkChanged(up)
    this.platforms.linkChanged(up)
  }

  /** Lets officials and a jury play sessions by themselves. */
  play(platform: string, random: () => number): AutomaticSessions {
    return new AutomaticSessions({
      fieldOfPlay: this.owlcms.fieldOfPlay(platform),
      press: (topic, payload) => this.broker.press(topic, payload),
      clock: this.clock,
      random,
      jury: 'robots',
      athletes: 3,
    })
  }

  /** The recording as lines, as a download or a file has them. */
  lines(platforms: readonly string[] = this.journal.names): string {
    const records = platforms.flatMap((name): readonly JournalRecord[] => this.journal.records(name) ?? [])
    return [this.journal.header(), ...records].map((line) => `${JSON.stringify(line)}\n`).join('')
  }
}
