import { Hub } from '../../src/hub/hub.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import { defaultJournalLimits } from '../../src/support/limits.ts'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import type { Lift } from '../../src/simulator/lifting-order.ts'
import type { OwlcmsOptions } from '../../src/simulator/simulated-owlcms.ts'
import { fresh, PlainSession } from '../rules/stage.ts'
import { MemoryHall } from '../simulator/memory-hall.ts'
import { FixedOrder } from '../simulator/transcript.ts'
import { publicationOf } from './recorded-hall.ts'

/** Milliseconds from the bridge to the broker. */
const hopMs = 20

/** A hall in which officials press by way of the bridge's hub, and its journal writes down what became of it. */
export class PressedHall extends MemoryHall {
  readonly journal: Journal
  readonly hub: Hub
  readonly #device: PlainSession
  linkUp = true

  constructor(lifts: readonly Lift[], options: Partial<OwlcmsOptions> & { names?: 'keep' | 'hide' } = {}) {
    super(options)
    const { clock, broker } = this
    const platforms = new Platforms({ clock, random: () => 0.5 })
    this.journal = new Journal({
      clock,
      platforms,
      bridge: 'north-hall',
      version: '1.4.2',
      names: options.names ?? 'keep',
      limits: defaultJournalLimits,
      senderOf: (publication) => hub.senderOf(publication)?.key,
    })
    const isUp = (): boolean => this.linkUp
    const hub: Hub = new Hub({
      clock,
      platforms,
      upstream: {
        get ready() {
          return isUp()
        },
        room: true,
        publish(publication: Publication, settled: (outcome: PublishOutcome) => void) {
          clock.setTimer(hopMs, () => {
            broker.press(publication.topic, new TextDecoder().decode(publication.payload))
            clock.setTimer(hopMs, () => settled({ kind: 'delivered' }))
          })
        },
      },
    })
    this.hub = hub
    hub.ledger.listen((report) => this.journal.pressed(report))
    broker.listen((topic, payload) => {
      const publication = publicationOf(topic, payload)
      hub.receive(publication)
    })
    this.#device = new PlainSession(hub)
    this.started()
    const field = this.owlcms.fieldOfPlay('A')
    field.loadSession(new FixedOrder(lifts))
    field.startLifting()
    clock.advance(10_000)
    this.restart()
  }

  press(topic: string, payload: string): void {
    this.hub.publish(this.#device, publicationOf(topic, payload), fresh, () => undefined)
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

/** The presses of T1 to T4 of docs/owlcms.md 4.9, without what owlcms says. */
export const presses = {
  t1: `
    0 clock/A start
    12000 clock/A stop
    16000 refbox/decision/A 1 good
    16400 refbox/decision/A 3 good
    16900 refbox/decision/A 2 good`,
  t2: `
    0 clock/A start
    20000 refbox/decision/A 1 bad
    20500 refbox/decision/A 2 good
    21300 refbox/decision/A 3 bad`,
  t3: `
    0 clock/A start
    100000 clock/A stop
    104000 refbox/decision/A 1 good
    104300 !decision/A 2 good
    110000 refbox/decision/A 3 bad`,
  t4: `
    0 jurybox/break/A challenge
    4000 jurybox/summon/A all
    30000 jurybox/juryMember/decision/A 2 good
    31000 jurybox/juryMember/decision/A 1 good
    33000 jurybox/juryMember/decision/A 3 bad
    40000 jurybox/decision/A good
    50000 confirm`,
} as const
