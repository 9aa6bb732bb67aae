import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'
import { LogMemory, type RememberedLine } from './log-memory.ts'
import { logLevels, type LogLevel } from './log-levels.ts'

export { logLevels, type LogLevel } from './log-levels.ts'

/** The part of pino that the program uses: object first, short constant message second. */
export interface Logger {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
  child(facts: object): Logger
  /** Changes how much is logged from now on, by this logger, its parents and all their children alike. */
  setLevel(level: LogLevel): void
  /** The last lines that were written, by all of the family, oldest first. */
  recent(): readonly RememberedLine[]
}

/** Field names whose values never reach a log line, however deep a caller nests them once (R10). */
const secretFields = [
  'password',
  'username',
  'authorization',
  'cookie',
  'token',
  'secret',
  'jwt',
  'metricsToken',
  'query',
]

/**
 * JSON lines on standard output (or on `destination`), without a worker thread, so that no line is
 * lost at exit. *error*: someone must act. *warn*: we dropped or limited something. *info*: life cycle, and what
 * became of each press. *debug*: per publication, topic and size only; never payloads or passwords.
 */
export function createLogger(level: LogLevel, destination: DestinationStream = pino.destination()): Logger {
  const options = {
    // The most that is ever wanted; less is the level's business, which all loggers of a family share.
    level: 'debug',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' },
  }
  const memory = new LogMemory()
  const write = (line: string): void => {
    memory.note(line)
    destination.write(line)
  }
  return new FamilyLogger(pino(options, { write }), { least: logLevels.indexOf(level), memory })
}

interface Family {
  least: number
  readonly memory: LogMemory
}

/** Pino copies the level into each child when it is made; here one number rules the whole family. */
class FamilyLogger implements Logger {
  readonly #pino: PinoLogger
  readonly #family: Family

  constructor(logger: PinoLogger, family: Family) {
    this.#pino = logger
    this.#family = family
  }

  debug(facts: object, message: string): void {
    this.#write('debug', facts, message)
  }

  info(facts: object, message: string): void {
    this.#write('info', facts, message)
  }

  warn(facts: object, message: string): void {
    this.#write('warn', facts, message)
  }

  error(facts: object, message: string): void {
    this.#write('error', facts, message)
  }

  child(facts: object): Logger {
    return new FamilyLogger(this.#pino.child(facts), this.#family)
  }

  setLevel(level: LogLevel): void {
    this.#family.least = logLevels.indexOf(level)
  }

  recent(): readonly RememberedLine[] {
    return this.#family.memory.lines()
  }

  #write(level: Exclude<LogLevel, 'silent'>, facts: object, message: string): void {
    if (logLevels.indexOf(level) >= this.#family.least) this.#pino[level](facts, message)
  }
}
