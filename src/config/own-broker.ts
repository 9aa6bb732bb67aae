import { isCloudBroker, type BrokerAddress } from '../protocol/link/broker-address.ts'
import type { Hosting } from '../support/hosting.ts'
import { wrong, type ConfigFault } from './faults.ts'
import { warningOf, type ConfigWarning } from './text.ts'

type Texts = Readonly<Record<string, string>>

interface Values {
  readonly BRIDGE_BROKER: 'own' | undefined
  readonly BRIDGE_BROKER_PORT: number | undefined
  readonly BRIDGE_VENUE_PORT: number | undefined
  readonly PORT: number
  readonly HOST: string
  readonly OWLCMS_MQTTSERVER: string | undefined
  readonly OWLCMS_MQTTPORT: string | undefined
  readonly OWLCMS_MQTTPASSWORD: string | undefined
  readonly BRIDGE_ADMIN_PASSWORD: string | undefined
}

/** `listen`: owlcms comes in by a port of its own; absent: by the port for plain MQTT in the hall. */
export interface OwnBrokerConfig {
  readonly listen?: { readonly port: number; readonly host: string }
}

/** owlcms's own default (docs/owlcms.md 1.2). */
export const usualPort = 1883
/** Only apps of the same organisation reach it, not the proxy (docs/platforms.md 1.3). */
const privateOnFly = 'fly-local-6pn'

/**
 * The texts with `BRIDGE_BROKER=own`, where the broker's address is this app's own on Fly.io's private network: then bridge and
 * owlcms have the same four settings here too.
 */
export function withOwnBroker(texts: Texts, flyApp: string | undefined): Texts {
  const host = hostIn(texts['OWLCMS_MQTTSERVER'] ?? '')
  const isItself = flyApp !== undefined && flyApp !== '' && host === `${flyApp.toLowerCase()}.internal`
  return isItself ? { BRIDGE_BROKER: 'own', ...texts } : texts
}

/** Where owlcms comes in, if this bridge is the broker itself; undefined if it isn't. */
export function ownBroker(
  values: Values,
  hosting: Hosting,
  faults: ConfigFault[],
  warnings: ConfigWarning[],
): { readonly address: BrokerAddress; readonly own: OwnBrokerConfig } | undefined {
  if (values.BRIDGE_BROKER !== 'own') return undefined
  if (hosting === 'heroku') faults.push(wrong('BRIDGE_BROKER', 'ownOnHeroku'))
  warnings.push(...warningsOf(values))
  const { BRIDGE_VENUE_PORT: hall, PORT: web, HOST } = values
  const port = values.BRIDGE_BROKER_PORT
  if (port === undefined && hall !== undefined) {
    return { address: reach(HOST, hall), own: {} }
  }
  const listen = {
    port: port ?? portOfOwlcms(values.OWLCMS_MQTTPORT) ?? usualPort,
    // Where Fly's own proxy ends TLS for an owlcms elsewhere, it has to get here.
    host: hosting === 'fly' && !isTlsPort(values.OWLCMS_MQTTPORT) ? privateOnFly : HOST,
  }
  if (listen.port !== 0 && [web, hall].includes(listen.port))
    faults.push(wrong('BRIDGE_BROKER_PORT', 'ownPortTaken'))
  return { address: reach(listen.host, listen.port), own: { listen } }
}

/** From this very computer. */
const reach = (host: string, port: number): BrokerAddress => ({
  transport: 'tcp',
  host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host,
  port,
})

/** With a port that starts with 8 owlcms speaks TLS, which somebody in front has to end (docs/owlcms.md 1.2). */
const isTlsPort = (text: string | undefined): boolean => text?.startsWith('8') === true

function portOfOwlcms(text: string | undefined): number | undefined {
  if (text === undefined || isTlsPort(text) || !/^[1-9][0-9]{0,4}$/.test(text)) return undefined
  return Number(text) <= 65_535 ? Number(text) : undefined
}

function warningsOf(values: Values): ConfigWarning[] {
  const { OWLCMS_MQTTPORT: port, OWLCMS_MQTTSERVER: server = '' } = values
  const hasAdministrator = (values.BRIDGE_ADMIN_PASSWORD ?? values.OWLCMS_MQTTPASSWORD) !== undefined
  return [
    ...(hasAdministrator ? [] : [warningOf('BRIDGE_ADMIN_PASSWORD', 'noAdministrator')]),
    ...(isTlsPort(port) ? [warningOf('OWLCMS_MQTTPORT', 'ownTlsPort')] : []),
    ...(isCloudBroker(hostIn(server)) ? [warningOf('OWLCMS_MQTTSERVER', 'ownServerNotUsed')] : []),
  ]
}

/** The host of an address as people paste it. */
const hostIn = (server: string): string =>
  server
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[:/].*$/, '')
