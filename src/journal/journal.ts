import type { PlatformEvent, PlatformListener } from '../hub/field/event.ts'
import type { Platforms } from '../hub/field/platforms.ts'
import { NameHider } from '../protocol/journal/hide-names.ts'
import {
  journalFormat,
  payloadFields,
  shiftRecord,
  type JournalHeader,
  type JournalMark,
  type JournalRecord,
  type MessageRecord,
  type MessageSource,
} from '../protocol/journal/record.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'
import type { PlatformState } from '../protocol/field/state.ts'
import type { PressReport } from '../protocol/contract/press-report.ts'
import type { Publication } from '../protocol/publication.ts'
import { defined } from '../protocol/defined.ts'
import type { Clock } from '../support/clock.ts'
import type { JournalLimits } from '../support/limits.ts'
import { Track } from './track.ts'

/** Where lines go besides memory; see {@link JournalFile}. */
export interface LineSink {
  /** `head`: the lines that a new file begins with, were it to begin before this line. */
  write(line: string, head: () => readonly string[]): void
  /** The next line begins a new file. */
  beginAnother(): void
}

export interface JournalOptions {
  readonly clock: Clock
  readonly platforms: Platforms
  /** Names the bridge in the header. */
  readonly bridge: string
  readonly version: string
  readonly names: 'keep' | 'hide'
  readonly limits: JournalLimits
  /** The client of ours that a publication came from, just now received; undefined: nobody of ours. */
  readonly senderOf: (publication: Publication) => string | undefined
  readonly sink?: LineSink
}

/** A record before it got its place. */
type Unnumbered<R extends JournalRecord = JournalRecord> = R extends JournalRecord
  ? Omit<R, 'n' | 'at' | 'platform'>
  : never

/**
 * The black box: per platform an ordered record of every message, every press by way of this bridge, and what happened
 * to the link. Bounded in memory; the sink, if there is one, gets each line in the same order. What it holds can be
 * replayed: the states of then come out. Inside it counts moments; what leaves it has the machine's time.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #tracks = new Map<Platform, Track>()
  readonly #hider: NameHider | undefined
  #bytes = 0
  /** What turns moments into the times of the file: one for all of its lines, so that no time in it jumps. */
  #fileShiftMs: number

  /** Listens from now on; make it before other listeners, so that a message stands before what it caused. */
  constructor(options: JournalOptions) {
    this.#options = options
    this.#hider = options.names === 'hide' ? new NameHider() : undefined
    this.#fileShiftMs = this.#shiftMs(options.clock.now())
    options.platforms.listen(this.#listener)
  }

  get names(): readonly Platform[] {
    return [...this.#tracks.keys()]
  }

  /** Records kept in memory, of all platforms. */
  get recordCount(): number {
    return [...this.#tracks.values()].reduce((sum, { length }) => sum + length, 0)
  }

  header(): JournalHeader {
    const { clock, bridge, version, names } = this.#options
    return { type: 'journal', format: journalFormat, bridge, version, at: clock.wallTime(), names }
  }

  /**
   * What is kept of a platform, oldest first, beginning with what it showed before; undefined for a platform of
   * which nothing was ever heard. The array is the caller's.
   */
  records(name: string): readonly JournalRecord[] | undefined {
    const records = this.#tracks.get(name as Platform)?.records()
    return records?.map((record) => shiftRecord(record, this.#shiftMs(record.at)))
  }

  /** The last `count` messages of all platforms, oldest first, with their moments. */
  lastMessages(count: number): readonly MessageRecord[] {
    return [...this.#tracks.values()]
      .flatMap((track) => track.records())
      .filter((record) => record.type === 'message')
      .toSorted((a, b) => a.at - b.at)
      .slice(-count)
  }

  /** The machine's clock was set, or it slept: from here on in a file of its own. */
  clockChanged(): void {
    this.#fileShiftMs = this.#shiftMs(this.#options.clock.now())
    this.#options.sink?.beginAnother()
  }

  /** A press ended. One for a platform that owlcms doesn't have is in /status, not here. */
  pressed(press: PressReport): void {
    this.#add(press.platform, { type: 'press', press })
  }

  /** The link to the broker came up or went down. */
  linkChanged(up: boolean): void {
    for (const platform of this.#tracks.keys()) this.mark(platform, up ? 'linkBack' : 'linkLost')
  }

  /** The first lines of a file that begins now. */
  readonly #head = (): readonly string[] => [
    JSON.stringify(this.header()),
    ...[...this.#tracks.values()].flatMap((track) => {
      const record = track.stateRecord(this.#options.clock.now())
      return record === undefined ? [] : [this.#line(record)]
    }),
  ]

  readonly #listener: PlatformListener = {
    event: (event) => this.#event(event),
    reset: (platform) => this.#began(platform, 'linkBack'),
    appeared: (platform) => {
      this.#tracks.set(platform, new Track(platform))
      this.#began(platform, 'appeared')
      this.mark(platform, 'bridgeStarted')
    },
    vanished: (platform) => {
      this.#bytes -= this.#tracks.get(platform)?.bytes ?? 0
      this.#tracks.delete(platform)
    },
  }

  #began(platform: Platform, why: 'appeared' | 'linkBack'): void {
    const state = this.#options.platforms.now(platform)?.state
    if (state === undefined) return
    const shown = this.#hidden(state)
    this.#add(platform, { type: 'state', why, state: shown }, shown)
  }

  #event({ platform, at, publication, meaning, before, state }: PlatformEvent): void {
    const { topic, payload } = publication
    const source = sourceOf(meaning.kind)
    const client = source === undefined ? this.#options.senderOf(publication) : undefined
    this.#add(
      platform,
      {
        type: 'message',
        source: source ?? (client === undefined ? 'direct' : 'client'),
        ...defined({ client }),
        topic,
        ...payloadFields(this.#hider?.hide(topic, payload) ?? payload),
        fenceBefore: before.fence,
        fence: state.fence,
      },
      this.#hidden(state),
      at,
    )
    const isRestart = before.owlcms.state !== 'starting' && state.owlcms.state === 'starting'
    if (isRestart) this.mark(platform, 'owlcmsRestarted')
  }

  #hidden(state: PlatformState): PlatformState {
    return this.#hider?.hideInState(state) ?? state
  }

  /** Something happened to the link or to owlcms, as heard on this platform. */
  mark(platform: Platform, mark: JournalMark): void {
    this.#add(platform, { type: 'mark', mark })
  }

  /** `after`: what the platform shows from here on, when the record changes that. */
  #add(
    platform: Platform,
    content: Unnumbered,
    after?: PlatformState,
    at: number = this.#options.clock.now(),
  ): void {
    const track = this.#tracks.get(platform)
    if (track === undefined) return
    const place = { n: track.n + 1, at, platform }
    const { type, ...rest } = content
    // The words of the union fit together as they came in.
    const record = { type, ...place, ...rest } as JournalRecord
    this.#options.sink?.write(this.#line(record), this.#head)
    this.#bytes += track.add(record, after)
    this.#bound(track)
  }

  #line(record: JournalRecord): string {
    return JSON.stringify(shiftRecord(record, this.#fileShiftMs))
  }

  /** From a moment to the machine's time; whole, so that no fraction of a moment is lost. */
  #shiftMs(moment: number): number {
    return Math.round(this.#options.clock.wallTime(moment) - moment)
  }

  #bound(track: Track): void {
    const { journalEntries, journalBytes, journalTotalBytes } = this.#options.limits
    while (track.length > journalEntries || track.bytes > journalBytes) this.#bytes -= track.forget()
    while (this.#bytes > journalTotalBytes) {
      const [biggest] = [...this.#tracks.values()].toSorted((a, b) => b.bytes - a.bytes)
      if (biggest === undefined || biggest.length === 0) return
      this.#bytes -= biggest.forget()
    }
  }
}

/** Undefined where the topic doesn't tell: a device's. */
function sourceOf(kind: PlatformEvent['meaning']['kind']): MessageSource | undefined {
  return kind === 'fop' || kind === 'config' || kind.startsWith('legacy') ? 'owlcms' : undefined
}
