import type { BridgeDependencies } from './dependencies.ts'
import type { Config } from '../config/config.ts'
import type { Hub } from '../hub/hub.ts'
import { Platforms } from '../hub/field/platforms.ts'
import { JournalFile } from '../journal/journal-file.ts'
import { Journal } from '../journal/journal.ts'
import type { Clock } from '../support/clock.ts'
import { defaultJournalLimits } from '../support/limits.ts'
import { defined } from '../protocol/defined.ts'

export interface JournalParts {
  readonly platforms: Platforms
  readonly journal: Journal
  readonly journalFile: JournalFile | undefined
}

/** The platforms and their black box; the journal listens before anybody else, so that causes stand before effects. */
export function buildJournal(
  config: Config,
  { clock, random, log, version, playback, limits: otherLimits }: BridgeDependencies,
  hub: () => Hub,
): JournalParts {
  const fieldClock: Clock =
    playback === undefined
      ? clock
      : {
          ...boundClock(clock),
          now: () => playback.now(),
          wallTime: (moment) => clock.wallTime(moment ?? playback.now()),
        }
  const platforms = new Platforms({
    clock: fieldClock,
    random,
    ...(playback === undefined ? {} : { admits: (publication) => playback.admits(publication) }),
  })
  const limits = { ...defaultJournalLimits, ...otherLimits }
  const { directory, names } = config.journal
  const journalFile =
    directory === undefined
      ? undefined
      : new JournalFile({ directory, limits, clock, log: log.child({ part: 'journal' }) })
  const journal = new Journal({
    clock: fieldClock,
    platforms,
    bridge: config.name,
    version,
    names,
    limits,
    senderOf: (publication) => playback?.senderOf(publication) ?? hub().senderOf(publication)?.key,
    ...defined({ sink: journalFile }),
  })
  playback?.begin({ platforms, journal })
  return { platforms, journal, journalFile }
}

function boundClock(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    wallTime: (moment) => clock.wallTime(moment),
    setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
    repeat: (everyMs, callback) => clock.repeat(everyMs, callback),
    endOfTurn: (callback) => clock.endOfTurn(callback),
  }
}
