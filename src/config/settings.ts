import {
  bridgeName,
  certificates,
  listenAddress,
  oneOf,
  port,
  proxyAddresses,
  publicUrl,
  signingSecret,
  text,
  wholeNumber,
  yesOrNo,
} from './validators.ts'
import { defaultClientLimits } from '../support/limits.ts'
import { logLevels, type LogLevel } from '../support/log-levels.ts'

/** The four of the broker are needed, unless it is open to anybody. */
const unlessAnonymous = {
  default: undefined,
  requiredWhen: (env: Record<string, unknown>) => env['BRIDGE_ALLOW_ANONYMOUS'] !== true,
}

/** Every setting with its description, validator and default: the only place that names them. */
export const specs = {
  OWLCMS_MQTTSERVER: text({
    default: undefined,
    requiredWhen: (env: Record<string, unknown>) => env['BRIDGE_BROKER'] !== 'own',
    desc: 'Address of the MQTT broker, the same as owlcms has.',
    example: 'abc123.s1.eu.hivemq.cloud',
  }),
  OWLCMS_MQTTPORT: text({
    default: undefined,
    desc: 'Port of the broker. TLS if it starts with 8; 443 means MQTT over WebSocket.',
    example: '8883',
  }),
  OWLCMS_MQTTUSERNAME: text({
    ...unlessAnonymous,
    desc: 'User name at the broker, the same as owlcms has.',
    example: 'your-broker-user',
  }),
  OWLCMS_MQTTPASSWORD: text({
    ...unlessAnonymous,
    desc: 'Password at the broker, the same as owlcms has.',
    example: 'your-broker-password',
  }),
  BRIDGE_ALLOW_ANONYMOUS: yesOrNo({
    default: false,
    desc: 'The broker asks for no user name and password.',
    example: 'true',
  }),
  BRIDGE_BROKER: oneOf(['own'] as const)({
    default: undefined,
    desc: 'own: no other broker is needed, owlcms connects to this bridge.',
    example: 'own',
  }),
  BRIDGE_BROKER_PORT: port({
    default: undefined,
    desc: 'Port for owlcms alone, where this bridge is the broker; default: owlcms’s port, in the hall BRIDGE_VENUE_PORT.',
    example: '1883',
  }),
  BRIDGE_MQTT_CA: certificates({
    default: undefined,
    desc: 'CA certificate of your own broker: PEM text or the path of a file.',
    example: '/etc/ssl/my-broker-ca.pem',
  }),
  BRIDGE_ADMIN_PASSWORD: text({
    default: undefined,
    desc: 'Password of the bridge’s administrator.',
    example: 'your-admin-password',
  }),
  BRIDGE_SECRET: signingSecret({
    default: undefined,
    desc: 'Signs the seat links; at least 16 characters.',
    example: 'at-least-16-random-characters',
  }),
  BRIDGE_SECRET_PREVIOUS: signingSecret({
    default: undefined,
    desc: 'The BRIDGE_SECRET before a change: links signed with it still work.',
    example: 'the-secret-of-last-month',
  }),
  BRIDGE_PUBLIC_URL: publicUrl({
    default: undefined,
    desc: 'Address of this bridge as phones reach it, for the links; needed only behind an unusual proxy.',
    example: 'https://bridge.example.org',
  }),
  BRIDGE_TRUSTED_PROXY: proxyAddresses({
    default: undefined,
    desc: 'Addresses of your own proxies, whose X-Forwarded-For counts; loopback means one on this computer.',
    example: 'loopback',
  }),
  BRIDGE_NAME: bridgeName({
    default: undefined,
    desc: 'Name of this bridge: a-z, 0-9 and "-".',
    example: 'north-hall',
  }),
  BRIDGE_LOG_LEVEL: oneOf<LogLevel>(logLevels)({
    default: 'info',
    desc: `How much is logged: ${logLevels.join(', ')}.`,
    example: 'info',
  }),
  BRIDGE_VENUE_PORT: port({
    default: undefined,
    desc: 'Port for plain MQTT in the hall’s own network.',
    example: '1883',
  }),
  BRIDGE_VENUE_USERNAME: text({
    default: undefined,
    desc: 'User name that devices in the hall must give at BRIDGE_VENUE_PORT; without it anybody may connect.',
    example: 'hall',
  }),
  BRIDGE_VENUE_PASSWORD: text({
    default: undefined,
    desc: 'Password that goes with BRIDGE_VENUE_USERNAME.',
    example: 'your-hall-password',
  }),
  BRIDGE_VIEWERS: oneOf(['open', 'token'] as const)({
    default: 'open',
    desc: 'Who may look on: anybody (open), or holders of a link (token).',
    example: 'open',
  }),
  BRIDGE_JOURNAL_DIR: text({
    default: undefined,
    desc: 'Folder for the journal’s files and for what was revoked; without it the journal is kept in memory only.',
    example: '/var/lib/owlcms-bridge',
  }),
  BRIDGE_JOURNAL_NAMES: oneOf(['keep', 'hide'] as const)({
    default: 'keep',
    desc: 'Whether the journal keeps athletes’ names, or writes "athlete 1" instead (hide).',
    example: 'hide',
  }),
  BRIDGE_METRICS_TOKEN: signingSecret({
    default: undefined,
    desc: 'Bearer token for /metrics, at least 16 characters; without one they are off on Fly.io, Heroku and beside BRIDGE_METRICS_PORT, else open.',
    example: 'at-least-16-random-characters',
  }),
  BRIDGE_METRICS_PORT: port({
    default: undefined,
    desc: 'A port of its own for /metrics, without a token; never open it to the Internet.',
    example: '9091',
  }),
  BRIDGE_STOP_DELAY_SECONDS: wholeNumber(
    0,
    290,
  )({
    default: 0,
    desc: 'Seconds that a stop (SIGTERM) may wait for a break on all platforms; the platform kills after its own time.',
    example: '24',
  }),
  PORT: port({ default: 8080, desc: 'Port of the web server; 0 picks a free one.', example: '8080' }),
  HOST: listenAddress({ default: '0.0.0.0', desc: 'Address the web server listens on.', example: '0.0.0.0' }),
  BRIDGE_MAX_CLIENTS: wholeNumber(
    1,
    100_000,
  )({
    default: defaultClientLimits.maxClients,
    desc: 'Clients connected at the same time; a fifth of them is kept for seats, boxes and the organiser.',
    example: String(defaultClientLimits.maxClients),
  }),
}

export type SettingName = keyof typeof specs
/** Every setting of ours, those that people don't set among them. */
export const settingNames = Object.keys(specs) as readonly SettingName[]

/** owlcms's own names that look like ours; no warning for them (docs/owlcms.md 1.1, 1.2). */
export const namesOfOwlcms: readonly string[] = [
  'OWLCMS_MQTTWSPORT',
  'OWLCMS_MQTTWSTARGET',
  'OWLCMS_ENABLEEMBEDDEDMQTT',
]

/** owlcms's `-D` keys, case-sensitive (docs/owlcms.md 1.2). */
export const javaProperties: Readonly<Record<string, SettingName>> = {
  mqttServer: 'OWLCMS_MQTTSERVER',
  mqttPort: 'OWLCMS_MQTTPORT',
  mqttUserName: 'OWLCMS_MQTTUSERNAME',
  mqttPassword: 'OWLCMS_MQTTPASSWORD',
}

/** One line of the table in docs/settings.md and in `--help`. */
export interface Setting {
  readonly name: SettingName
  readonly description: string
  /** As shown to people; empty when there is none. */
  readonly default: string
  readonly required: boolean
  /** Its value must never be shown anywhere. */
  readonly secret: boolean
}

const requiredNames: readonly SettingName[] = [
  'OWLCMS_MQTTSERVER',
  'OWLCMS_MQTTUSERNAME',
  'OWLCMS_MQTTPASSWORD',
]
const secretNames: readonly SettingName[] = [
  'OWLCMS_MQTTPASSWORD',
  'BRIDGE_ADMIN_PASSWORD',
  'BRIDGE_SECRET',
  'BRIDGE_SECRET_PREVIOUS',
  'BRIDGE_VENUE_PASSWORD',
  'BRIDGE_METRICS_TOKEN',
]
/** Whether nobody may see this setting's value. */
export function isSecret(name: SettingName): boolean {
  return secretNames.includes(name)
}

const derivedDefaults: Readonly<Partial<Record<SettingName, string>>> = {
  OWLCMS_MQTTPORT: '8883',
  BRIDGE_ADMIN_PASSWORD: 'the broker’s password',
  BRIDGE_PUBLIC_URL: 'the address that the console was opened with',
  BRIDGE_SECRET: 'derived from the broker’s password',
  BRIDGE_NAME: 'the app’s name on Fly.io or Heroku, else "bridge"',
}

/** All settings, in the order in which people should read about them. */
export const settings: readonly Setting[] = settingNames.map((name) => ({
  name,
  description: specs[name].desc ?? '',
  default: derivedDefaults[name] ?? String(specs[name].default ?? ''),
  required: requiredNames.includes(name),
  secret: isSecret(name),
}))
