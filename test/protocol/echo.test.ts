import { describe, expect, it } from 'vitest'
import { expectedEcho, provesTaken } from '../../src/protocol/field/echo.ts'
import type { FromDevice } from '../../src/protocol/owlcms/message.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { called, fold, read, transcript } from './transcripts.ts'

const play = (lines: string, from: PlatformState = called) => fold(transcript(lines), from)
const running = play('10000 fop/start/A {…} 60000')
const stopped = play('22000 fop/stop/A 48000', running)
const down = play('26000 fop/decision/A 1 bad\n26000 fop/decision/A 2 bad\n26000 fop/down/A', stopped)
const shown = play('29000 fop/refereesDecision/A bad', down)
const jury = play('20000 fop/juryDeliberation/A')
const old = play('9000 fop/config {"platforms":["A"],"version":"53.0.2"}')
const oldStopped = play('10000 fop/resetDecisions/A reset\n70000 fop/timeRemaining/A 0', old)
const oldRunning = play('10000 fop/resetDecisions/A reset', old)
const oldPaused = play(
  '20000 fop/break/A TECHNICAL\n30000 fop/startLifting/A\n30010 fop/liftingOrderUpdated/A',
  oldRunning,
)
const oldNext = play('40000 fop/liftingOrderUpdated/A', oldPaused)
const oneHidden = play('22000 fop/decision/A 1 hidden', stopped)

const expects = (press: string, before: PlatformState) => expectedEcho(read(press) as FromDevice, before)

describe('which message proves that a press was taken (docs/owlcms.md 5.4)', () => {
  it.each<[string, PlatformState, string, boolean]>([
    ['refbox/decision/A 1 good', stopped, 'fop/decision/A 1 good', true],
    ['decision/A 1 good', stopped, 'fop/decision/A 1 good', true],
    ['refbox/decision/A 1 good', stopped, 'fop/decision/A 1 hidden', true],
    ['refbox/decision/A 1 good', stopped, 'fop/decision/A 1 bad', false],
    ['refbox/decision/A 1 good', stopped, 'fop/decision/A 2 good', false],
    ['refbox/decision/A 1 good', stopped, 'fop/decision/B 1 good', false],
    ['refbox/decision/A 1 good', stopped, 'fop/down/A', false],
    ['refbox/decision/A 1 good', oneHidden, 'fop/decision/A 1 hidden', false],
    ['refbox/decision/A 2 good', oneHidden, 'fop/decision/A 2 hidden', true],
    // One referee alone: the lights come at once, and only as referee 2.
    ['refbox/decision/A 1 good', running, 'fop/refereesDecision/A good', true],
    ['refbox/decision/A 1 good', down, 'fop/refereesDecision/A good', false],
    ['refbox/decision/A 0 bad', running, 'fop/refereesDecision/A bad', true],
    ['refbox/decision/A 0 bad', running, 'fop/decision/A 2 bad', true],
    ['refbox/downEmitted/A', running, 'fop/down/A', true],
    ['clock/A start', called, 'fop/start/A {…} 60000', true],
    ['clock/A start', called, 'fop/resetDecisions/A reset', true],
    ['clock/A start', called, 'fop/stop/A 60000', false],
    ['clock/A start', old, 'fop/resetDecisions/A reset', true],
    ['clock/A start', oldNext, 'fop/resetDecisions/A reset', true],
    ['clock/A stop', running, 'fop/stop/A 48000', true],
    ['clock/A toggle', running, 'fop/stop/A 48000', true],
    ['clock/A toggle', running, 'fop/start/A {…} 48000', false],
    ['clock/A toggle', stopped, 'fop/start/A {…} 48000', true],
    ['clock/A 60', called, 'fop/stop/A 60000', true],
    ['jurybox/break/A technical', called, 'fop/break/A TECHNICAL', true],
    ['jurybox/break/A technical', called, 'fop/break/A MARSHAL', false],
    ['jurybox/break/A deliberation', called, 'fop/juryDeliberation/A', true],
    ['jurybox/break/A challenge', jury, 'fop/challenge/A', true],
    ['jurybox/break/A stop', jury, 'fop/startLifting/A', true],
    ['jurybox/break/A stop', called, 'fop/resetDecisions/A reset', true],
    ['jurybox/juryMember/decision/A 2 bad', jury, 'fop/juryMemberDecision/A 2 hidden', true],
    ['jurybox/juryMember/decision/A 2 bad', jury, 'fop/juryMemberDecision/A 2 bad', true],
    ['jurybox/juryMember/decision/A 2 bad', jury, 'fop/juryMemberDecision/A 2 good', false],
    ['jurybox/juryMember/decision/A 2 bad', jury, 'fop/juryMemberDecision/A 1 hidden', false],
    ['jurybox/summon/A all', jury, 'fop/summon/A 2', true],
    ['jurybox/summon/A 3', jury, 'summon/A/3 on', true],
    ['jurybox/summon/A 3', jury, 'fop/summon/A 2', false],
    ['jurybox/summon/A controller', jury, 'fop/summon/A 4', true],
    ['config', jury, 'fop/config {"platforms":["A"],"version":"69.0.0"}', true],
  ])('%s then %s (case %#): %s', (press, before, line, proven) => {
    expect(provesTaken(expects(press, before), read(line))).toBe(proven)
  })

  it.each<[string, PlatformState, string]>([
    ['jurybox/decision/A good', jury, 'noEcho'],
    ['test/A 1700000000000', jury, 'noEcho'],
    ['clock/A 60', stopped, 'noEcho'],
    ['clock/A stop', old, 'noEcho'],
    ['clock/A start', oldStopped, 'noEcho'],
    ['clock/A stop', oldStopped, 'noEcho'],
    // The stop that came before it was told by nobody.
    ['clock/A start', oldRunning, 'noEcho'],
    // It was used in this attempt: the lifter of before goes on with it, without a reset.
    ['clock/A start', oldPaused, 'noEcho'],
    ['clock/A start', running, 'alreadySo'],
    ['clock/A stop', stopped, 'alreadySo'],
    ['jurybox/break/A deliberation', jury, 'alreadySo'],
    ['jurybox/break/A challenge', down, 'deferred'],
    ['jurybox/break/A technical', shown, 'deferred'],
  ])('%s has no proof (case %#): %s', (press, before, because) => {
    const expectation = expects(press, before)
    expect(expectation).toEqual({ kind: 'none', because })
    expect(provesTaken(expectation, read('fop/startLifting/A'))).toBe(false)
  })
})
