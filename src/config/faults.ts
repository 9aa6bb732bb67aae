import type { AddressFault, AddressNote } from '../protocol/link/broker-address.ts'
import type { ConfigWarning } from './text.ts'
import { specs, type SettingName } from './settings.ts'

/** One missing or wrong setting in an organiser's words. No field ever holds its value (R10). */
export interface ConfigFault {
  readonly setting: SettingName
  readonly problem: 'missing' | 'wrong'
  readonly what: string
  readonly why: string
  readonly nextStep: string
  /** A made-up value, for the lines that show how to set it. */
  readonly example: string
}

/** The fault of a setting that must be there and isn't. */
export function missing(setting: SettingName): ConfigFault {
  const why = setting.startsWith('OWLCMS_')
    ? `${specs[setting].desc ?? ''} Without it the bridge cannot reach the broker.`
    : (specs[setting].desc ?? '')
  const next =
    'Set it to the value that owlcms has; it stands in owlcms’s own settings and on the broker’s page.'
  return {
    setting,
    problem: 'missing',
    what: 'It is not set.',
    why,
    nextStep: next,
    example: exampleOf(setting),
  }
}

/** The fault of a setting whose value cannot be used; the texts must not quote it. */
export function wrong(setting: SettingName, what: string, why: string, nextStep: string): ConfigFault {
  return { setting, problem: 'wrong', what, why, nextStep, example: exampleOf(setting) }
}

const exampleOf = (setting: SettingName) => specs[setting].example ?? ''
const onlyTheName = 'Set it to the broker’s name only, such as abc123.s1.eu.hivemq.cloud.'

const addressFaults: Readonly<Record<AddressFault, readonly [SettingName, string, string, string]>> = {
  credentials: [
    'OWLCMS_MQTTSERVER',
    'It contains an "@": a user name or a password seems to be inside the address.',
    'They have settings of their own, so that they stay secret.',
    'Leave only the address here; use OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD for the rest.',
  ],
  swapped: [
    'OWLCMS_MQTTSERVER',
    'It is a port number, and OWLCMS_MQTTPORT is not: the two seem to be swapped.',
    'OWLCMS_MQTTSERVER takes the broker’s address, OWLCMS_MQTTPORT its port.',
    'Swap the two values.',
  ],
  consolePage: [
    'OWLCMS_MQTTSERVER',
    'It is the web page where you manage brokers, not a broker.',
    'The broker itself has an address of its own.',
    'Open that page, choose your cluster, and copy its "URL": it looks like abc123.s1.eu.hivemq.cloud.',
  ],
  webPage: [
    'OWLCMS_MQTTSERVER',
    'It is the address of a web page (http or https).',
    'A broker speaks MQTT, not HTTP.',
    `${onlyTheName} For MQTT over WebSocket write wss:// in place of https://.`,
  ],
  scheme: [
    'OWLCMS_MQTTSERVER',
    'It starts with something unknown before "://".',
    'The bridge knows mqtts, ssl, tls, mqtt, tcp, wss and ws.',
    onlyTheName,
  ],
  host: [
    'OWLCMS_MQTTSERVER',
    'It is not the address of a computer.',
    'An address holds letters, digits, dots and hyphens, without spaces.',
    onlyTheName,
  ],
  portInServer: [
    'OWLCMS_MQTTSERVER',
    'The port after the ":" is not a port number.',
    'Ports are whole numbers from 1 to 65535.',
    `${onlyTheName} The port goes into OWLCMS_MQTTPORT.`,
  ],
  port: [
    'OWLCMS_MQTTPORT',
    'It is not a port number.',
    'Ports are whole numbers from 1 to 65535, without leading zeros.',
    'Set it to 8883, or to the port on the broker’s page.',
  ],
  portConflict: [
    'OWLCMS_MQTTPORT',
    'OWLCMS_MQTTSERVER and OWLCMS_MQTTPORT name different ports.',
    'The bridge cannot know which of the two is meant.',
    'Take the port out of OWLCMS_MQTTSERVER, and check OWLCMS_MQTTPORT against the broker’s page.',
  ],
  path: [
    'OWLCMS_MQTTSERVER',
    'There is something after the address that does not belong there.',
    'Only a wss:// address may have a path, such as /mqtt, and none has "?" or "#".',
    onlyTheName,
  ],
}

const addressNotes: Readonly<Record<AddressNote, readonly [SettingName, string]>> = {
  plainOnTlsPort: [
    'OWLCMS_MQTTSERVER',
    'It asks for a connection without encryption, although ports that start with 8 have TLS. Leave out mqtt:// or tcp:// for TLS.',
  ],
  plainOnCloud: [
    'OWLCMS_MQTTPORT',
    'This broker in the cloud takes encrypted connections only. Set OWLCMS_MQTTPORT to 8883.',
  ],
  defaultPortWithWebSocket: [
    'OWLCMS_MQTTPORT',
    '8883 is not used, because OWLCMS_MQTTSERVER starts with wss:// or ws://.',
  ],
  hiveMqWebSocket: [
    'OWLCMS_MQTTPORT',
    '8884 is HiveMQ Cloud’s port for MQTT over WebSocket, and is used as such.',
  ],
  hostWithoutDot: ['OWLCMS_MQTTSERVER', 'It has no dot: right only for a computer in your own network.'],
}

/** Why the broker's address cannot be used. */
export function addressFault(fault: AddressFault): ConfigFault {
  return wrong(...addressFaults[fault])
}

/** What to say about an address that works, but may not be what was meant. */
export function addressWarning(note: AddressNote): ConfigWarning {
  const [setting, what] = addressNotes[note]
  return { setting, what }
}

/** Why the user name cannot be one: it looks like the broker's address. */
export const userNameIsAddress: ConfigFault = wrong(
  'OWLCMS_MQTTUSERNAME',
  'It looks like the address of a broker: some of the four values seem to be swapped.',
  'The user name is one that you made up for the broker’s user.',
  'Check all four: OWLCMS_MQTTSERVER takes the broker’s address, OWLCMS_MQTTUSERNAME the user’s name.',
)

/** What to say of a password that looks like the broker's address. */
export const passwordIsAddress: ConfigWarning = {
  setting: 'OWLCMS_MQTTPASSWORD',
  what: 'It looks like the address of a broker: some of the four values may be swapped.',
}

/** What to say of a user name and a password that are the same text. */
export const samePassword: ConfigWarning = {
  setting: 'OWLCMS_MQTTPASSWORD',
  what: 'It is the same as OWLCMS_MQTTUSERNAME: one of the two may have been pasted twice.',
}
