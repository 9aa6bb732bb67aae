import { createLogger, type Logger } from '../../src/support/logger.ts'

export const silentLog: Logger = createLogger('silent')

/** A real logger at debug level whose lines the test can read. */
export function recordingLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = []
  return { log: createLogger('debug', { write: (text: string) => void lines.push(text) }), lines }
}
