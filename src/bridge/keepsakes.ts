import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RevocationFile } from '../access/revocation-keeper.ts'
import { errorCode } from '../support/errors.ts'
import type { Logger } from '../support/logger.ts'

const fileName = 'revoked.json'

/**
 * What was revoked, in a file of the journal's folder: it outlives restarts also where the broker doesn't keep it, or is this
 * bridge itself. A fault of the disk costs the file and nothing else; it is told.
 */
export class RevokedInFile implements RevocationFile {
  readonly #directory: string
  readonly #log: Logger

  constructor(directory: string, log: Logger) {
    this.#directory = directory
    this.#log = log
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.#directory, fileName))
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#complain(error, 'what was revoked before cannot be read')
      return undefined
    }
  }

  /** Beside the old one first, so that a crash leaves one of the two whole. */
  async write(bytes: Uint8Array): Promise<boolean> {
    const file = join(this.#directory, fileName)
    try {
      await mkdir(this.#directory, { recursive: true })
      await writeFile(`${file}.new`, bytes, { mode: 0o600 })
      await rename(`${file}.new`, file)
      return true
    } catch (error) {
      this.#complain(error, 'what was revoked cannot be written: it may hold until the next restart only')
      return false
    }
  }

  #complain(error: unknown, message: string): void {
    const nextStep = 'Check the folder in BRIDGE_JOURNAL_DIR: its rights, and the room on the disk.'
    this.#log.warn({ code: errorCode(error), nextStep }, message)
  }
}
