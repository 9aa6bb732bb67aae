import { randomBytes } from 'node:crypto'
import { cleanEnv, EnvMissingError } from 'envalid'
import { isCloudBroker, parseBrokerAddress, type BrokerAddress } from '../protocol/link/broker-address.ts'
import { defined } from '../protocol/defined.ts'
import { addressFault, addressWarning, missing, wrong, type ConfigFault } from './faults.ts'
import { ownBroker, withOwnBroker, type OwnBrokerConfig } from './own-broker.ts'
import { checkMetrics, metricsOf, operationsWarnings, stopDelayOf, type MetricsConfig } from './operations.ts'
import { collectTexts, warningOf, warnOfUnknownNames, type ConfigWarning } from './text.ts'
import { SettingProblem } from './validators.ts'
import { isSecret, javaProperties, namesOfOwlcms, settingNames, specs, type SettingName } from './settings.ts'
import type { Hosting } from '../support/hosting.ts'
import type { LogLevel } from '../support/logger.ts'

export { settings } from './settings.ts'
export { givenSettings } from './settings-file.ts'
export type { ConfigFault } from './faults.ts'
export type { ConfigWarning } from './text.ts'

export interface HttpConfig {
  /** 0 means any free port. */
  readonly port: number
  readonly host: string
}

/** Everything the program is told from outside; frozen, with each text checked. */
export interface Config {
  readonly name: string
  /** The settings that were given, by name. */
  readonly given: readonly SettingName[]
  /** Which machine or dyno this is; `local` outside the known platforms. */
  readonly instance: string
  readonly hosting: Hosting
  readonly logLevel: LogLevel
  readonly broker: {
    readonly address: BrokerAddress
    readonly username?: string
    readonly password?: string
    /** One or more certificates, PEM. */
    readonly ca?: string
    /** This bridge is the broker itself, and `address` is where owlcms comes in. */
    readonly own?: OwnBrokerConfig
  }
  /** Without a password there is no administrator. */
  readonly admin: { readonly password?: string }
  /** What the signing keys are made from, at a price (access/signing-keys.ts); never leaves the program. */
  readonly secret: string
  /**
   * The user name where the secret is the broker's password, else empty. Not the broker's address: a bridge in the hall may
   * reach the same broker by another one, and links made in the cloud must work there.
   */
  readonly secretSalt: string
  /** Signed with before: still verifies. */
  readonly previousSecret?: string
  /** `https://host`, without a path: how phones reach this bridge. */
  readonly publicOrigin?: string
  /** Addresses and networks of proxies that may say where a client comes from. */
  readonly trustedProxies: readonly string[]
  readonly http: HttpConfig
  /** Plain MQTT in the hall; anonymous without a user name, like owlcms's own server. */
  readonly venue?: { readonly port: number; readonly username?: string; readonly password?: string }
  readonly viewers: 'open' | 'token'
  /** `directory`: where its files go; without it they don't exist. */
  readonly journal: { readonly names: 'keep' | 'hide'; readonly directory?: string }
  readonly metrics: MetricsConfig
  /** Seconds that a stop may wait for a break, within what the hosting platform allows. */
  readonly stopDelaySeconds: number
  /** Clients connected at the same time. */
  readonly maxClients: number
}

/**
 * `faulty` holds what the setup page needs to run (R9): where to listen, and every fault at once.
 */
export type LoadedConfig =
  | { readonly kind: 'valid'; readonly config: Config; readonly warnings: readonly ConfigWarning[] }
  | {
      readonly kind: 'faulty'
      readonly faults: readonly ConfigFault[]
      readonly http: HttpConfig
      readonly hosting: Hosting
      readonly logLevel: LogLevel
      readonly warnings: readonly ConfigWarning[]
    }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads all settings (docs/settings.md) from an environment and owlcms-style `-DmqttServer=…`
 * arguments. Never throws and never quotes a value; touches nothing outside but the file that
 * BRIDGE_MQTT_CA may name. `randomSecret` is asked only when there is neither a secret nor a password.
 */
export function loadConfig(
  env: Environment,
  argv: readonly string[],
  randomSecret: () => string = () => randomBytes(32).toString('hex'),
  noticed: readonly ConfigWarning[] = [],
): LoadedConfig {
  const collected = collectTexts(env, argv, settingNames, javaProperties)
  const warnings = [
    ...noticed,
    ...collected.warnings,
    ...argumentWarnings(argv),
    ...warnOfUnknownNames(env, ['OWLCMS_MQTT', 'BRIDGE_'], settingNames, namesOfOwlcms),
  ]
  const { values, faults } = validate(withOwnBroker(collected.texts, env['FLY_APP_NAME']))
  const faulty = new Set(faults.map((fault) => fault.setting))
  const hosting = hostingOf(env)
  const own = ownBroker(values, hosting, faults, warnings)
  const address = own?.address ?? readAddress(values, faults, warnings)
  checkTogether(values, faulty, hosting, faults)
  checkSwapped(values, faults, warnings)
  if (faults.length > 0 || address === undefined) {
    const http = {
      port: faulty.has('PORT') ? 8080 : values.PORT,
      host: faulty.has('HOST') ? '0.0.0.0' : values.HOST,
    }
    const logLevel = faulty.has('BRIDGE_LOG_LEVEL') ? 'info' : values.BRIDGE_LOG_LEVEL
    return freeze({ kind: 'faulty', faults: inOrder(faults), http, hosting, logLevel, warnings })
  }
  warnings.push(...operationsWarnings(values, hosting), ...proxyWarnings(values, hosting))
  const broker = { address, ...defined({ own: own?.own }) }
  const given = settingNames.filter((name) => collected.texts[name] !== undefined)
  const config = { ...assemble(env, values, broker, hosting, randomSecret), given }
  return freeze({ kind: 'valid', config, warnings })
}

type Values = ReturnType<typeof cleanEnv<typeof specs>>

function validate(texts: Readonly<Record<string, string>>): { values: Values; faults: ConfigFault[] } {
  const faults: ConfigFault[] = []
  const values = cleanEnv(texts, specs, {
    // The default reporter prints values and ends the process.
    reporter({ errors }) {
      for (const name of settingNames) {
        const error = errors[name]
        if (error instanceof EnvMissingError) faults.push(missing(name))
        else if (error instanceof SettingProblem) faults.push(wrong(name, ...error.saying))
        else if (error !== undefined) throw new Error(`the validator of ${name} broke`)
      }
    },
  })
  // A plain copy: envalid's own object throws when a faulty setting is read.
  return { values: { ...values }, faults }
}

const inOrder = (faults: readonly ConfigFault[]) =>
  faults.toSorted((a, b) => settingNames.indexOf(a.setting) - settingNames.indexOf(b.setting))

function readAddress(
  values: Values,
  faults: ConfigFault[],
  warnings: ConfigWarning[],
): BrokerAddress | undefined {
  // Without a server the port is still checked: all faults at once.
  const server = values.OWLCMS_MQTTSERVER ?? 'localhost'
  const parsed = parseBrokerAddress(server, values.OWLCMS_MQTTPORT)
  if (!parsed.ok) {
    faults.push(addressFault(parsed.error))
    return undefined
  }
  warnings.push(...parsed.value.notes.map(addressWarning))
  return parsed.value.address
}

function checkTogether(
  values: Values,
  faulty: ReadonlySet<SettingName>,
  hosting: Hosting,
  faults: ConfigFault[],
): void {
  const { OWLCMS_MQTTUSERNAME: username, OWLCMS_MQTTPASSWORD: password } = values
  // A password without a user name is not allowed [MQTT-3.1.2-22].
  if (password !== undefined && username === undefined && !faulty.has('OWLCMS_MQTTUSERNAME')) {
    faults.push(missing('OWLCMS_MQTTUSERNAME'))
  }
  if (values.BRIDGE_VENUE_PASSWORD !== undefined && values.BRIDGE_VENUE_USERNAME === undefined) {
    faults.push(wrong('BRIDGE_VENUE_USERNAME', 'noVenueUserName'))
  }
  if (values.BRIDGE_VENUE_PORT !== undefined && hosting === 'heroku') {
    faults.push(wrong('BRIDGE_VENUE_PORT', 'venueOnHeroku'))
  }
  checkMetrics(values, hosting, faults)
  const { BRIDGE_VENUE_PORT: venuePort } = values
  if (venuePort !== undefined && venuePort !== 0 && venuePort === values.PORT) {
    faults.push(wrong('BRIDGE_VENUE_PORT', 'venuePortTaken'))
  }
}

/** Values that stand in each other's places; only what they look like is told, never what they are. */
function checkSwapped(values: Values, faults: ConfigFault[], warnings: ConfigWarning[]): void {
  const { OWLCMS_MQTTUSERNAME: username, OWLCMS_MQTTPASSWORD: password } = values
  if (username !== undefined && looksLikeBroker(username))
    faults.push(wrong('OWLCMS_MQTTUSERNAME', 'userNameIsAddress'))
  if (password !== undefined && looksLikeBroker(password))
    warnings.push(warningOf('OWLCMS_MQTTPASSWORD', 'passwordIsAddress'))
  if (username !== undefined && username === password)
    warnings.push(warningOf('OWLCMS_MQTTPASSWORD', 'samePassword'))
}

function proxyWarnings({ BRIDGE_TRUSTED_PROXY: proxies }: Values, hosting: Hosting): ConfigWarning[] {
  if (proxies === undefined || hosting === 'other') return []
  return [warningOf('BRIDGE_TRUSTED_PROXY', 'proxyNotUsed')]
}

/** Secrets among the arguments; only their names are told. */
function argumentWarnings(argv: readonly string[]): ConfigWarning[] {
  return Object.entries(javaProperties)
    .filter(
      ([key, name]) => isSecret(name) && argv.some((argument) => /^-D(.*?)=./s.exec(argument)?.[1] === key),
    )
    .map(([key, name]) => warningOf(`-D${key}`, 'readByAll', name))
}

const looksLikeBroker = (text: string) =>
  isCloudBroker(
    text
      .toLowerCase()
      .replace(/^[a-z]+:\/\//, '')
      .replace(/[:/].*$/, ''),
  )

function hostingOf(env: Environment): Hosting {
  if (isSet(env['FLY_APP_NAME'])) return 'fly'
  return isSet(env['DYNO']) ? 'heroku' : 'other'
}

const isSet = (text: string | undefined): text is string => text !== undefined && text.trim() !== ''

function nameOf(env: Environment): string {
  const appName = [env['FLY_APP_NAME'], env['HEROKU_APP_NAME']].find(isSet) ?? ''
  const name = appName
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '')
  return name === '' ? 'bridge' : name
}

function instanceOf(env: Environment, hosting: Hosting): string {
  const label = hosting === 'fly' ? env['FLY_MACHINE_ID'] : hosting === 'heroku' ? env['DYNO'] : undefined
  return isSet(label) ? label.trim() : 'local'
}

function assemble(
  env: Environment,
  values: Values,
  broker: Pick<Config['broker'], 'address' | 'own'>,
  hosting: Hosting,
  randomSecret: () => string,
): Omit<Config, 'given'> {
  const { OWLCMS_MQTTPASSWORD: ownPassword, BRIDGE_MQTT_CA: ca } = values
  const { username, password } = loginOf(values, broker.own)
  const adminPassword = values.BRIDGE_ADMIN_PASSWORD ?? ownPassword
  return {
    name: values.BRIDGE_NAME ?? nameOf(env),
    instance: instanceOf(env, hosting),
    hosting,
    logLevel: values.BRIDGE_LOG_LEVEL,
    broker: {
      ...broker,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(ca !== undefined && { ca }),
    },
    admin: { ...(adminPassword !== undefined && { password: adminPassword }) },
    secret: values.BRIDGE_SECRET ?? ownPassword ?? randomSecret(),
    secretSalt: values.BRIDGE_SECRET === undefined && ownPassword !== undefined ? (username ?? '') : '',
    ...(values.BRIDGE_SECRET_PREVIOUS !== undefined && { previousSecret: values.BRIDGE_SECRET_PREVIOUS }),
    ...(values.BRIDGE_PUBLIC_URL !== undefined && { publicOrigin: values.BRIDGE_PUBLIC_URL }),
    trustedProxies: values.BRIDGE_TRUSTED_PROXY ?? [],
    http: { port: values.PORT, host: values.HOST },
    ...venueOf(values),
    viewers: values.BRIDGE_VIEWERS,
    journal: {
      names: values.BRIDGE_JOURNAL_NAMES,
      ...(values.BRIDGE_JOURNAL_DIR !== undefined && { directory: values.BRIDGE_JOURNAL_DIR }),
    },
    metrics: metricsOf(values, hosting),
    stopDelaySeconds: stopDelayOf(values, hosting),
    maxClients: values.BRIDGE_MAX_CLIENTS,
  }
}

/** Where owlcms comes by the hall's own port and has no pair of its own, it needs the hall's, if there is one. */
function loginOf(
  values: Values,
  own: OwnBrokerConfig | undefined,
): { readonly username?: string | undefined; readonly password?: string | undefined } {
  const { OWLCMS_MQTTUSERNAME: username, OWLCMS_MQTTPASSWORD: password } = values
  if (username !== undefined || own === undefined || own.listen !== undefined) return { username, password }
  return { username: values.BRIDGE_VENUE_USERNAME, password: values.BRIDGE_VENUE_PASSWORD }
}

function venueOf(values: Values): Pick<Config, 'venue'> {
  const { BRIDGE_VENUE_PORT: port, BRIDGE_VENUE_USERNAME: username, BRIDGE_VENUE_PASSWORD: password } = values
  if (port === undefined) return {}
  return {
    venue: {
      port,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    },
  }
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === 'object' && inner !== null) freeze(inner)
  }
  return Object.freeze(value)
}
