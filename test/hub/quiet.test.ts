import { describe, expect, it } from 'vitest'
import { Platforms } from '../../src/hub/field/platforms.ts'
import { isQuiet, untilQuiet } from '../../src/hub/field/quiet.ts'
import type { Phase } from '../../src/protocol/field/state.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { publication } from '../support/fake-upstream.ts'

function hall() {
  const clock = new FakeClock()
  const platforms = new Platforms({ clock, random: () => 0.5 })
  const say = (topic: string, payload = ''): void => {
    platforms.receive(publication(`owlcms/fop/${topic}`, payload))
  }
  return { clock, platforms, say }
}

const athlete = '{"athleteName":"X","attemptNumber":1,"liftType":"SNATCH","session":"1"} 60000'

describe('a quiet moment', () => {
  it.each<[Phase, boolean]>([
    [{ kind: 'idle' }, true],
    [{ kind: 'break', breakType: 'FIRST_SNATCH' }, true],
    [{ kind: 'ceremony', ceremony: 'MEDALS' }, true],
    [{ kind: 'athleteCalled' }, false],
    [{ kind: 'clockRunning' }, false],
    [{ kind: 'clockStopped' }, false],
    [{ kind: 'downSignal' }, false],
    [{ kind: 'decisionShown' }, false],
  ])('%j: %s', (phase, quiet) => {
    expect(isQuiet({ phase })).toBe(quiet)
  })

  it('is there at once when nobody lifts', async () => {
    const { clock, platforms } = hall()
    expect(await untilQuiet(platforms, clock, 24_000).ended).toBe('quiet')
    expect(clock.pending).toBe(0)
  })

  it('comes when the last platform goes into a break, and not before', async () => {
    const { clock, platforms, say } = hall()
    say('start/A', athlete)
    say('start/B', athlete)
    let outcome: string | undefined
    const wait = untilQuiet(platforms, clock, 24_000)
    const ended = wait.ended.then((how) => (outcome = how))
    say('break/A', 'FIRST_CJ')
    clock.advance(10_000)
    await Promise.resolve()
    expect(outcome).toBeUndefined()
    say('break/B', 'FIRST_CJ')
    await ended
    expect(outcome).toBe('quiet')
    expect(clock.pending).toBe(0)
  })

  it('is waited for no longer than allowed', async () => {
    const { clock, platforms, say } = hall()
    say('start/A', athlete)
    const { ended } = untilQuiet(platforms, clock, 24_000)
    clock.advance(24_000)
    expect(await ended).toBe('timeOver')
  })

  it('is waited for no longer when somebody says so', async () => {
    const { clock, platforms, say } = hall()
    say('start/A', athlete)
    const wait = untilQuiet(platforms, clock, 24_000)
    wait.cut()
    expect(await wait.ended).toBe('cut')
    expect(clock.pending).toBe(0)
  })
})
