import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import type { CancelTimer, Clock } from '../support/clock.ts'
import { errorCode } from '../support/errors.ts'
import type { JournalLimits } from '../support/limits.ts'
import type { Logger } from '../support/logger.ts'
import type { LineSink } from './journal.ts'

/** What is used of the disk, so that a test can let it fail. */
export type Disk = Pick<typeof fs, 'mkdir' | 'open' | 'readdir' | 'unlink'>

export interface JournalFileOptions {
  /** Created when missing. */
  readonly directory: string
  readonly limits: Pick<
    JournalLimits,
    'journalFileBytes' | 'journalFiles' | 'journalWaitingBytes' | 'journalRetryMs'
  >
  readonly clock: Clock
  readonly log: Logger
  readonly disk?: Disk
}

/** How the file is faring. `code`: the computer's word for what is wrong, such as `ENOSPC`. */
export type JournalFileStatus =
  | { readonly kind: 'writing'; readonly linesLost: number }
  | { readonly kind: 'failed'; readonly code: string; readonly nextStep: string; readonly linesLost: number }

interface Block {
  readonly text: string
  /** Begins a new file. */
  readonly opens: boolean
  readonly lines: number
}

const namePattern = /^journal-([0-9]{6,12})\.jsonl$/

/**
 * The journal on disk: `journal-000001.jsonl` and so on, each of which can be replayed alone. Lines are written behind
 * the traffic's back, so a slow or full disk costs lines of this file and nothing else.
 */
export class JournalFile implements LineSink {
  readonly #options: JournalFileOptions
  readonly #disk: Disk
  #waiting: Block[] = []
  #waitingBytes = 0
  /** Bytes of the file that lines now go to; undefined: the next line begins one. */
  #fileBytes: number | undefined
  #handle: fs.FileHandle | undefined
  #writing: Promise<void> | undefined
  #failure: { readonly code: string; readonly nextStep: string } | undefined
  #cancelRetry: CancelTimer | undefined
  #linesLost = 0
  #stopped = false

  constructor(options: JournalFileOptions) {
    this.#options = options
    this.#disk = options.disk ?? fs
  }

  get status(): JournalFileStatus {
    const linesLost = this.#linesLost
    return this.#failure === undefined
      ? { kind: 'writing', linesLost }
      : { kind: 'failed', ...this.#failure, linesLost }
  }

  /** See {@link LineSink}. Never waits and never throws. */
  write(line: string, head: () => readonly string[]): void {
    const { journalFileBytes, journalWaitingBytes } = this.#options.limits
    if (this.#stopped) return
    if (this.#cancelRetry !== undefined) {
      this.#linesLost += 1
      return
    }
    if (this.#waitingBytes > journalWaitingBytes) {
      this.#tooSlow()
      return
    }
    if (this.#fileBytes === undefined || this.#fileBytes > journalFileBytes) {
      const lines = head()
      this.#fileBytes = 0
      this.#enqueue({ text: lines.map((each) => `${each}\n`).join(''), opens: true, lines: 0 })
    }
    this.#enqueue({ text: `${line}\n`, opens: false, lines: 1 })
  }

  /** See {@link LineSink}. */
  beginAnother(): void {
    this.#fileBytes = undefined
  }

  /** Writes what waits and closes; done when the disk is, for at most `withinMs` milliseconds. */
  async stop(withinMs: number): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    let cancel: CancelTimer = () => undefined
    const timeUp = new Promise<void>((resolve) => {
      cancel = this.#options.clock.setTimer(withinMs, resolve)
    })
    await Promise.race([this.#finish(), timeUp])
    cancel()
  }

  async #finish(): Promise<void> {
    await this.#writing
    await this.#handle?.close().catch(() => undefined) // What was written is written.
    this.#handle = undefined
  }

  #enqueue(block: Block): void {
    const bytes = Buffer.byteLength(block.text)
    this.#waiting.push(block)
    this.#waitingBytes += bytes
    this.#fileBytes = (this.#fileBytes ?? 0) + bytes
    this.#writing ??= this.#writeAll()
  }

  /** One run of writing at a time; never rejects. */
  async #writeAll(): Promise<void> {
    await Promise.resolve()
    try {
      for (;;) {
        const [block] = this.#waiting
        if (block === undefined) break
        await this.#writeSome(block)
        if (this.#failure !== undefined) this.#recovered()
      }
    } catch (error) {
      await this.#failed(error)
    }
    this.#writing = undefined
    if (this.#waiting.length > 0) this.#writing = this.#writeAll()
  }

  async #writeSome(first: Block): Promise<void> {
    if (first.opens) await this.#openNext()
    // All that goes to the same file at once.
    const next = this.#waiting.findIndex((block, index) => index > 0 && block.opens)
    const blocks = this.#waiting.slice(0, next === -1 ? undefined : next)
    const text = blocks.map((block) => block.text).join('')
    await this.#handle?.appendFile(text)
    this.#waiting = this.#waiting.slice(blocks.length)
    this.#waitingBytes -= Buffer.byteLength(text)
  }

  async #openNext(): Promise<void> {
    const { directory, limits } = this.#options
    await this.#handle?.close()
    this.#handle = undefined
    await this.#disk.mkdir(directory, { recursive: true })
    const numbers = (await this.#disk.readdir(directory))
      .map((name) => Number(namePattern.exec(name)?.[1]))
      .filter((number) => !Number.isNaN(number))
      .toSorted((a, b) => a - b)
    const old = numbers.slice(0, Math.max(0, numbers.length - limits.journalFiles + 1))
    for (const number of old) await this.#disk.unlink(join(directory, nameOf(number)))
    this.#handle = await this.#disk.open(join(directory, nameOf((numbers.at(-1) ?? 0) + 1)), 'wx', 0o600)
  }

  async #failed(error: unknown): Promise<void> {
    const { clock, log, limits } = this.#options
    const code = String(errorCode(error) ?? 'unknown')
    const isNews = this.#failure === undefined
    this.#failure = { code, nextStep: nextStepFor(code) }
    this.#linesLost += this.#waiting.reduce((sum, { lines }) => sum + lines, 0)
    this.#waiting = []
    this.#waitingBytes = 0
    this.#fileBytes = undefined
    if (isNews) log.error({ ...this.#failure }, 'the journal cannot be written; the traffic goes on')
    if (!this.#stopped) {
      this.#cancelRetry = clock.setTimer(limits.journalRetryMs, () => (this.#cancelRetry = undefined))
    }
    await this.#handle?.close().catch(() => undefined) // It failed already, and that was told.
    this.#handle = undefined
  }

  #recovered(): void {
    this.#failure = undefined
    this.#options.log.warn({ linesLost: this.#linesLost }, 'the journal is written again')
  }

  #tooSlow(): void {
    // A file with a hole would replay to wrong states: the next line begins another one.
    if (this.#fileBytes !== undefined) {
      this.#options.log.warn({}, 'the disk is too slow for the journal: lines are missing in its file')
    }
    this.#fileBytes = undefined
    this.#linesLost += 1
  }
}

function nameOf(number: number): string {
  return `journal-${String(number).padStart(6, '0')}.jsonl`
}

function nextStepFor(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full: make room, or move old files away. The bridge tries again by itself.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'The bridge may not write there: set BRIDGE_JOURNAL_DIR to a folder that it may write to.'
    case 'ENOTDIR':
    case 'EEXIST':
      return 'BRIDGE_JOURNAL_DIR must name a folder, and no file: set it to another one.'
    default:
      return 'Check the disk and BRIDGE_JOURNAL_DIR. The bridge tries again by itself.'
  }
}
