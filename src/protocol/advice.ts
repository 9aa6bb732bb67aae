import type { LinkFaultCode } from './link-fault.ts'

/** One fault in an organiser's words (R9): whole sentences, settings by name, never a value. */
export interface Advice {
  readonly what: string
  readonly why: string
  readonly nextStep: string
}

const fourSettings = 'OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD'

const linkAdvice: Readonly<Record<LinkFaultCode, Advice>> = {
  dns: {
    what: 'The broker’s address does not exist.',
    why: 'No computer on the Internet has the name in OWLCMS_MQTTSERVER, or the name service does not answer.',
    nextStep:
      'Copy the broker’s address again into OWLCMS_MQTTSERVER: only the name, as the broker’s page shows it.',
  },
  refused: {
    what: 'The broker’s computer is there, but nothing answers at this port.',
    why: 'OWLCMS_MQTTPORT is not the broker’s port, or the broker is switched off.',
    nextStep:
      'Check OWLCMS_MQTTPORT (8883 for most brokers in the cloud), then check that the broker is running.',
  },
  timeout: {
    what: 'The broker does not answer.',
    why: 'A firewall may swallow the connection, or OWLCMS_MQTTSERVER or OWLCMS_MQTTPORT is wrong.',
    nextStep:
      'Check OWLCMS_MQTTSERVER and OWLCMS_MQTTPORT. Behind a strict firewall, use a broker on port 443.',
  },
  reset: {
    what: 'The connection to the broker was cut.',
    why: 'The network or the broker broke it off. Now and then this is normal; again and again it is not.',
    nextStep:
      'Wait: the bridge tries again by itself. If it keeps happening, check OWLCMS_MQTTPORT and the broker’s page.',
  },
  unreachable: {
    what: 'There is no network path to the broker.',
    why: 'This computer has no Internet connection, or its network blocks the broker.',
    nextStep: 'Check the Internet connection of the computer that runs the bridge, then OWLCMS_MQTTSERVER.',
  },
  certificateUnknownCa: {
    what: 'The broker’s certificate is signed by someone the bridge does not know.',
    why: 'The broker uses a private certificate authority, or something between the bridge and the broker intercepts the connection.',
    nextStep:
      'For your own broker, put its CA certificate into BRIDGE_MQTT_CA. Otherwise check OWLCMS_MQTTSERVER.',
  },
  certificateExpired: {
    what: 'The broker’s certificate has expired.',
    why: 'The broker’s owner has not renewed it, or the clock of this computer is wrong.',
    nextStep:
      'Renew the broker’s certificate, or ask its owner to. Check the clock of the computer that runs the bridge.',
  },
  certificateNotYetValid: {
    what: 'The broker’s certificate is not valid yet.',
    why: 'The clock of this computer is probably wrong.',
    nextStep: 'Set the clock of the computer that runs the bridge, then restart the bridge.',
  },
  certificateWrongHost: {
    what: 'The broker’s certificate is for another address.',
    why: 'OWLCMS_MQTTSERVER is not the name that the broker’s certificate was made for.',
    nextStep: 'Use the broker’s full name in OWLCMS_MQTTSERVER, not a number address or a short name.',
  },
  certificateOther: {
    what: 'The broker’s certificate was not accepted.',
    why: 'The bridge checks who it talks to, and this certificate did not pass.',
    nextStep: 'Check OWLCMS_MQTTSERVER. For your own broker, check its certificate and BRIDGE_MQTT_CA.',
  },
  tls: {
    what: 'No secure connection to the broker was possible.',
    why: 'The port is probably one without TLS, or the broker’s TLS is too old. A port that starts with 8 means TLS.',
    nextStep: 'Check OWLCMS_MQTTPORT: 8883 with TLS, 1883 without.',
  },
  notMqtt: {
    what: 'Something answers, but it is not an MQTT broker.',
    why: 'OWLCMS_MQTTSERVER or OWLCMS_MQTTPORT leads to another service, for example a web page.',
    nextStep: 'Copy OWLCMS_MQTTSERVER and OWLCMS_MQTTPORT again from the broker’s page.',
  },
  badCredentials: {
    what: 'The broker refuses the user name or the password.',
    why: 'OWLCMS_MQTTUSERNAME or OWLCMS_MQTTPASSWORD is wrong. Some brokers say the same when all their connections are in use.',
    nextStep:
      'Set OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD again, exactly as created on the broker’s page.',
  },
  notAuthorised: {
    what: 'The broker does not let the bridge in.',
    why: 'The user name or password is wrong, this user has no permission, or all connections of the broker are in use.',
    nextStep:
      'Check OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD, then the user’s permission (publish and subscribe on owlcms/#). A change may take 5 minutes.',
  },
  connectionLimit: {
    what: 'The broker has no connection left.',
    why: 'Its plan allows a fixed number of connections, and all are in use.',
    nextStep:
      'Disconnect what is not needed from the broker, let devices connect to the bridge instead, or choose a larger plan.',
  },
  serverBusy: {
    what: 'The broker is busy or under maintenance.',
    why: 'It said so itself.',
    nextStep: 'Wait: the bridge tries again by itself. If it lasts, look at the broker’s own status page.',
  },
  takenOver: {
    what: 'Another program took over the bridge’s place at the broker.',
    why: 'It connected with the same client id: probably a second copy of this bridge.',
    nextStep: 'Stop the second copy. On Fly.io: fly scale count 1.',
  },
  subscriptionRefused: {
    what: 'The broker does not let the bridge listen to owlcms.',
    why: 'The user in OWLCMS_MQTTUSERNAME may not subscribe to owlcms/#.',
    nextStep:
      'Give this user the permission to publish and subscribe on owlcms/# at the broker. It may take 5 minutes.',
  },
  publishRefused: {
    what: 'The broker does not let the bridge pass presses on.',
    why: 'The user in OWLCMS_MQTTUSERNAME may not publish on owlcms/#.',
    nextStep:
      'Give this user the permission to publish and subscribe on owlcms/# at the broker. It may take 5 minutes.',
  },
  halfOpen: {
    what: 'The broker went silent.',
    why: 'The connection looked open, but nothing came back: the network in between is probably gone.',
    nextStep: 'Wait: the bridge tries again by itself. If it lasts, check the Internet connection.',
  },
  closedByBroker: {
    what: 'The broker closed the connection.',
    why: 'It may be restarting, or it did not like the bridge’s user or permissions and gave no reason.',
    nextStep: `Wait a minute: the bridge tries again by itself. If it lasts, check ${fourSettings}.`,
  },
  other: {
    what: 'The link to the broker failed for a reason the bridge does not know.',
    why: 'The error text tells more to a technician.',
    nextStep: `Check ${fourSettings}. If they are right, show the error text to a technician.`,
  },
}

/** What to tell an organiser about a fault of the link to the broker; every code has an entry. */
export function adviceFor(code: LinkFaultCode): Advice {
  return linkAdvice[code]
}

/** The broker is fine, but no `owlcms/fop/config` came back when asked (protocol.md 1.8). */
export const owlcmsSilentAdvice: Advice = {
  what: 'owlcms does not answer.',
  why: 'It is off, still starting, or connected to another broker. Presses reach the broker, but nobody takes them.',
  nextStep: `Open owlcms in a browser to wake it up, then check that owlcms has the same ${fourSettings} as the bridge.`,
}
