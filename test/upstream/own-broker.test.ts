import { beforeEach, describe, expect, it } from 'vitest'
import type { Session } from '../../src/hub/hub.ts'
import type { PublishOutcome } from '../../src/hub/upstream-link.ts'
import { OwnBroker, takenWithinMs } from '../../src/upstream/own-broker.ts'
import type { Platform } from '../../src/protocol/owlcms/topics.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { line, publication } from '../support/fake-upstream.ts'
import { silentLog } from '../support/silent-log.ts'

const press = publication('owlcms/refbox/decision/A', '1 good')

/** One connection of owlcms, as the gateway knows it. */
class Taker {
  readonly taking: ((taken: boolean) => void)[] = []
  cuts = 0
  readonly session = {
    taken: (done: (taken: boolean) => void) => void this.taking.push(done),
    cut: () => {
      this.cuts += 1
      for (const done of this.taking.splice(0)) done(false)
    },
  } as unknown as Session
}

let clock: FakeClock
let takers: Taker[]
let heard: string[]
let outcomes: PublishOutcome[]
let broker: OwnBroker

function build(): OwnBroker {
  const made = new OwnBroker({
    ...{ clock, log: silentLog, settle: () => undefined },
    owlcmsAt: () => takers.map(({ session }) => session),
  })
  made.onPublication({
    receive: (each) => heard.push(`${line(each)}${each.retain ? ' (retained)' : ''}`),
  })
  return made
}

function started(): OwnBroker {
  const made = build()
  made.start()
  clock.finishTurn()
  return made
}

const say = (what = press): void => broker.publish(what, (outcome) => outcomes.push(outcome))

beforeEach(() => {
  clock = new FakeClock()
  takers = [new Taker()]
  heard = []
  outcomes = []
  broker = started()
})

describe('the bridge as the broker', () => {
  it('refuses everything before it has started and after it has stopped', async () => {
    broker = build()
    say()
    clock.finishTurn()
    expect({ ready: broker.ready, outcomes }).toEqual({ ready: false, outcomes: [{ kind: 'offline' }] })
    broker = started()
    await broker.stop()
    say()
    clock.finishTurn()
    expect({ ready: broker.ready, heard }).toEqual({ ready: false, heard: [] })
  })

  it('tells everybody at once, in the order of the words, and settles none before it returns', () => {
    say(publication('owlcms/fop/down/A', ''))
    say(publication('owlcms/fop/decision/A', '1 good'))
    expect({ heard, outcomes }).toEqual({
      heard: ['owlcms/fop/down/A ', 'owlcms/fop/decision/A 1 good'],
      outcomes: [],
    })
    clock.finishTurn()
    expect(outcomes).toEqual([{ kind: 'delivered' }, { kind: 'delivered' }])
  })

  it('has delivered a press when owlcms’s connection has taken it, not before', () => {
    say()
    clock.finishTurn()
    expect({ heard, outcomes }).toEqual({ heard: [line(press)], outcomes: [] })
    takers[0]!.taking[0]!(true)
    clock.finishTurn()
    expect(outcomes).toEqual([{ kind: 'delivered' }])
    expect(clock.pending).toBe(0)
  })

  it('refuses a press that no owlcms would get, and nobody hears it', () => {
    takers = []
    say()
    clock.finishTurn()
    expect({ heard, outcomes }).toEqual({ heard: [], outcomes: [{ kind: 'offline', why: 'noOwlcms' }] })
  })

  it('calls a press lost whose connection broke before it was taken', () => {
    say()
    takers[0]!.taking[0]!(false)
    clock.finishTurn()
    expect(outcomes).toEqual([{ kind: 'lost' }])
  })

  it('cuts a connection that does not take a press in time, and tells once', () => {
    say()
    clock.advance(takenWithinMs - 1)
    expect(takers[0]!.cuts).toBe(0)
    clock.advance(1)
    expect({ cuts: takers[0]!.cuts, outcomes }).toEqual({ cuts: 1, outcomes: [{ kind: 'lost' }] })
  })

  it('has delivered a press as soon as one of two owlcms has it', () => {
    takers.push(new Taker())
    say()
    takers[0]!.taking[0]!(false)
    clock.finishTurn()
    expect(outcomes).toEqual([])
    takers[1]!.taking[0]!(true)
    clock.finishTurn()
    expect(outcomes).toEqual([{ kind: 'delivered' }])
  })

  it('cuts a silent owlcms’s lines that took a press since its last word, and no others', () => {
    broker.silent()
    expect(takers[0]!.cuts).toBe(0)
    say()
    say(publication('owlcms/fop/decision/A', '1 good'))
    broker.silent()
    expect(takers[0]!.cuts).toBe(0)
    say()
    broker.silent('B' as Platform)
    expect(takers[0]!.cuts).toBe(0)
    broker.silent('A' as Platform)
    broker.silent()
    expect(takers[0]!.cuts).toBe(1)
  })

  it('keeps what bridges say of themselves, and nothing else', () => {
    say(publication('owlcms/bridge/hall/state', '{}', 1, true))
    say(publication('owlcms/fop/decision/A', '1 good', 1, true))
    expect(heard).toEqual(['owlcms/bridge/hall/state {} (retained)', 'owlcms/fop/decision/A 1 good'])
  })
})
