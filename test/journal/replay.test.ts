import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startBridge } from '../../src/bridge/bridge.ts'
import type { Playback } from '../../src/bridge/dependencies.ts'
import { loadConfig } from '../../src/config/config.ts'
import { openRecording } from '../../src/demo/open-recording.ts'
import { runReplay, type ReplayOptions } from '../../src/demo/replay.ts'
import { foldRecord, shiftState, type JournalRecord } from '../../src/protocol/journal/record.ts'
import type { PlatformState } from '../../src/protocol/field/state.ts'
import { systemClock } from '../../src/support/clock.ts'
import { testUsage } from '../support/running-bridge.ts'
import { silentLog } from '../support/silent-log.ts'
import { RecordedHall } from './recorded-hall.ts'
import { later } from '../support/later.ts'

/** A hall with outages, a restart of owlcms and a jury, recorded for some minutes. */
function recorded(names: 'keep' | 'hide' = 'keep'): readonly JournalRecord[] {
  let value = 7
  const random = (): number => (value = (value * 16_807) % 2_147_483_647) / 2_147_483_647
  const hall = new RecordedHall({ platforms: ['A', 'B/2 é'], names, random })
  hall.started()
  const sessions = hall.journal.names.map((platform) => hall.playSessions(platform, random))
  hall.clock.advance(150_000)
  hall.link(false)
  hall.clock.advance(2_345.5)
  hall.link(true)
  hall.clock.advance(60_000)
  hall.owlcms.platform('A').disconnect()
  hall.clock.advance(700)
  hall.owlcms.platform('A').reconnect()
  hall.clock.advance(30_000)
  hall.broker.press('owlcms/refbox/decision/A', 'nonsense')
  hall.clock.advance(30_000)
  for (const one of sessions) one.stop()
  return hall.journal.names
    .flatMap((platform) => hall.journal.records(platform) ?? [])
    .toSorted((a, b) => a.at - b.at)
}

interface Heard {
  readonly platform: string
  readonly state: PlatformState
}

/** Replays through a real broker and real sockets; every state that the bridge went through, with the times of then. */
async function replay(records: readonly JournalRecord[], speed: ReplayOptions['speed']): Promise<Heard[]> {
  const heard: Heard[] = []
  const running = await runReplay({
    records,
    speed,
    random: Math.random,
    clock: systemClock,
    log: silentLog,
    startBridge: async (settings, playback) => {
      const watched: Playback = {
        now: () => playback.now(),
        admits: (publication) => playback.admits(publication),
        senderOf: (publication) => playback.senderOf(publication),
        begin: (parts) => {
          const shift = records[0]!.at - playback.now()
          const note = (platform: string): void => {
            const { state } = parts.platforms.now(platform as PlatformState['platform'])!
            heard.push({ platform, state: shiftState(state, shift) })
          }
          const nothing = (): void => undefined
          parts.platforms.listen({
            event: ({ platform }) => note(platform),
            reset: note,
            appeared: nothing,
            configured: nothing,
          })
          playback.begin(parts)
        },
      }
      const loaded = loadConfig(
        {
          BRIDGE_BROKER: 'own',
          BRIDGE_BROKER_PORT: '0',
          OWLCMS_MQTTUSERNAME: settings.username,
          OWLCMS_MQTTPASSWORD: settings.password,
          PORT: '0',
          HOST: '127.0.0.1',
        },
        [],
      )
      if (loaded.kind === 'faulty') throw new Error(JSON.stringify(loaded.faults))
      const bridge = await startBridge(loaded.config, {
        clock: systemClock,
        random: Math.random,
        log: silentLog,
        version: '0.0.0-test',
        pageFiles: new Map(),
        usage: testUsage,
        playback: watched,
      })
      return {
        ...{ port: bridge.port, owlcmsPort: bridge.owlcmsPort! },
        get ready() {
          return bridge.ready
        },
        stop: () => bridge.stop(),
      }
    },
  })
  later(running)
  expect(await running.ended).toBe('played')
  return heard
}

/** The states that the reducer alone goes through. */
function folded(records: readonly JournalRecord[]): Heard[] {
  const states = new Map<string, PlatformState | undefined>()
  return records.flatMap((record) => {
    const { platform } = record
    states.set(platform, foldRecord(states.get(platform), record))
    const state = states.get(platform)
    return (record.type === 'message' || record.type === 'state') && state !== undefined
      ? [{ platform, state }]
      : []
  })
}

const ofPlatform = (heard: readonly Heard[], platform: string): PlatformState[] =>
  heard.filter((one) => one.platform === platform).map(({ state }) => state)

it.each(['keep', 'hide'] as const)(
  'a recording (names: %s) played through broker and sockets goes through the very states of then',
  async (names) => {
    const records = recorded(names)
    expect(records.length).toBeGreaterThan(200)
    const expected = folded(records)
    const heard = await replay(records, 'max')
    for (const platform of ['A', 'B/2 é']) {
      expect(ofPlatform(heard, platform)).toEqual(ofPlatform(expected, platform))
    }
  },
)

it('keeps the spacing of then, divided by the speed', async () => {
  const records = recorded().filter(({ platform }) => platform === 'A')
  const start = records.findIndex(({ at }) => at - records[0]!.at > 60_000)
  const some = records.slice(start).filter(({ at }) => at - records[start]!.at < 20_000)
  const begun = systemClock.now()
  await replay(some, 20)
  const tookMs = systemClock.now() - begun
  const spanMs = some.at(-1)!.at - some[0]!.at
  expect(tookMs).toBeGreaterThanOrEqual(spanMs / 20)
})

describe('a file', () => {
  async function open(text: string | undefined, platform?: string): ReturnType<typeof openRecording> {
    const folder = await mkdtemp(join(tmpdir(), 'recording-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'r.jsonl')
    if (text !== undefined) await writeFile(file, text)
    const opened = await openRecording(file, platform)
    return opened.kind === 'ready' ? opened : { ...opened, message: opened.message.replace(file, 'FILE') }
  }

  const header = '{"type":"journal","format":1,"bridge":"b","version":"1","at":1,"names":"keep"}'
  const mark = '{"type":"mark","n":1,"at":1,"platform":"A","mark":"linkLost"}'
  const howTo =
    'A recording is a file of BRIDGE_JOURNAL_DIR, or the download "As a recording" of the page /journal/<platform>. ' +
    'If only this line is broken, delete it and try again.'

  it.each([
    [
      'that is missing',
      undefined,
      'FILE cannot be read (ENOENT).\nCheck the name of the file, and whether you may read it.',
    ],
    ['that is empty', '', `FILE, line 1: The file is empty. Nothing was started.\n${howTo}`],
    ['of something else', 'a,b\n1,2\n', `FILE, line 1: It is not JSON. Nothing was started.\n${howTo}`],
    [
      'without its first line',
      `${mark}\n`,
      `FILE, line 1: It does not begin with the line of type "journal". Nothing was started.\n${howTo}`,
    ],
    [
      'of a newer bridge',
      header.replace('"format":1', '"format":2'),
      `FILE, line 1: It was written by a newer bridge, in a format unknown to this one. Nothing was started.\n${howTo}`,
    ],
    [
      'with a field that is wrong',
      `${header}\n${mark}\n${mark.replace('linkLost', 'x')}\n`,
      `FILE, line 3: Its field "mark" is missing or wrong. Nothing was started.\n${howTo}`,
    ],
    [
      'with a line broken in the middle',
      `${header}\n{"type":\n${mark}\n`,
      `FILE, line 2: It is not JSON. Nothing was started.\n${howTo}`,
    ],
    ['without any messages', header, 'FILE holds no messages.\nUse another recording.'],
  ])('%s is told with its line and the next step', async (_name, text, message) => {
    expect(await open(text)).toEqual({ kind: 'faulty', message })
  })

  it('without the platform asked for names those it has', async () => {
    expect(await open(`${header}\n${mark}\n`, 'B')).toEqual({
      kind: 'faulty',
      message: 'FILE has no platform of this name.\nIt has: A.',
    })
  })

  it('whose last line is cut off is played without it', async () => {
    expect(await open(`${header}\n${mark}\n${mark.slice(0, 30)}`)).toEqual({
      kind: 'ready',
      records: [JSON.parse(mark)],
      lastLineCut: true,
    })
  })
})
