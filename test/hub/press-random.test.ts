import { describe, expect, it } from 'vitest'
import { JsonStream } from '../../src/downstream/json-stream/stream.ts'
import { Hub, type Circumstances } from '../../src/hub/hub.ts'
import { SeatStatisticsBook } from '../../src/hub/press/seat-statistics.ts'
import type { Principal } from '../../src/hub/people/permissions.ts'
import { Platforms } from '../../src/hub/field/platforms.ts'
import type { PublishOutcome, UpstreamLink } from '../../src/hub/upstream-link.ts'
import { readTopic, isCommand, type Platform } from '../../src/protocol/owlcms/topics.ts'
import { pressOutcomes, type PressReport } from '../../src/protocol/contract/press-report.ts'
import type { Publication } from '../../src/protocol/publication.ts'
import type { ServerMessage, StreamCommand } from '../../src/protocol/contract/stream-message.ts'
import type { VisibleState } from '../../src/protocol/field/visible-state.ts'
import { applyChanges } from '../../src/protocol/field/visible-state.ts'
import { defaultClientLimits } from '../../src/support/limits.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryStreamClient } from '../support/memory-client.ts'
import { defaultFaults } from '../../src/simulator/faults.ts'
import { silentLog } from '../support/silent-log.ts'
import { MemoryHall } from '../simulator/memory-hall.ts'
import { fresh, PlainSession } from '../rules/stage.ts'
import { randomFrom } from '../support/random.ts'
import { RandomOrder } from '../protocol/random-hall.ts'

/**
 * The whole way of a press, with nothing left out but sockets: stream clients on bad networks, boxes, the hub with
 * its fence, pacer and ledger, a broker that comes and goes, and the simulated owlcms. Time is the test's own.
 */
const runs = Number(process.env['PRESS_RUNS'] ?? 300)
const first = Number(process.env['PRESS_SEED'] ?? 1)

const A = 'A' as Platform
const seats: Readonly<Record<string, Principal>> = {
  referee1: { kind: 'seat', platform: A, role: 'referee', number: 1 },
  referee2: { kind: 'seat', platform: A, role: 'referee', number: 2 },
  referee3: { kind: 'seat', platform: A, role: 'referee', number: 3 },
  timekeeper: { kind: 'seat', platform: A, role: 'timekeeper' },
  president: { kind: 'seat', platform: A, role: 'juryPresident', number: 1 },
}

/** The link to the memory broker; what is under way when it breaks may or may not have arrived. */
class MemoryLink implements UpstreamLink {
  ready = false
  readonly room = true
  /** Commands that left, and any that left without a link. */
  commands = 0
  readonly #hall: MemoryHall
  readonly #random: () => number
  readonly #underWay = new Set<(outcome: PublishOutcome) => void>()

  constructor(hall: MemoryHall, random: () => number) {
    this.#hall = hall
    this.#random = random
  }

  publish({ topic, payload }: Publication, settled: (outcome: PublishOutcome) => void): void {
    const { clock, broker } = this.#hall
    if (!this.ready) {
      clock.setTimer(0, () => settled({ kind: 'offline' }))
      return
    }
    if (isCommand(readTopic(topic))) this.commands += 1
    const settle = (outcome: PublishOutcome): void => {
      if (this.#underWay.delete(settle)) settled(outcome)
    }
    this.#underWay.add(settle)
    broker.press(topic, new TextDecoder().decode(payload))
    // The acknowledgement takes its time, and may be lost with the link though owlcms has the press.
    clock.setTimer(this.#random() * 60, () => settle({ kind: 'delivered' }))
  }

  lose(): void {
    this.ready = false
    for (const settle of [...this.#underWay]) settle({ kind: 'lost' })
  }
}

interface Told {
  readonly seat: string
  readonly fence: number
  /** Since when the official saw what was shown when he pressed. */
  readonly seenAt: number
  /** First answers, and receipts, over all connections; a repeated command may be answered again. */
  readonly answers: string[]
  readonly receipts: string[]
}

/** A phone on a seat: keeps its client name over reconnects and sends again what was not answered. */
class Phone {
  readonly #hall: Stage
  readonly #token: string
  readonly #pending = new Map<string, object>()
  #client: MemoryStreamClient | undefined
  #state: VisibleState | undefined
  #seenAt = 0

  constructor(stage: Stage, token: string) {
    this.#hall = stage
    this.#token = token
    this.connect()
  }

  connect(): void {
    const { stream, hall } = this.#hall
    this.#client = new MemoryStreamClient(stream, hall.clock, (message) => this.#heard(message))
    this.#client.send({ type: 'start', schema: 1, token: this.#token, client: this.#token })
    for (const message of this.#pending.values()) this.#client.send(message)
  }

  drop(): void {
    this.#client?.drop()
    this.#client = undefined
  }

  /** What the official sees now, pressed now; it arrives after `linkMs`, if the phone is still connected then. */
  press(command: StreamCommand, linkMs: number): void {
    if (this.#state === undefined) return
    const { told, hall } = this.#hall
    const id = `${this.#token}-${told.size}`
    const { fence } = this.#state
    const seat = this.#token
    told.set(id, { seat, fence, seenAt: this.#seenAt, answers: [], receipts: [] })
    const message = { type: 'press', id, platform: 'A', command, fence }
    this.#pending.set(id, message)
    hall.clock.setTimer(linkMs, () => this.#client?.send(message))
  }

  get unanswered(): number {
    return this.#pending.size
  }

  #heard(message: ServerMessage): void {
    if (message.type === 'snapshot') this.#see(message.state)
    else if ((message.type === 'event' || message.type === 'change') && this.#state !== undefined) {
      if (message.changed !== undefined) this.#see(applyChanges(this.#state, message.changed))
    } else if ((message.type === 'ack' || message.type === 'error') && message.id !== undefined) {
      this.#hall.told.get(message.id)?.answers.push('reason' in message ? message.reason : message.type)
      // After an acknowledgement a receipt follows: until then it is asked for again after a reconnect.
      if (message.type === 'error') this.#pending.delete(message.id)
    } else if (message.type === 'receipt') {
      this.#hall.told.get(message.id)?.receipts.push(message.outcome)
      this.#pending.delete(message.id)
    }
  }

  #see(state: VisibleState): void {
    this.#state = state
    this.#seenAt = this.#hall.hall.clock.now()
  }
}

class Stage {
  readonly hall: MemoryHall
  readonly link: MemoryLink
  readonly platforms: Platforms
  readonly hub: Hub
  readonly stream: JsonStream
  readonly told = new Map<string, Told>()
  readonly reports: PressReport[] = []
  readonly statistics: SeatStatisticsBook
  toAnotherAttempt = 0
  boxPresses = 0
  /** When each attempt began, and when the first message could tell. */
  readonly #attempts: { readonly began: number; readonly told: number }[] = [{ began: 0, told: 0 }]
  readonly #box: PlainSession
  readonly boxKey: string
  readonly #order: RandomOrder
  /** When another athlete was called while the clock stood, which no message says until his clock starts. */
  #calledUntoldAt: number | undefined

  constructor(random: () => number) {
    this.hall = new MemoryHall({ announcerConfirmsJury: false, random }).started()
    const { clock, owlcms, broker } = this.hall
    this.link = new MemoryLink(this.hall, random)
    this.platforms = new Platforms({ clock, random })
    this.hub = new Hub({ clock, upstream: this.link, platforms: this.platforms })
    this.statistics = new SeatStatisticsBook(this.platforms.roster)
    this.hub.ledger.listen((report) => {
      this.statistics.note(report)
      this.reports.push(report)
      if (report.outcome === 'taken' && report.kind === 'refereeDecision' && report.fence !== undefined) {
        if (!this.#wasMeant(report)) this.toAnotherAttempt += 1
      }
    })
    this.stream = new JsonStream({
      hub: this.hub,
      platforms: this.platforms,
      clock,
      log: silentLog,
      version: '1',
      clientLimits: { ...defaultClientLimits, flushWindowMs: 0, messagesPerSecond: 1_000 },
      authenticateToken: (token) => seats[token ?? ''],
    })
    this.#box = new PlainSession(this.hub)
    this.boxKey = this.#box.key
    const facts = { clientId: this.boxKey, principal: this.#box.principal, transport: 'tcp' } as const
    this.hub.presence.connected(this.boxKey, { ...facts, address: '', duplicate: false }, clock.now())
    broker.listen((topic, payload) => {
      if (!this.link.ready) return
      const heard = publication(topic, payload)
      this.hub.receive(heard)
    })
    const fieldOfPlay = owlcms.fieldOfPlay('A')
    let before = fieldOfPlay.view().state
    fieldOfPlay.watch(() => {
      const { state } = fieldOfPlay.view()
      const isNext = state === 'CURRENT_ATHLETE_DISPLAYED' && before !== 'TIME_RUNNING'
      const isRestart = state === 'TIME_RUNNING' && before === 'DOWN_SIGNAL_VISIBLE'
      const isTold = this.#calledUntoldAt !== undefined && state !== 'CURRENT_ATHLETE_DISPLAYED'
      if ((isNext && state !== before && before !== 'TIME_STOPPED') || isRestart || isTold) {
        const told = clock.now()
        this.#attempts.push({ began: (isTold ? this.#calledUntoldAt : undefined) ?? told, told })
      }
      if (isTold) this.#calledUntoldAt = undefined
      before = state
    })
    this.#order = new RandomOrder(random)
    fieldOfPlay.loadSession(this.#order)
    clock.finishTurn()
    this.linkUp()
    clock.advance(3_000)
    fieldOfPlay.startLifting()
    clock.advance(1_000)
  }

  /** Nothing lies between hub and owlcms here, so owlcms took the press between its arrival and its echo. */
  #wasMeant({ client, fence, at, echoMs = 0 }: PressReport): boolean {
    const takenAt = at + echoMs
    return [...this.told.values()].some(({ seat, fence: seen, seenAt }) => {
      if (!client.startsWith(`stream ${seat} `) || seen !== fence) return false
      const meant = this.#attempts.findLastIndex(({ began }) => began <= seenAt)
      const next = this.#attempts[meant + 1]?.told ?? Infinity
      // What told of the next attempt may have been under way still.
      return (this.#attempts[meant]?.began ?? 0) <= takenAt && at <= next + defaultFaults.swapWithinMs
    })
  }

  /** The marshal stopped the clock, and another athlete's weight is the lower one now. */
  callAnother(): void {
    const fieldOfPlay = this.hall.owlcms.fieldOfPlay('A')
    if (fieldOfPlay.view().state !== 'TIME_STOPPED') return
    this.#order.skip()
    this.#calledUntoldAt = this.hall.clock.now()
    fieldOfPlay.weightChanged()
    this.hall.clock.finishTurn()
  }

  linkUp(): void {
    this.link.ready = true
    this.hub.linkChanged(true)
  }

  linkLost(): void {
    this.link.lose()
    this.hub.linkChanged(false)
  }

  pressOfBox(topic: string, payload: string, circumstances: Circumstances): void {
    this.boxPresses += 1
    this.hub.publish(this.#box, publication(topic, payload), circumstances, () => undefined)
  }
}

function sensible(stage: Stage, random: () => number): readonly [seat: number, command: StreamCommand] {
  const value = random() < 0.6 ? 'good' : 'bad'
  const referee = Math.floor(random() * 3)
  const decide = { kind: 'refereeDecision', referee: (referee + 1) as 1 | 2 | 3, value } as const
  switch (stage.hall.owlcms.fieldOfPlay('A').view().state) {
    case 'CURRENT_ATHLETE_DISPLAYED':
      return random() < 0.7 ? [3, { kind: 'clock', command: 'start' }] : [referee, decide]
    case 'TIME_RUNNING':
      return random() < 0.3 ? [3, { kind: 'clock', command: 'stop' }] : [referee, decide]
    case 'BREAK':
    case 'INACTIVE':
      return [4, { kind: 'juryBreak', command: 'stop' }]
    case 'TIME_STOPPED':
    case 'DOWN_SIGNAL_VISIBLE':
    case 'DECISION_VISIBLE':
      return random() < 0.05 ? [4, { kind: 'juryBreak', command: 'challenge' }] : [referee, decide]
  }
}

/** Most are as they should be. */
function boxCircumstances(dice: number): Circumstances {
  if (dice < 0.1) return { ...fresh, redelivered: true }
  if (dice < 0.2) return { ...fresh, flushed: true }
  return dice < 0.3 ? { ...fresh, overRate: true } : fresh
}

interface Totals {
  presses: number
  taken: number
  tooLate: number
  offline: number
  toAnotherAttempt: number
  faults: string[]
}

async function interleave(seed: number, totals: Totals): Promise<void> {
  const random = randomFrom(seed)
  const stage = new Stage(random)
  const { clock } = stage.hall
  const phones = Object.keys(seats).map((token) => new Phone(stage, token))
  for (let step = 0; step < 30; step += 1) {
    clock.advance(random() < 0.6 ? random() * 400 : random() * 3_000)
    const dice = random()
    const phone = phones[Math.floor(random() * phones.length)]
    if (dice < 0.04 && stage.link.ready) {
      stage.linkLost()
      clock.setTimer(random() * 4_000, () => stage.linkUp())
    } else if (dice < 0.1) {
      phone?.drop()
      clock.setTimer(random() * 2_000, () => phone?.connect())
    } else if (dice < 0.12) {
      stage.callAnother()
    } else if (dice < 0.16) {
      stage.pressOfBox(
        'owlcms/decision/A',
        `${1 + Math.floor(random() * 3)} ${random() < 0.5 ? 'good' : random() < 0.8 ? 'bad' : 'maybe'}`,
        boxCircumstances(random()),
      )
    } else {
      const [seat, command] = sensible(stage, random)
      phones[seat]?.press(command, random() < 0.7 ? random() * 60 : random() * 4_000)
    }
  }
  // Everybody gets back, sends what was not answered, and time for every answer.
  clock.advance(10_000)
  for (const phone of phones) {
    phone.drop()
    phone.connect()
  }
  clock.advance(10_000)
  judge(seed, stage, phones, totals)
  await stage.hall.owlcms.stop()
}

function judge(seed: number, stage: Stage, phones: readonly Phone[], totals: Totals): void {
  const fault = (what: string): void => void totals.faults.push(`seed ${seed}: ${what}`)
  const presses = [...stage.told]
  totals.presses += presses.length + stage.boxPresses
  totals.toAnotherAttempt += stage.toAnotherAttempt
  if (phones.some(({ unanswered }) => unanswered > 0)) fault('a press without an answer')
  for (const [id, { answers, receipts }] of presses) {
    if (answers.length === 0) fault(`${id} has no outcome`)
    if (new Set(answers).size > 1) fault(`${id} was answered ${answers.join()}`)
    const isAcked = answers[0] === 'ack'
    if (isAcked !== receipts.length > 0) fault(`${id}: ${answers.join()} and then ${receipts.join()}`)
    if (new Set(receipts).size > 1) fault(`${id} was ${receipts.join()}`)
  }
  // Each press reaches the hub once, however often it is sent, and ends in exactly one report.
  if (stage.reports.length !== presses.length + stage.boxPresses) {
    fault(`${stage.reports.length} reports of ${presses.length + stage.boxPresses} presses`)
  }
  if (new Set(stage.reports.map(({ id }) => id)).size !== stage.reports.length) fault('reported twice')
  const count = (...outcomes: PressReport['outcome'][]): number =>
    stage.reports.filter(({ outcome }) => outcomes.includes(outcome)).length
  // Whatever was refused never left; whatever left is known to have left.
  if (stage.link.commands !== count('taken', 'notTaken', 'delivered', 'lost')) fault('commands on the line')
  for (const what of accountFaults(stage, count)) fault(what)
  totals.taken += count('taken')
  totals.tooLate += count('tooLate')
  totals.offline += count('offline', 'lost')
}

/** Whoever counts presses counts the same ones: nothing else was published in this hall. */
function accountFaults(
  { hub, reports, statistics, boxKey }: Stage,
  count: (...outcomes: PressReport['outcome'][]) => number,
): readonly string[] {
  const { counters } = hub
  const because = (...reasons: string[]): number =>
    reports.filter(({ outcome, why }) => outcome === 'refused' && reasons.includes(why ?? '')).length
  const dropped = count('tooLate', 'refused', 'offline', 'lost')
  const box = hub.presence.clients(0).find(({ clientId }) => clientId === boxKey)
  const ofBox = reports.filter(({ client, outcome }) => client === boxKey && !isThrough(outcome))
  const seats = statistics.of(A).flatMap(({ outcomes }) => Object.entries(outcomes))
  const inSeats = (outcome: string): number =>
    seats.reduce((sum, [word, number]) => sum + (word === outcome ? number : 0), 0)
  const refused = ['deaf', 'redelivered', 'held', 'tooFast']
  const pairs: readonly (readonly [what: string, number, number])[] = [
    ['taken', counters.taken, count('taken')],
    ['not taken', counters.notTaken, count('notTaken')],
    ['too late', counters.tooLate, count('tooLate')],
    ['offline', counters.droppedOffline, count('offline')],
    ['lost', counters.lost, count('lost')],
    ['drilled', counters.drilled, count('drill')],
    ['deaf', counters.droppedDeaf, because('deaf')],
    ['too fast', counters.tooFast, because('tooFast')],
    ['held', counters.heldBack, because('held')],
    ['sent again', counters.droppedRedelivered, because('redelivered')],
    ['refused', counters.refused, count('refused') - because(...refused)],
    ['dropped on the platform', hub.presses.get('A')?.dropped ?? 0, dropped],
    ['dropped of the box', (box?.dropped ?? 0) + (box?.held ?? 0), ofBox.length],
    ...pressOutcomes.map((outcome) => [`${outcome} by seat`, inSeats(outcome), count(outcome)] as const),
  ]
  return pairs.flatMap(([what, counted, ended]) =>
    counted === ended ? [] : [`${what}: ${counted} counted, ${ended} ended so`],
  )
}

const isThrough = (outcome: PressReport['outcome']): boolean =>
  outcome === 'taken' || outcome === 'notTaken' || outcome === 'delivered' || outcome === 'drill'

describe('random interleavings of presses, lifts, outages and reconnects, through stream, hub and simulator', () => {
  it(`${runs} of them: each press has one outcome, none goes up twice, none reaches another attempt`, async () => {
    const totals: Totals = { presses: 0, taken: 0, tooLate: 0, offline: 0, toAnotherAttempt: 0, faults: [] }
    // The last one once let a decision made for an athlete pass to the one called by a change of weight.
    const seeds = [...Array.from({ length: runs }, (_, index) => first + index), 11_736]
    for (const seed of seeds) await interleave(seed, totals)
    if (process.env['PRESS_RUNS'] !== undefined) process.stdout.write(`${JSON.stringify(totals)}\n`)
    expect({ faults: totals.faults.slice(0, 5), toAnotherAttempt: totals.toAnotherAttempt }).toEqual({
      faults: [],
      toAnotherAttempt: 0,
    })
    // It would prove nothing if hardly anything got through, or nothing went wrong.
    expect(totals.taken).toBeGreaterThan(totals.presses / 4)
    expect(totals.tooLate).toBeGreaterThan(totals.presses / 50)
    expect(totals.offline).toBeGreaterThan(totals.presses / 200)
  }, 3_600_000)
})
