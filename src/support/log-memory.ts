/** One line of the log: `time` in milliseconds since the epoch, and all further facts as JSON. */
export interface RememberedLine {
  readonly time: number
  readonly level: string
  readonly message: string
  readonly facts: string
}

/** Enough to see what came before a fault. */
const mostLines = 500
/** Characters; a longer line (a stack) is remembered without its facts. */
const longestLine = 4_000

/** The last lines of the log as it was written, secrets hidden already; older ones are let go (R7). */
export class LogMemory {
  #lines: string[] = []

  note(line: string): void {
    this.#lines.push(line.length > longestLine ? shortened(line) : line)
    // Not at each line: to shift a long list costs.
    if (this.#lines.length >= 2 * mostLines) this.#lines = this.#lines.slice(-mostLines)
  }

  /** Oldest first. */
  lines(): readonly RememberedLine[] {
    return this.#lines.slice(-mostLines).map((line) => {
      const { time, level, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
      return {
        time: new Date(String(time)).getTime(),
        level: String(level),
        message: String(msg),
        facts: Object.keys(facts).length === 0 ? '' : JSON.stringify(facts),
      }
    })
  }
}

function shortened(line: string): string {
  const { time, level, msg } = JSON.parse(line) as Record<string, unknown>
  return JSON.stringify({ time, level, msg, shortened: true })
}
