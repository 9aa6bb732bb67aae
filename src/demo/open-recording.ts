import { readFile } from 'node:fs/promises'
import type { JournalRecord } from '../protocol/journal/record.ts'
import { readRecording } from '../protocol/journal/read-recording.ts'
import { errorCode } from '../support/errors.ts'

/** A recording that can be played, or what to tell the user, next step included. */
export type OpenedRecording =
  | {
      readonly kind: 'ready'
      readonly records: readonly JournalRecord[]
      readonly lastLineCut: boolean
    }
  | { readonly kind: 'faulty'; readonly message: string }

/** Reads a file as a whole before anything is started. Never rejects. */
export async function openRecording(file: string, platform?: string): Promise<OpenedRecording> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = String(errorCode(error) ?? 'unknown')
    return faulty(
      `${file} cannot be read (${code}).`,
      'Check the name of the file, and whether you may read it.',
    )
  }
  const read = readRecording(text)
  if (!read.ok) {
    return faulty(
      `${file}, line ${read.error.line}: ${read.error.what} Nothing was started.`,
      'A recording is a file of BRIDGE_JOURNAL_DIR, or the download "As a recording" of the page /journal/<platform>. ' +
        'If only this line is broken, delete it and try again.',
    )
  }
  const { records, lastLineCut } = read.value
  const played = recordsOf(records, platform)
  if (played !== undefined) return { kind: 'ready', records: played, lastLineCut }
  const names = [...new Set(records.map((record) => record.platform as string))]
  return names.length === 0
    ? faulty(`${file} holds no messages.`, 'Use another recording.')
    : faulty(`${file} has no platform of this name.`, `It has: ${names.join(', ')}.`)
}

/** The records of one platform, or all; undefined when the recording has no such platform. */
function recordsOf(
  records: readonly JournalRecord[],
  platform: string | undefined,
): readonly JournalRecord[] | undefined {
  const found = records.filter((record) => platform === undefined || record.platform === platform)
  return found.length === 0 ? undefined : found.toSorted((a, b) => a.at - b.at)
}

function faulty(what: string, nextStep: string): OpenedRecording {
  return { kind: 'faulty', message: `${what}\n${nextStep}` }
}
