import { pino, type DestinationStream } from 'pino'

/** The part of pino that the program uses: object first, short constant message second. */
export interface Logger {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
  child(facts: object): Logger
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Field names whose values never reach a log line, however deep a caller nests them once (R10). */
const secretFields = ['password', 'username', 'authorization', 'cookie', 'token', 'secret']

/**
 * JSON lines on standard output (or on `destination`), without a worker thread, so that no line is
 * lost at exit. *error*: someone must act. *warn*: we dropped or limited something. *info*: life cycle.
 * *debug*: per publication, topic and size only; never payloads or passwords.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
