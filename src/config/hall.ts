import { usualPort } from './own-broker.ts'
import { javaProperties } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment of a bridge that runs in the hall. owlcms's own server listens on 1883, so that is where devices look
 * (docs/owlcms.md 1.2); and without a broker's address this bridge is the broker, with that server's rules: anybody gets in
 * until a user name is set.
 */
export function hallEnvironment(env: Environment, argv: readonly string[]): Environment {
  const told = (name: string): boolean => isTold(env, argv, name)
  const [user, password] = [told('OWLCMS_MQTTUSERNAME'), told('OWLCMS_MQTTPASSWORD')]
  // Half a login comes from a file that somebody has not filled in.
  const isBroker = !namesBroker(env, argv) && user === password
  return {
    ...env,
    ...(told('BRIDGE_VENUE_PORT') ? {} : { BRIDGE_VENUE_PORT: String(usualPort) }),
    ...(isBroker ? { BRIDGE_BROKER: 'own' } : {}),
    ...(isBroker && !user && !told('BRIDGE_ALLOW_ANONYMOUS') ? { BRIDGE_ALLOW_ANONYMOUS: 'true' } : {}),
  }
}

/** Whether somebody has said where owlcms and the devices meet. */
export function namesBroker(env: Environment, argv: readonly string[]): boolean {
  return isTold(env, argv, 'OWLCMS_MQTTSERVER') || isTold(env, argv, 'BRIDGE_BROKER')
}

function isTold(env: Environment, argv: readonly string[], name: string): boolean {
  return (env[name] ?? '').trim() !== '' || argv.some((text) => isFor(text, name))
}

/** Whether this is owlcms's `-Dkey=value` for the setting, with a value. */
function isFor(argument: string, name: string): boolean {
  const [, key = '', value = ''] = /^-D([^=]*)=(.*)$/s.exec(argument) ?? []
  return javaProperties[key] === name && value.trim() !== ''
}
