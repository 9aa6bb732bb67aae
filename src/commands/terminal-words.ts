import { parseSeatKey } from '../protocol/contract/seat.ts'
import { organiser } from '../texts/en/organiser.ts'
import { shared } from '../texts/en/shared.ts'
import { seatName } from '../texts/names.ts'

/** What the log's own lines don't tell. */
export interface TerminalFacts {
  /** How others in the network reach this computer, the likeliest first; never empty. */
  readonly addresses: readonly string[]
  /** The setting that says how phones reach it, if it is set. */
  readonly publicUrl?: string
  /** `14:03:12`, now. */
  readonly time: () => string
}

/** A line of the log, as support/logger.ts writes it. */
type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string }

/**
 * Tells the log to somebody who sits at the laptop: where to open the page, where boxes go, what is wrong and what to do. What
 * only a technician wants is left out; a fault is told once, not at each try. Never more than the log's own lines say,
 * so that no secret comes in (R10).
 */
export class TerminalWords {
  readonly #facts: TerminalFacts
  #fault = ''

  constructor(facts: TerminalFacts) {
    this.#facts = facts
  }

  /** What to show for a line of JSON: some lines, each with its end, or nothing. */
  tell(json: string): string {
    const line = JSON.parse(json) as LogLine
    const told = this.#tell(line)
    return told.map((text) => `${text}\n`).join('')
  }

  #tell(line: LogLine): readonly string[] {
    switch (line.msg) {
      case 'starting':
        return [`owlcms-bridge ${text(line, 'version')}. Ctrl-C stops it.`]
      case 'listening':
        return this.#places(text(line, 'port'))
      case 'listening for plain MQTT in the hall':
        return [
          ...this.#facts.addresses.map((host) => `Boxes: ${host}, port ${text(line, 'venuePort')}`),
          ...('owlcmsPort' in line ? this.#owlcms(line) : []),
        ]
      case 'listening for owlcms':
        return this.#owlcms(line)
      case 'this bridge is the broker':
        return [this.#now('✓ This bridge is the broker: owlcms connects to it.')]
      case 'settings are missing or wrong: serving the setup page':
        return [...this.#places(text(line, 'port')), 'The page says what to set.']
      case 'setting':
        return advice(line.level === 'error' ? '✗' : '!', {
          ...line,
          what: `${text(line, 'setting')}: ${text(line, 'what')}`,
        })
      case 'connected to the broker':
        this.#fault = ''
        return [this.#now('✓ Connected to the broker.')]
      case 'broker link down':
        return this.#news(faultCode(line), advice(this.#now('✗'), line))
      case 'owlcms':
        return line['presence'] === 'answering'
          ? [this.#now(`✓ owlcms answers${version(line)}. Decisions get through.`)]
          : []
      case 'owlcms does not answer':
        return [this.#now('✗ owlcms does not answer. Start it, and look at the status page.')]
      case 'owlcms answers, but not for this platform':
        return [this.#now(`✗ owlcms answers, but not for platform ${text(line, 'platform')}.`)]
      case 'owlcms answers for this platform again':
        return [this.#now(`✓ owlcms answers for platform ${text(line, 'platform')} again.`)]
      case 'press':
        return line.level === 'warn' ? [this.#now(pressWords(line))] : []
      case 'client refused: user name or password':
        return [this.#now(`! A device at ${text(line, 'address')} gave a wrong user name or password.`)]
      case 'stopping':
        return ['Stopping …']
      case 'stopped':
        return ['Stopped.']
      default:
        return this.#other(line)
    }
  }

  #owlcms(line: LogLine): readonly string[] {
    return this.#facts.addresses.map(
      (host) => `owlcms: MQTT server ${host}, port ${text(line, 'owlcmsPort')}`,
    )
  }

  #places(port: string): readonly string[] {
    const { publicUrl, addresses } = this.#facts
    if (publicUrl !== undefined) return [`Open ${publicUrl}`]
    return addresses.map((host) => `Open http://${host.includes(':') ? `[${host}]` : host}:${port}`)
  }

  /** Lines that have no words of their own: said as they are, if somebody has to look at them. */
  #other(line: LogLine): readonly string[] {
    if (line.level !== 'warn' && line.level !== 'error') return []
    const what = [line.msg, text(line, 'err')].filter((part) => part !== '').join(': ')
    return advice(this.#now(line.level === 'error' ? '✗' : '!'), { what, nextStep: line['nextStep'] })
  }

  #news(fault: string, lines: readonly string[]): readonly string[] {
    if (fault === this.#fault) return []
    this.#fault = fault
    return lines
  }

  #now(words: string): string {
    return `${this.#facts.time()} ${words}`
  }
}

/** Not known before owlcms has told it. */
function version(line: LogLine): string {
  const known = text(line, 'version')
  return known === '' ? '' : ` (version ${known})`
}

function advice(mark: string, line: Readonly<Record<string, unknown>>): readonly string[] {
  const [what, why, nextStep] = ['what', 'why', 'nextStep'].map((name) => text(line, name))
  return [
    `${mark} ${what ?? ''}`,
    ...(why === undefined || why === '' ? [] : [`  ${why}`]),
    ...(nextStep === undefined || nextStep === '' ? [] : [`  → ${nextStep}`]),
  ]
}

function pressWords(line: LogLine): string {
  const seat = parseSeatKey(text(line, 'seat'))
  const who = seat === undefined ? text(line, 'kind') : seatName(shared, seat.role, seat.number)
  const outcomes: Readonly<Record<string, string>> = organiser.outcome
  const outcome = text(line, 'outcome')
  return `! ${shared.platform(text(line, 'platform'))}, ${who}: ${outcomes[outcome] ?? outcome}`
}

function faultCode(line: LogLine): string {
  const fault = line['fault']
  return typeof fault === 'object' && fault !== null && 'code' in fault ? String(fault.code) : ''
}

function text(line: Readonly<Record<string, unknown>>, name: string): string {
  const value = line[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Of one network interface, as node:os has it. */
export interface NetworkAddress {
  readonly address: string
  readonly family: string
  readonly internal: boolean
}

/** How this computer is reached when it listens on `host`: by its IPv4 addresses, if on all; those of halls' networks first. */
export function ownAddresses(host: string, found: readonly NetworkAddress[]): readonly string[] {
  if (host === '127.0.0.1' || host === '::1') return ['localhost']
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const usable = found
    .filter(
      ({ internal, family, address }) => !internal && family === 'IPv4' && !address.startsWith('169.254.'),
    )
    .map(({ address }) => address)
  const halls = usable.filter((address) => /^(192\.168|10|172\.(1[6-9]|2\d|3[01]))\./.test(address))
  const sorted = [...halls, ...usable.filter((address) => !halls.includes(address))]
  return sorted.length === 0 ? ['localhost'] : sorted
}
