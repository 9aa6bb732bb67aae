import { parseArgs } from 'node:util'
import { settings } from '../config/config.ts'

/** What the command line asks for. */
export type Command =
  | {
      readonly kind: 'start'
      readonly strict: boolean
      /** Opens plain MQTT for the hall as well. */
      readonly venue: boolean
      readonly properties: readonly string[]
    }
  | { readonly kind: 'demo' }
  | {
      readonly kind: 'replay'
      readonly file: string
      readonly speed: number | 'max'
      readonly platform?: string
    }
  /** The doctor: finds out what is wrong; `json` for programs. */
  | { readonly kind: 'check'; readonly json: boolean; readonly properties: readonly string[] }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'mistake'; readonly message: string }

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
        platform: { type: 'string' },
        json: { type: 'boolean' },
      },
    })
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) }
  }
  const { values, positionals } = parsed
  const [command = 'start', ...rest] = positionals
  if (values.help === true || command === 'help') return { kind: 'help' }
  if (values.version === true) return { kind: 'version' }
  if (command === 'replay') return readReplay(rest, values)
  for (const option of ['speed', 'platform'] as const) {
    if (values[option] !== undefined) {
      return { kind: 'mistake', message: `--${option} belongs to "replay" only.` }
    }
  }
  if (rest.length > 0) return { kind: 'mistake', message: `Unexpected argument "${rest.join(' ')}".` }
  const strict = values.strict ?? false
  if (command === 'start') return { kind: 'start', strict, venue: false, properties }
  // Somebody sits at the laptop in the hall: wrong settings are better told at once.
  if (command === 'venue') return { kind: 'start', strict: true, venue: true, properties }
  if (command === 'check') return { kind: 'check', json: values.json ?? false, properties }
  if (command === 'demo') return { kind: 'demo' }
  return { kind: 'mistake', message: `There is no command "${command}".` }
}

function readReplay(
  files: readonly string[],
  { speed = '1', platform }: { readonly speed?: string | undefined; readonly platform?: string | undefined },
): Command {
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
    ...(platform === undefined ? {} : { platform }),
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
  owlcms-bridge [start] [--strict]   run the bridge; --strict ends with code 2 on wrong settings
                                     instead of serving the setup page
  owlcms-bridge venue                run it in the hall: plain MQTT on port 1883 (BRIDGE_VENUE_PORT) for
                                     devices that know neither TLS nor WebSocket
  owlcms-bridge check [--json]       try the whole way from the settings to owlcms, and say what is wrong;
                                     a running competition notices nothing
  owlcms-bridge demo                 a whole competition on this computer, no account needed
  owlcms-bridge replay FILE [--speed N] [--platform NAME]
                                     play a recording (a journal's file or download) on this computer,
                                     N times as fast (1 to 100, or max), all platforms or one
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
