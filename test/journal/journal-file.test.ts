import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JournalFile, type Disk, type JournalFileOptions } from '../../src/journal/journal-file.ts'
import { foldRecord, shiftState } from '../../src/protocol/journal/record.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { readRecording, type Recording } from '../../src/protocol/journal/read-recording.ts'
import { defaultJournalLimits, type JournalLimits } from '../../src/support/limits.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { recordingLog } from '../support/silent-log.ts'
import { FixedOrder, jane, zoe } from '../simulator/transcript.ts'
import { RecordedHall } from './recorded-hall.ts'
import { eventually } from '../support/eventually.ts'

let directory: string
let clock: FakeClock
let logLines: readonly string[]

beforeEach(async () => {
  directory = join(await fs.mkdtemp(join(tmpdir(), 'journal-')), 'made', 'by the bridge')
  clock = new FakeClock()
})
afterEach(async () => {
  await fs.rm(join(directory, '..', '..'), { recursive: true, force: true })
})

function fileWith(
  limits: Partial<JournalLimits> = {},
  options: Partial<JournalFileOptions> = {},
): JournalFile {
  const { log, lines } = recordingLog()
  logLines = lines
  return new JournalFile({
    directory,
    limits: { ...defaultJournalLimits, ...limits },
    clock,
    log,
    ...options,
  })
}

const head = (): readonly string[] => ['head']

async function contents(): Promise<Record<string, string>> {
  const names = (await fs.readdir(directory)).toSorted()
  const texts = await Promise.all(names.map((name) => fs.readFile(join(directory, name), 'utf8')))
  return Object.fromEntries(names.map((name, index) => [name, texts[index]!]))
}

/** Until all that was given is on the disk. */
async function settled(file: JournalFile, lines: number): Promise<void> {
  await eventually(async () => {
    const texts = Object.values(await contents()).join('')
    expect(texts.split('\n').filter((line) => line !== '' && line !== 'head').length).toBe(lines)
    expect(file.status.kind).toBe('writing')
  })
}

describe('the journal on disk', () => {
  it('writes lines in order, makes its folder, and has all of them after a stop', async () => {
    const file = fileWith()
    for (let n = 0; n < 500; n += 1) file.write(String(n), head)
    await file.stop(1_000)
    const expected = ['head', ...Array.from({ length: 500 }, (_, n) => String(n))].join('\n')
    expect(await contents()).toEqual({ 'journal-000001.jsonl': `${expected}\n` })
    expect(clock.pending).toBe(0)
  })

  it('is for the eyes of its owner only', async () => {
    const file = fileWith()
    file.write('line', head)
    await file.stop(1_000)
    expect((await fs.stat(join(directory, 'journal-000001.jsonl'))).mode & 0o777).toBe(0o600)
  })

  it('begins another file when one is full, each with its head, keeps the newest few, and touches nothing else', async () => {
    await fs.mkdir(directory, { recursive: true })
    await fs.writeFile(join(directory, 'journal-000041.jsonl'), 'of before\n')
    await fs.writeFile(join(directory, 'notes.jsonl'), 'mine\n')
    const file = fileWith({ journalFileBytes: 20, journalFiles: 3 })
    for (let n = 0; n < 12; n += 1) file.write(`line ${n % 10}`, () => [`head ${n}`])
    await file.stop(1_000)
    expect(await contents()).toEqual({
      'journal-000045.jsonl': 'head 6\nline 6\nline 7\n',
      'journal-000046.jsonl': 'head 8\nline 8\nline 9\n',
      'journal-000047.jsonl': 'head 10\nline 0\nline 1\n',
      'notes.jsonl': 'mine\n',
    })
  })

  it('tells a full disk once, loses lines of the file only, and goes on with a new file when there is room', async () => {
    let isFull = true
    // A device whose every write fails with ENOSPC, as the computer itself says it.
    const disk: Disk = {
      ...fs,
      open: (path, ...rest) => fs.open(isFull ? '/dev/full' : path, isFull ? 'a' : rest[0]),
    }
    const file = fileWith({}, { disk })
    file.write('a', head)
    file.write('b', head)
    await eventually(() => expect(file.status.kind).toBe('failed'))
    file.write('c', head)
    expect(file.status).toEqual({
      kind: 'failed',
      code: 'ENOSPC',
      nextStep: 'The disk is full: make room, or move old files away. The bridge tries again by itself.',
      linesLost: 3,
    })
    clock.advance(defaultJournalLimits.journalRetryMs)
    file.write('d', head)
    await eventually(() => expect(file.status).toMatchObject({ kind: 'failed', linesLost: 4 }))
    isFull = false
    clock.advance(defaultJournalLimits.journalRetryMs)
    file.write('e', head)
    await settled(file, 1)
    await file.stop(1_000)
    expect(Object.values(await contents())).toEqual(['head\ne\n'])
    expect(logLines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'the journal cannot be written; the traffic goes on',
      'the journal is written again',
    ])
  })

  it('says what to do when its folder is a file', async () => {
    await fs.mkdir(join(directory, '..'), { recursive: true })
    await fs.writeFile(directory, '')
    const file = fileWith()
    file.write('a', head)
    await eventually(() =>
      expect(file.status).toEqual({
        kind: 'failed',
        code: 'EEXIST',
        nextStep: 'BRIDGE_JOURNAL_DIR must name a folder, and no file: set it to another one.',
        linesLost: 1,
      }),
    )
    await file.stop(1_000)
    expect(clock.pending).toBe(0)
  })

  it('a disk that is too slow costs lines, never memory, and the file after it begins with the states of then', async () => {
    let open: () => void = () => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    const disk: Disk = {
      ...fs,
      mkdir: (async (...args: Parameters<typeof fs.mkdir>) => {
        await opened
        return fs.mkdir(...args)
      }) as typeof fs.mkdir,
    }
    const file = fileWith({ journalWaitingBytes: 20 }, { disk })
    for (let n = 0; n < 10; n += 1) file.write(`line ${n}`, () => [`head ${n}`])
    expect(file.status).toEqual({ kind: 'writing', linesLost: 8 })
    open()
    await eventually(async () => expect(Object.keys(await contents())).toHaveLength(1))
    await eventually(() => {
      const before = file.status.linesLost
      file.write('line x', () => ['head x'])
      expect(file.status.linesLost).toBe(before)
    })
    await file.stop(1_000)
    const texts = Object.values(await contents())
    expect(texts[0]).toBe('head 0\nline 0\nline 1\n')
    expect(texts[1]).toMatch(/^head x\n(line x\n)+$/)
    expect(logLines).toHaveLength(1)
  })
})

it('each file of a hall can be replayed alone, to the states of then', async () => {
  const file = fileWith({ journalFileBytes: 10_000 })
  const hall = new RecordedHall({ platforms: ['A', 'B'], sink: file, names: 'hide' })
  hall.started()
  let value = 3
  const random = (): number => (value = (value * 16_807) % 2_147_483_647) / 2_147_483_647
  const sessions = ['A', 'B'].map((platform) => hall.playSessions(platform, random))
  hall.clock.advance(300_000)
  hall.link(false)
  hall.link(true)
  hall.clock.advance(200_000)
  for (const one of sessions) one.stop()
  await file.stop(1_000)
  const texts = Object.values(await contents())
  expect(texts.length).toBeGreaterThan(4)
  let compared = 0
  for (const text of texts) {
    const recording = readRecording(text)
    expect(recording.ok).toBe(true)
    const { records } = (recording as { value: Recording }).value
    const states = new Map<string, PlatformState | undefined>()
    for (const record of records) {
      const { platform, n } = record
      states.set(platform, foldRecord(states.get(platform), record))
      const live = hall.live.get(platform)?.find((one) => one.n === n)
      if (live === undefined || record.type !== 'message') continue
      const strip = (state: PlatformState | undefined) => ({
        ...state,
        attempt: undefined,
        judged: undefined,
      })
      expect(strip(states.get(platform))).toEqual(strip(live.state))
      compared += 1
    }
  }
  expect(compared).toBeGreaterThan(100)
})

it.each([
  ['set forward', (clock: FakeClock) => clock.setWallClock(7_776_000_000)],
  ['set back', (clock: FakeClock) => clock.setWallClock(-3_600_000)],
  ['asleep', (clock: FakeClock) => clock.sleep(3_600_000)],
])('after the clock was %s each file has times of one kind, and replays alone', async (_, happens) => {
  const file = fileWith()
  const hall = new RecordedHall({ platforms: ['A'], sink: file })
  hall.started()
  hall.owlcms.fieldOfPlay('A').loadSession(new FixedOrder([jane, zoe]))
  hall.owlcms.fieldOfPlay('A').startLifting()
  hall.clock.advance(5_000)
  happens(hall.clock)
  const [jumpedAt, time] = [hall.clock.now(), hall.clock.wallTime()]
  hall.journal.clockChanged()
  hall.broker.press('owlcms/clock/A', 'start')
  hall.clock.advance(5_000)
  await file.stop(1_000)
  const files = Object.values(await contents()).map((text) => {
    const read = readRecording(text)
    if (!read.ok) throw new Error(read.error.what)
    return read.value
  })
  const [before, after] = [files[0]!, files[1]!]
  expect(files.length).toBe(2)
  expect(before.records.every(({ at }) => at <= jumpedAt)).toBe(true)
  expect([after.header.at, after.records[0]!.type, after.records[0]!.at]).toEqual([time, 'state', time])
  const elapsed = after.records.at(-1)!.at - time
  expect(elapsed).toBeGreaterThanOrEqual(0)
  expect(elapsed).toBeLessThanOrEqual(5_000)
  // The states of then, but for their times.
  const state = after.records.reduce<PlatformState | undefined>(foldRecord, undefined)!
  expect(shiftState(state, jumpedAt - time)).toEqual(hall.live.get('A')!.at(-1)!.state)
})
