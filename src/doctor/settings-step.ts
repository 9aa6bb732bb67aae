import type { LoadedConfig } from '../config/config.ts'
import type { BrokerAddress } from '../protocol/link/broker-address.ts'
import type { CheckFinding } from '../protocol/contract/console-api.ts'
import { passed } from './finding.ts'

const transports: Readonly<Record<BrokerAddress['transport'], string>> = {
  tls: 'MQTT over TLS',
  tcp: 'MQTT without encryption',
  wss: 'MQTT over WebSocket with TLS',
  ws: 'MQTT over WebSocket without encryption',
}

/** How long it is, not what it is: a password that was cut on its way shows. */
function characters(text: string): string {
  const count = Array.from(text).length
  return count === 1 ? 'one character' : `${count} characters`
}

/**
 * What the settings say, in the very words of the setup page: one finding for each fault and each warning. Of the
 * values only the port is shown: any other may hold a password pasted into the wrong place.
 */
export function settingsFindings(loaded: LoadedConfig): readonly CheckFinding[] {
  const warnings = loaded.warnings.map(({ setting, what }): CheckFinding => ({
    ...{ step: 'settings', result: 'warn' },
    what: `${setting}: ${what}`,
  }))
  if (loaded.kind === 'faulty') {
    const faults = loaded.faults.map(({ setting, problem, what, why, nextStep }): CheckFinding => ({
      ...{ step: 'settings', result: 'fail', code: problem },
      ...{ what: `${setting}: ${what}`, why, nextStep },
    }))
    return [...faults, ...warnings]
  }
  const { address, username, password, ca } = loaded.config.broker
  const login =
    username === undefined
      ? 'no user name'
      : password === undefined
        ? 'a user name, no password'
        : `user name of ${characters(username)}, password of ${characters(password)}`
  const authority = ca === undefined ? '' : ', a CA certificate of your own'
  const what = `Readable: port ${address.port}, ${transports[address.transport]}, ${login}${authority}.`
  return [...warnings, passed('settings', what)]
}
