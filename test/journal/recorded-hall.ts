import { listen, type HttpServer } from '../../src/http/door/listen.ts'
import { createWebBasics } from '../../src/http/door/web-basics.ts'
import { addJournal } from '../../src/http/journal/routes.tsx'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import { Journal } from '../../src/journal/journal.ts'
import type { PlatformEvent } from '../../src/hub/field/event.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import { AutomaticSessions } from '../../src/simulator/session.ts'
import type { OwlcmsOptions } from '../../src/simulator/simulated-owlcms.ts'
import { defaultJournalLimits, type JournalLimits } from '../../src/support/limits.ts'
import type { LineSink } from '../../src/journal/journal.ts'
import { Hub } from '../../src/hub/hub.ts'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import type { Lift } from '../../src/simulator/lifting-order.ts'
import { webOptions } from '../http/fixtures.ts'
import { fresh, PlainSession } from '../rules/stage.ts'
import { MemoryHall } from '../simulator/memory-hall.ts'
import { documented, FixedOrder, jane, linesOf, zoe } from '../simulator/transcript.ts'
import { publication } from '../support/fake-upstream.ts'

interface RecordedHallOptions extends Partial<OwlcmsOptions> {
  readonly names?: 'keep' | 'hide'
  readonly limits?: Partial<JournalLimits>
  readonly sink?: LineSink
  /** Whether the live states are noted, which takes longer and longer; true unless told. */
  readonly noted?: boolean
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
      senderOf: (publication) => this.senderOf(publication),
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
      if (this.#up) this.receive(publication(topic, payload))
    })
  }

  protected receive(publication: Publication): void {
    this.platforms.receive(publication)
  }

  protected senderOf({ topic }: Publication): string | undefined {
    return this.clients.get(topic)
  }

  /** The bridge loses the broker, and has it again. */
  link(up: boolean): void {
    this.#up = up
    this.journal.linkChanged(up)
    this.platforms.linkChanged(up)
  }

  /** Lets officials and a jury play sessions by themselves. */
  playSessions(platform: string, random: () => number): AutomaticSessions {
    return new AutomaticSessions({
      fieldOfPlay: this.owlcms.fieldOfPlay(platform),
      press: (topic, payload) => this.broker.press(topic, payload),
      clock: this.clock,
      random,
      jury: 'robots',
      athletes: 3,
    })
  }
}

/** Milliseconds from the bridge to the broker. */
const hopMs = 20

/** A hall in which officials press by way of the bridge's hub, and its journal writes down what became of it. */
export class PressedHall extends RecordedHall {
  readonly hub: Hub
  readonly #device: PlainSession
  /** A link that a test may take down. */
  readonly upstream = {
    ready: true,
    room: true,
    publish: ({ topic, payload }: Publication, settled: (outcome: PublishOutcome) => void): void => {
      this.clock.setTimer(hopMs, () => {
        this.broker.press(topic, new TextDecoder().decode(payload))
        this.clock.setTimer(hopMs, () => settled({ kind: 'delivered' }))
      })
    },
  }

  constructor(lifts: readonly Lift[], options: RecordedHallOptions = {}) {
    super({ announcerConfirmsJury: true, noted: false, ...options })
    const { clock, platforms, upstream } = this
    this.hub = new Hub({ clock, platforms, upstream })
    this.hub.ledger.listen((report) => this.journal.pressed(report))
    this.#device = new PlainSession(this.hub)
    this.started()
    const field = this.owlcms.fieldOfPlay('A')
    field.loadSession(new FixedOrder(lifts))
    field.startLifting()
    clock.advance(10_000)
    this.restart()
  }

  protected override receive(publication: Publication): void {
    this.hub.receive(publication)
  }

  protected override senderOf(publication: Publication): string | undefined {
    return this.hub.senderOf(publication)?.key
  }

  press(topic: string, payload: string): void {
    this.hub.publish(this.#device, publication(topic, payload), fresh, () => undefined)
  }

  /**
   * Plays the `<` lines of a timeline (`12000 refbox/decision/A 2 good`, ms from the start of it); `!` before the topic:
   * a device at the broker itself.
   */
  play(timeline: string): this {
    this.restart()
    for (const line of timeline.trim().split('\n')) {
      const [ms, topic = '', ...rest] = line.trim().split(' ')
      this.advanceTo(Number(ms))
      if (topic === 'confirm') this.owlcms.fieldOfPlay('A').answerJury('confirm')
      else if (topic.startsWith('!')) this.broker.press(`owlcms/${topic.slice(1)}`, rest.join(' '))
      else this.press(`owlcms/${topic}`, rest.join(' '))
    }
    this.clock.advance(10_000)
    return this
  }
}

const pressesOf = (timeline: string): string => linesOf(timeline, '< owlcms/|! ')

/** The presses of T1 to T4 of docs/owlcms.md 4.9, without what owlcms says; a legacy box is at the broker itself. */
export const presses = {
  t1: pressesOf(documented.t1),
  t2: pressesOf(documented.t2),
  t3: pressesOf(documented.t3).replace(' decision/', ' !decision/'),
  t4: pressesOf(documented.t4),
}

/** The journal's pages of a lift that was challenged, as the organiser opens them. */
export function serveChallengedJournal(pageFiles: PageFiles): Promise<HttpServer> {
  const hall = new PressedHall([jane, zoe, jane])
  hall.play(`${presses.t2}\n    25500 refbox/decision/A 1 good`).play(presses.t4)
  const app = createWebBasics(webOptions({ pageFiles }))
  addJournal(app, hall.journal, (_c, next) => next())
  return listen(app, { host: '127.0.0.1', port: 0 })
}
