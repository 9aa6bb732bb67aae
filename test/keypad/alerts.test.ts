import { beforeEach, describe, expect, it } from 'vitest'
import { AlertControl } from '../../src/console/keypad/alert-control.ts'
import { Alerts, longestMs, oneAlertMs, roundMs } from '../../src/console/phone/alerts.ts'
import { StreamClient } from '../../src/console/stream/stream-client.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { stateOf } from './support/scripted-bridge.ts'

let clock: FakeClock
let rounds: number[]
let vibrations: (readonly number[])[]
let alerts: Alerts

beforeEach(() => {
  clock = new FakeClock(0)
  rounds = []
  vibrations = []
  alerts = new Alerts({
    clock,
    sound: { unlock: () => undefined, play: () => rounds.push(clock.now()) },
    vibrate: (pattern) => vibrations.push(pattern),
  })
})

describe('an alert', () => {
  it('sounds at once and then every second, for 20 s at most, and stays on the screen', () => {
    alerts.start('summon')
    expect(rounds).toEqual([0])
    clock.advance(60_000)
    expect(rounds).toHaveLength(longestMs / roundMs)
    expect(alerts.active).toEqual(['summon'])
  })

  it('is one for several within 100 ms, and begins anew after that', () => {
    for (let index = 0; index < 6; index += 1) {
      alerts.start('summon')
      clock.advance(15)
    }
    expect(rounds).toEqual([0])
    clock.advance(oneAlertMs)
    alerts.start('summon')
    expect(rounds).toEqual([0, 190])
  })

  it('stops sound and vibration at once', () => {
    alerts.start('reminder')
    alerts.stop('reminder')
    clock.advance(60_000)
    expect(rounds).toEqual([0])
    expect(vibrations.at(-1)).toEqual([])
    expect(alerts.active).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('a seat', () => {
  let say: (message: object) => void
  let control: AlertControl
  let client: StreamClient

  function sit(as: object): void {
    client = new StreamClient({
      clock,
      random: () => 0,
      newId: () => 'id',
      client: 'x',
      openLine: ({ text }) => {
        say = (message) => text(JSON.stringify(message))
        return { send: () => undefined, close: () => undefined }
      },
    })
    control = new AlertControl(client, alerts, clock, () => undefined)
    client.connect()
    say({ type: 'hello', schema: { min: 1, max: 1 }, epoch: 'e', version: '1', at: 0 })
    say({ type: 'started', audience: 'a', as: { kind: 'seat', platform: 'A', ...as }, at: 0 })
    say({ type: 'status', ready: true, platforms: ['A'] })
    say({ type: 'snapshot', platform: 'A', seq: 1, at: 0, reason: 'start', state: stateOf() })
  }

  const change = (changed: object): void => say({ type: 'change', platform: 'A', seq: 2, at: 0, changed })
  const call = (official: number, at = clock.now()): void =>
    say({
      type: 'event',
      platform: 'A',
      seq: 3,
      at,
      topic: '',
      payload: '',
      message: { kind: 'summon', official, on: true, legacy: false, platform: 'A' },
      changed: { summoned: [official] },
    })

  it.each([
    [{ role: 'referee', number: 2 }, [2]],
    [{ role: 'soloReferee' }, [1, 2, 3]],
    [{ role: 'technicalController' }, [4]],
    [{ role: 'juryPresident' }, []],
    [{ role: 'timekeeper' }, []],
  ] as const)('%j is alerted by calls of %j alone', (as, expected) => {
    const alerted = [1, 2, 3, 4].filter((official) => {
      sit(as)
      alerts.stop('summon')
      clock.advance(oneAlertMs)
      call(official)
      return control.active.includes('summon')
    })
    expect(alerted).toEqual(expected)
  })

  it('is quiet once it said so, loud again when called again, and done when lifting resumes', () => {
    sit({ role: 'referee', number: 2 })
    call(2)
    control.quietSummon()
    change({ fence: 6 })
    expect(control.active).toEqual([])
    clock.advance(5_000)
    call(2)
    expect(control.active).toEqual(['summon'])
    change({ summoned: [] })
    expect(control.active).toEqual([])
  })

  it('is called once by a call and its twins, however late a phone that stood still gets to them', () => {
    sit({ role: 'referee', number: 2 })
    call(2, 1_000)
    clock.advance(614)
    for (const at of [1_000, 1_005, 1_099]) call(2, at)
    expect(rounds).toEqual([0])
    control.quietSummon()
    call(2, 1_099)
    expect(control.active).toEqual([])
  })

  it('is reminded when opened in the middle of a reminder, and not for others', () => {
    sit({ role: 'referee', number: 2 })
    change({ reminded: 3 })
    expect(control.active).toEqual([])
    change({ reminded: 2 })
    expect(control.active).toEqual(['reminder'])
    change({ reminded: null })
    expect(control.active).toEqual([])
  })

  it('is not silenced by a press from before the reminder', () => {
    sit({ role: 'referee', number: 2 })
    client.press('A', { kind: 'refereeDecision', referee: 2, value: 'good' }, 5)
    clock.advance(100)
    change({ reminded: 2 })
    expect(control.active).toEqual(['reminder'])
  })
})
