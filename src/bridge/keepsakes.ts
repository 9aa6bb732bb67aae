import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Publication } from '../protocol/publication.ts'
import { parseTopic } from '../protocol/topic.ts'
import { errorCode } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'
import type { Keepsakes } from '../upstream/own-broker.ts'

const fileName = 'kept-by-the-broker.json'

/**
 * What a bridge that is the broker itself keeps over a restart, in a file of the journal's folder: what was revoked. States
 * of bridges are those of processes that end with it. A fault of the disk costs the file and nothing else; it is told.
 */
export class KeptInFile implements Keepsakes {
  readonly #directory: string
  readonly #log: Logger
  #kept: Record<string, string> = {}
  #writing: Promise<void> = Promise.resolve()

  constructor(directory: string, log: Logger) {
    this.#directory = directory
    this.#log = log
  }

  async read(): Promise<readonly Publication[]> {
    try {
      const text = await readFile(join(this.#directory, fileName), 'utf8')
      const found = JSON.parse(text) as Record<string, unknown>
      const publications: Publication[] = []
      for (const [name, payload] of Object.entries(found)) {
        const topic = parseTopic(name)
        if (!topic.ok || typeof payload !== 'string' || !isKept(name)) continue
        this.#kept[name] = payload
        publications.push({
          topic: topic.value,
          payload: Buffer.from(payload, 'base64'),
          qos: 1,
          retain: true,
        })
      }
      return publications
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#complain(error, 'what was revoked before cannot be read')
      return []
    }
  }

  keep({ topic, payload }: Publication): void {
    if (!isKept(topic)) return
    this.#kept = { ...this.#kept, [topic]: Buffer.from(payload).toString('base64') }
    this.#writing = this.#writing.then(() => this.#write())
  }

  written(): Promise<void> {
    return this.#writing
  }

  /** Beside the old one first, so that a crash leaves one of the two whole. */
  async #write(): Promise<void> {
    const file = join(this.#directory, fileName)
    try {
      await mkdir(this.#directory, { recursive: true })
      await writeFile(`${file}.new`, JSON.stringify(this.#kept), { mode: 0o600 })
      await rename(`${file}.new`, file)
    } catch (error) {
      this.#complain(error, 'what was revoked cannot be written: it holds until the next restart only')
    }
  }

  #complain(error: unknown, message: string): void {
    const nextStep = 'Check the folder in BRIDGE_JOURNAL_DIR: its rights, and the room on the disk.'
    this.#log.warn({ code: errorCode(error), nextStep }, message)
  }
}

const isKept = (topic: string): boolean => topic.endsWith('/revoked')
