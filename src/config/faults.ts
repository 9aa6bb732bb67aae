import type { AddressFault, AddressNote } from '../protocol/link/broker-address.ts'
import { say } from '../texts/saying.ts'
import { setupTexts, type SettingFault, type SetupFault } from '../texts/setup-texts.ts'
import { warningOf, type ConfigWarning } from './text.ts'
import { specs, type SettingName } from './settings.ts'

/** One missing or wrong setting. */
export interface ConfigFault extends SetupFault {
  readonly setting: SettingName
}

type Required = 'OWLCMS_MQTTSERVER' | 'OWLCMS_MQTTUSERNAME' | 'OWLCMS_MQTTPASSWORD'

const missingFaults = {
  OWLCMS_MQTTSERVER: ['noServer'],
  OWLCMS_MQTTUSERNAME: ['noUserName'],
  OWLCMS_MQTTPASSWORD: ['noPassword'],
} as const satisfies Readonly<Record<Required, SettingFault>>

/** The fault of a setting that must be there and isn't. */
export function missing(setting: SettingName): ConfigFault {
  if (!isRequired(setting)) throw new Error(`${setting} may be left out`)
  return faultOf(setting, 'missing', missingFaults[setting])
}

const isRequired = (setting: SettingName): setting is Required => Object.hasOwn(missingFaults, setting)

/** The fault of a setting whose value cannot be used; its facts must not quote it. */
export function wrong(setting: SettingName, ...saying: SettingFault): ConfigFault {
  return faultOf(setting, 'wrong', saying)
}

function faultOf(setting: SettingName, problem: ConfigFault['problem'], saying: SettingFault): ConfigFault {
  const example = specs[setting].example ?? ''
  return { setting, problem, ...say(setupTexts.en.faults, saying), saying, example }
}

const addressFaults: Readonly<Record<AddressFault, SettingFault>> = {
  credentials: ['credentials'],
  swapped: ['swapped'],
  consolePage: ['consolePage'],
  webPage: ['webPage'],
  scheme: ['scheme'],
  host: ['host'],
  portInServer: ['portInServer'],
  port: ['brokerPort'],
  portConflict: ['portConflict'],
  path: ['path'],
}

const addressNotes = {
  plainOnTlsPort: 'OWLCMS_MQTTSERVER',
  plainOnCloud: 'OWLCMS_MQTTPORT',
  defaultPortWithWebSocket: 'OWLCMS_MQTTPORT',
  hiveMqWebSocket: 'OWLCMS_MQTTPORT',
  hostWithoutDot: 'OWLCMS_MQTTSERVER',
} as const satisfies Readonly<Record<AddressNote, SettingName>>

/** Why the broker's address cannot be used. */
export function addressFault(fault: AddressFault): ConfigFault {
  const isPort = fault === 'port' || fault === 'portConflict'
  return wrong(isPort ? 'OWLCMS_MQTTPORT' : 'OWLCMS_MQTTSERVER', ...addressFaults[fault])
}

/** What to say about an address that works, but may not be what was meant. */
export function addressWarning(note: AddressNote): ConfigWarning {
  return warningOf(addressNotes[note], note)
}
