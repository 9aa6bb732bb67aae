import { parseArgs } from 'node:util'
import { settings } from '../config/config.ts'
import { parseSeatKey } from '../protocol/contract/seat.ts'
import type { Platform } from '../protocol/owlcms/topics.ts'
import { defined } from '../protocol/defined.ts'
import { triedRoles, type TriedSeat } from '../trial/steps.ts'

/** What the command line asks for. */
export type Command =
  | {
      readonly kind: 'start'
      readonly strict: boolean
      /** Opens plain MQTT for the hall as well. */
      readonly venue: boolean
      readonly properties: readonly string[]
      /** A file with settings. */
      readonly file?: string
    }
  | { readonly kind: 'demo' }
  | {
      readonly kind: 'replay'
      readonly file: string
      readonly speed: number | 'max'
      readonly platform?: string
    }
  /** Plays owlcms on a broker; `people`: they press, and only the clock is automatic. */
  | {
      readonly kind: 'simulate'
      readonly platforms: readonly string[]
      readonly version: string
      readonly jurySize: 3 | 5
      readonly people: boolean
      readonly properties: readonly string[]
      readonly file?: string
    }
  /** Judges one device. */
  | { readonly kind: 'tryDevice'; readonly seat: TriedSeat; readonly version: string; readonly json: boolean }
  /** The doctor: finds out what is wrong; `json` for programs. */
  | {
      readonly kind: 'check'
      readonly json: boolean
      readonly properties: readonly string[]
      readonly file?: string
    }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'mistake'; readonly message: string }

/** What the process ends with: `runTime` is worth a new try, `configuration` is not before a setting is changed. */
export const exitCodes = { ok: 0, runTime: 1, configuration: 2 } as const

/**
 * Reads the arguments after `node main.js`. owlcms's own `-DmqttServer=…` properties are kept for the
 * settings. Never throws.
 */
export function readCommand(argv: readonly string[]): Command {
  const properties = argv.filter((argument) => argument.startsWith('-D'))
  const args = argv.filter((argument) => !argument.startsWith('-D'))
  let parsed
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
        strict: { type: 'boolean' },
        speed: { type: 'string' },
        platform: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        seat: { type: 'string' },
        owlcms: { type: 'string' },
        jury: { type: 'string' },
        people: { type: 'boolean' },
        settings: { type: 'string' },
      },
    })
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) }
  }
  const { values, positionals } = parsed
  const [command = 'start', ...rest] = positionals
  if (values.help === true || command === 'help') return { kind: 'help' }
  if (values.version === true) return { kind: 'version' }
  const foreign = foreignOption(command, values)
  if (foreign !== undefined) return { kind: 'mistake', message: foreign }
  if (command === 'replay') return readReplay(rest, values)
  if (rest.length > 0) return { kind: 'mistake', message: `Unexpected argument "${rest.join(' ')}".` }
  const file = values.settings === undefined ? {} : { file: values.settings }
  if (command === 'start' || command === 'venue') {
    const strict = values.strict ?? false
    return { kind: 'start', strict, venue: command === 'venue', properties, ...file }
  }
  if (command === 'check') return { kind: 'check', json: values.json ?? false, properties, ...file }
  if (command === 'demo') return { kind: 'demo' }
  if (command === 'simulate') return readSimulate(values, { properties, ...file })
  if (command === 'try-device') return readTryDevice(values)
  return { kind: 'mistake', message: `There is no command "${command}".` }
}

interface Options {
  readonly speed?: string | undefined
  readonly platform?: readonly string[] | undefined
  readonly seat?: string | undefined
  readonly owlcms?: string | undefined
  readonly jury?: string | undefined
  readonly people?: boolean | undefined
  readonly json?: boolean | undefined
  readonly settings?: string | undefined
}

/** Options that only some commands have. */
const commandsWith: Readonly<Partial<Record<keyof Options, readonly string[]>>> = {
  settings: ['start', 'venue', 'check', 'simulate'],
  speed: ['replay'],
  platform: ['replay', 'simulate', 'try-device'],
  seat: ['try-device'],
  owlcms: ['simulate', 'try-device'],
  jury: ['simulate'],
  people: ['simulate'],
}

function foreignOption(command: string, values: Options): string | undefined {
  for (const [option, commands] of Object.entries(commandsWith)) {
    if (values[option as keyof Options] === undefined || commands.includes(command)) continue
    return `--${option} belongs to ${commands.map((name) => `"${name}"`).join(', ')} only.`
  }
  return undefined
}

const latestOwlcms = '69.0.0'

/** A version as owlcms writes it; undefined when it is none. */
function readVersion(text = latestOwlcms): string | undefined {
  return /^[0-9]{1,4}(\.[0-9]{1,4}){0,3}(-[\w.]+)?$/.test(text) ? text : undefined
}

const noVersion = 'The version of owlcms is written like 69.0.0.'

function readSimulate(
  values: Options,
  given: { readonly properties: readonly string[]; readonly file?: string },
): Command {
  const version = readVersion(values.owlcms)
  if (version === undefined) return { kind: 'mistake', message: noVersion }
  const { jury = '3', platform: platforms = ['A'], people = false } = values
  if (jury !== '3' && jury !== '5') return { kind: 'mistake', message: 'A jury has 3 or 5 members.' }
  const bad = platforms.find((name) => name === '' || /[+#\0]/.test(name))
  if (bad !== undefined)
    return { kind: 'mistake', message: 'A platform’s name can’t be empty or contain + or #.' }
  if (new Set(platforms).size < platforms.length)
    return { kind: 'mistake', message: 'Two platforms have one name.' }
  return { kind: 'simulate', platforms, version, jurySize: jury === '3' ? 3 : 5, people, ...given }
}

function readTryDevice(values: Options): Command {
  const version = readVersion(values.owlcms)
  if (version === undefined) return { kind: 'mistake', message: noVersion }
  const [platform = 'A', ...more] = values.platform ?? []
  if (more.length > 0) return { kind: 'mistake', message: 'A device is tried on one platform only.' }
  const { role: given, number = 1 } = parseSeatKey(values.seat ?? 'referee-1') ?? {}
  const role = triedRoles.find((one) => one === given)
  if (role === undefined) {
    return {
      kind: 'mistake',
      message: 'Which seat? --seat=referee-1 (to 3), timekeeper, juryMember-1 (to 5) or juryPresident.',
    }
  }
  return {
    kind: 'tryDevice',
    seat: { platform: platform as Platform, role, number },
    version,
    json: values.json ?? false,
  }
}

function readReplay(files: readonly string[], { speed = '1', platform: platforms = [] }: Options): Command {
  const [platform] = platforms
  if (platforms.length > 1) return { kind: 'mistake', message: 'Give one platform, or none for all.' }
  const [file, ...more] = files
  if (file === undefined || more.length > 0) {
    return { kind: 'mistake', message: 'Which recording? Give one file: owlcms-bridge replay FILE' }
  }
  const times = /^[0-9]{1,3}$/.test(speed) ? Number(speed) : 0
  if (speed !== 'max' && (times < 1 || times > 100)) {
    return { kind: 'mistake', message: 'The speed is a whole number from 1 to 100, or max.' }
  }
  return {
    kind: 'replay',
    file,
    speed: speed === 'max' ? 'max' : times,
    ...defined({ platform }),
  }
}

/** The whole help, settings included, at most 100 columns wide. */
export function helpText(): string {
  const lines = settings.map((setting) => {
    const value = setting.required ? 'required' : setting.default === '' ? '' : `default: ${setting.default}`
    return `  ${setting.name}${value === '' ? '' : ` (${value})`}\n${wrap(setting.description, 6)}`
  })
  return `owlcms-bridge: the link between officials' devices and an owlcms that runs in the cloud.

Usage:
  owlcms-bridge [start] [--strict]   run the bridge; with --strict, wrong settings end it with
                                     code 2 instead of showing the setup page
  owlcms-bridge venue                run it in the hall: plain MQTT on port 1883 (BRIDGE_VENUE_PORT)
                                     for devices that know neither TLS nor WebSocket
  owlcms-bridge check [--json]       follow the whole way from the settings to owlcms and say what
                                     is wrong; safe during a competition
      --settings FILE                for start, venue, check, simulate: read the settings from a
                                     file, one NAME=value per line, the value as it is, no quotes
  owlcms-bridge demo                 a whole competition on this computer, no account needed
  owlcms-bridge replay FILE [--speed N] [--platform NAME]
                                     play a recording (a journal's file or download) on this
                                     computer, N times as fast (1 to 100, or max), all platforms or
                                     one
  owlcms-bridge simulate [--platform NAME]… [--owlcms VERSION] [--jury 5] [--people]
                                     play owlcms, one session after another, on the broker of the
                                     settings or, without any, on this computer (port 1883);
                                     --people: people decide
  owlcms-bridge try-device [--seat SEAT] [--platform NAME] [--owlcms VERSION] [--json]
                                     for builders: connect a device to this computer, do what you
                                     are told, and read what it did right and wrong
  owlcms-bridge --help | --version

Settings are environment variables; owlcms's own -DmqttServer=… arguments work too.
The four OWLCMS_MQTT… ones are the same as owlcms's:

${lines.join('\n')}

Exit codes: 0 stopped as asked or nothing found, 1 could not run or trouble found, 2 wrong settings or
arguments.
`
}

function wrap(text: string, indent: number): string {
  const width = 100 - indent
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each).join('\n')
}
