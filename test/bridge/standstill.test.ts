import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { buildParts, joinLink, type Parts } from '../../src/bridge/parts.ts'
import { loadConfig } from '../../src/config/config.ts'
import { firstWordMs } from '../../src/downstream/mqtt-gateway/offline-queue.ts'
import { closeCodes } from '../../src/protocol/contract/close-codes.ts'
import { filter, PlainSession, publish } from '../rules/stage.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publication } from '../support/fake-upstream.ts'
import { MemoryClient, MemoryStreamClient } from '../support/memory-client.ts'
import { testUsage } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'

/** A bridge that is the broker, with owlcms and one box; what each does is at most a minute old. */

let clock: FakeClock
let parts: Parts
let owlcms: PlainSession
let box: MemoryClient

const say = (topic: string, payload = ''): void => {
  const fresh = { redelivered: false, flushed: false }
  parts.hub.publish(owlcms, publication(topic, payload), fresh, () => undefined)
  clock.advance(10)
}

/** A box that is past the time in which presses are held back. */
const newBox = (): MemoryClient => {
  const client = new MemoryClient(parts.gateway, clock, 5)
  client.connect({ keepalive: 0 })
  clock.advance(firstWordMs)
  return client
}

beforeEach(() => {
  clock = new FakeClock()
  const loaded = loadConfig(
    {
      ...{ BRIDGE_BROKER: 'own', BRIDGE_BROKER_PORT: '1884' },
      ...{ OWLCMS_MQTTUSERNAME: 'hall', OWLCMS_MQTTPASSWORD: 'secret' },
    },
    [],
  )
  if (loaded.kind === 'faulty') throw new Error(JSON.stringify(loaded.faults))
  const log = silentLog
  parts = buildParts(loaded.config, {
    ...{ clock, log, random: () => 0.5, version: '1', pageFiles: new Map(), usage: testUsage },
  })
  joinLink(parts)
  parts.upstream.start()
  clock.advance(1)
  onTestFinished(() => {
    parts.standstill.stop()
    parts.clockWatch.stop()
  })
  owlcms = new PlainSession(parts.hub, { kind: 'owlcms' })
  parts.hub.subscribe(owlcms, filter('owlcms/refbox/decision/A'), { qos: 0 })
  parts.hub.subscribe(owlcms, filter('owlcms/clock/A'), { qos: 0 })
  box = newBox()
  say('owlcms/fop/config', '{"jurySize":3,"platforms":["A"],"version":"61.0.0"}')
  say('owlcms/fop/resetDecisions/A')
  say('owlcms/fop/start/A', '{"athleteName":"Jane"} 60000')
  // As after a press: then a standstill is known to a quarter of a second.
  parts.standstill.waitedMs()
})

const decision = 'owlcms/refbox/decision/A'
const pressed = (topic: string, payload: string): string[] => {
  const before = owlcms.heard.length
  publish(box, topic, payload)
  clock.advance(20)
  return owlcms.heard.slice(before)
}

it.each([
  [700, 1, 0],
  [1_700, 1, 0],
  [2_100, 0, 1],
  [4_900, 0, 1],
])(
  'a decision that is read after a standstill of %i ms may be as old, and is judged so',
  (ms, passed, late) => {
    clock.stall(ms)
    expect(pressed(decision, '2 good')).toHaveLength(passed)
    expect(parts.hub.counters.tooLate).toBe(late)
    expect(box.closed).toBeUndefined()
    clock.advance(250)
    expect(pressed(decision, '2 bad')).toEqual([`${decision} 2 bad`])
  },
)

it('a start of the clock that is read after two seconds of it does not start it', () => {
  clock.stall(2_100)
  expect(pressed('owlcms/clock/A', 'start')).toEqual([])
  clock.advance(250)
  expect(pressed('owlcms/clock/A', 'start')).toEqual(['owlcms/clock/A start'])
})

it.each([
  ['the machine slept for ten minutes', () => clock.sleep(600_000)],
  ['the machine slept for six seconds', () => clock.sleep(6_000)],
  ['the process stood still for six seconds', () => clock.stall(6_000)],
])('nothing comes from a line of before after %s; who connects again presses on', (_, happens) => {
  const keypad = new MemoryStreamClient(parts.stream, clock)
  keypad.send({ type: 'start', schema: 1 })
  clock.advance(100)
  happens()
  // The first thing that is read, before any timer.
  expect(pressed(decision, '2 good')).toEqual([])
  expect([box.closed, keypad.closed]).toEqual([closeCodes.silent, closeCodes.silent])
  box = newBox()
  expect(pressed(decision, '2 good')).toEqual([`${decision} 2 good`])
})

it.each([7_200_000, -7_200_000])('a clock that is set by %i ms is no standstill', (byMs) => {
  clock.setWallClock(byMs)
  expect(pressed(decision, '2 good')).toHaveLength(1)
  clock.advance(500)
  expect(pressed(decision, '2 bad')).toHaveLength(1)
  expect(box.closed).toBeUndefined()
})
