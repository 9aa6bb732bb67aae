import type { LinkFaultCode } from './link-fault.ts'

/** One fault in an organiser's words (R9): whole sentences, settings by name, never a value. */
export interface Advice {
  readonly what: string
  readonly why: string
  readonly nextStep: string
}

const fourSettings = 'OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD'

/** What only a check or the presence of owlcms shows, beside the faults of the link. */
export type CheckCode =
  | 'certificateSoon'
  | 'messageNotReturned'
  | 'notAcknowledged'
  | 'slowRoundTrip'
  | 'owlcmsSilent'
  /** This bridge is the broker, and no owlcms is connected. */
  | 'owlcmsNotHere'
  /** The same, and the bridge that is checked doesn't run here. */
  | 'bridgeNotRunning'
  | 'owlcmsStarting'
  | 'owlcmsOld'
  | 'owlcmsElsewhere'
  /** The broker makes another topic of it, as RabbitMQ does. */
  | 'dotInPlatform'
  | 'twoOwlcms'
  /** What is retained doesn't come back to a bridge that restarts. */
  | 'notReplayed'
  | 'runsTwice'
  | 'machinesOnFly'
  | 'clientIdFight'
  | 'oneConnection'
  | 'sleepingDyno'

/** Everything that has an entry in the one table of advice. */
export type AdviceCode = LinkFaultCode | CheckCode

const linkAdvice: Readonly<Record<LinkFaultCode, Advice>> = {
  dns: {
    what: 'The broker’s address does not exist.',
    why: 'No computer on the Internet has the name in OWLCMS_MQTTSERVER, or the name service does not answer.',
    nextStep:
      'Copy the broker’s address again into OWLCMS_MQTTSERVER: only the name, as the broker’s page shows it.',
  },
  dnsSilent: {
    what: 'The name service does not answer, so the broker’s address could not be looked up.',
    why: 'The computer that runs the bridge has no Internet connection, or its network blocks name look-ups.',
    nextStep:
      'Check the Internet connection of the computer that runs the bridge: open any web page there. Then try again.',
  },
  refused: {
    what: 'The broker’s computer is there, but nothing answers at this port.',
    why: 'OWLCMS_MQTTPORT is not the broker’s port, or the broker is switched off.',
    nextStep:
      'Check OWLCMS_MQTTPORT (8883 for most brokers in the cloud), then check that the broker is running.',
  },
  brokerAway: {
    what: 'The broker is not there at the moment.',
    why: 'It was there before with the same settings, so the settings are right. It may be restarting, or somebody has stopped it.',
    nextStep:
      'Wait: the bridge tries again by itself. If it takes longer than two minutes, look at the broker’s own page or computer.',
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
  cloudPort: {
    what: 'This broker in the cloud does not take connections without encryption.',
    why: 'OWLCMS_MQTTPORT is a port without TLS, such as 1883. Brokers in the cloud listen on 8883.',
    nextStep: 'Set OWLCMS_MQTTPORT to 8883, and leave out mqtt:// or tcp:// in OWLCMS_MQTTSERVER.',
  },
  certificateUnknownCa: {
    what: 'The broker’s certificate is signed by someone the bridge does not know.',
    why: 'The broker uses a private certificate authority, or something between the bridge and the broker intercepts the connection.',
    nextStep:
      'For your own broker, put its CA certificate into BRIDGE_MQTT_CA. Otherwise check OWLCMS_MQTTSERVER.',
  },
  certificateSelfSigned: {
    what: 'The broker’s certificate is signed by itself, so nobody vouches for it.',
    why: 'It is your own broker with a certificate made by hand, or something between the bridge and the broker answers in its place.',
    nextStep:
      'For your own broker, put this certificate (PEM) into BRIDGE_MQTT_CA. Otherwise check OWLCMS_MQTTSERVER.',
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
  captivePortal: {
    what: 'Something else answers in the broker’s place.',
    why: 'Its certificate is not the broker’s. That is how the login page of a guest network, a firewall or a virus scanner behaves.',
    nextStep:
      'Open a web page on the computer that runs the bridge and log in to the network, or use another network (a phone’s hotspot).',
  },
  tls: {
    what: 'No secure connection to the broker was possible.',
    why: 'The port is probably one without TLS, or the broker’s TLS is too old. A port that starts with 8 means TLS.',
    nextStep: 'Check OWLCMS_MQTTPORT: 8883 with TLS, 1883 without.',
  },
  tlsTooOld: {
    what: 'The broker’s encryption is too old.',
    why: 'It offers nothing newer than TLS 1.1, which is no longer safe; the bridge asks for TLS 1.2 or later.',
    nextStep:
      'Update the broker, or allow TLS 1.2 and 1.3 in its settings. No broker in the cloud is this old.',
  },
  notTls: {
    what: 'This port has no encryption.',
    why: 'The bridge uses TLS because OWLCMS_MQTTPORT starts with 8 (or the address asks for it), but the other side does not speak it.',
    nextStep:
      'Set OWLCMS_MQTTPORT to the broker’s port with TLS (usually 8883), or to its plain port (usually 1883) in your own network.',
  },
  tlsCut: {
    what: 'The other side closes the connection before it is encrypted.',
    why: 'OWLCMS_MQTTPORT is a port without TLS, the broker behind this address is down, or a firewall cuts the connection.',
    nextStep:
      'Check OWLCMS_MQTTPORT: 8883 with TLS, 1883 without. If it is right, look whether the broker is running.',
  },
  notMqtt: {
    what: 'Something answers, but it is not an MQTT broker.',
    why: 'OWLCMS_MQTTSERVER or OWLCMS_MQTTPORT leads to another service, for example a web page.',
    nextStep: 'Copy OWLCMS_MQTTSERVER and OWLCMS_MQTTPORT again from the broker’s page.',
  },
  webServer: {
    what: 'A web server answers, not an MQTT broker.',
    why: 'OWLCMS_MQTTPORT is the port of a web page, or a login page of the network answers in the broker’s place.',
    nextStep:
      'Copy OWLCMS_MQTTSERVER and OWLCMS_MQTTPORT again from the broker’s page: the port is usually 8883.',
  },
  noMqttPath: {
    what: 'A web server answers, but it has no MQTT at /mqtt.',
    why: 'If this is owlcms, it is older than version 66, or OWLCMS_MQTTSERVER is set there, which switches its own server off.',
    nextStep:
      'Remove OWLCMS_MQTTSERVER at owlcms and update it to 66 or later, or give both the address of another broker.',
  },
  badCredentials: {
    what: 'The broker refuses the user name or the password.',
    why: 'OWLCMS_MQTTUSERNAME or OWLCMS_MQTTPASSWORD is wrong. Some brokers say the same when all their connections are in use.',
    nextStep:
      'Set OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD again, exactly as created on the broker’s page. The check says how many characters of the password arrive: a #, $ or quote may cut it.',
  },
  passwordWanted: {
    what: 'The broker wants a user name and a password.',
    why: 'The bridge has none: OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD are empty, and this broker does not let anybody in without them.',
    nextStep:
      'Set OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD to what owlcms has, and remove BRIDGE_ALLOW_ANONYMOUS.',
  },
  notAuthorised: {
    what: 'The broker does not let the bridge in.',
    why: 'The user name or password is wrong, this user has no permission, or all connections of the broker are in use.',
    nextStep:
      'Check OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD, then the user’s permission (publish and subscribe on owlcms/#). A change may take 5 minutes. The check says how many characters of the password arrive: a #, $ or quote may cut it.',
  },
  noPermission: {
    what: 'The broker does not let this user in.',
    why: 'OWLCMS_MQTTUSERNAME or OWLCMS_MQTTPASSWORD is wrong, or this user may not connect. It is not the number of connections: the broker would say so.',
    nextStep:
      'Set OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD again, exactly as created on the broker’s page. A new user may need 5 minutes. The check says how many characters of the password arrive: a #, $ or quote may cut it.',
  },
  noServerName: {
    what: 'The broker does not let the bridge in.',
    why: 'OWLCMS_MQTTSERVER is a number address. Brokers in the cloud share such addresses and refuse who does not give the name. On your own broker, the user name or password is wrong.',
    nextStep:
      'Put the broker’s name into OWLCMS_MQTTSERVER, such as abc123.s1.eu.hivemq.cloud. For your own broker, check OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD.',
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
    what: 'The broker does not let the bridge pass decisions on.',
    why: 'The user in OWLCMS_MQTTUSERNAME may not publish on owlcms/#.',
    nextStep:
      'Give this user the permission to publish and subscribe on owlcms/# at the broker. It may take 5 minutes.',
  },
  messageNotTaken: {
    what: 'The broker cut the link because of one message.',
    why: 'Something that the bridge passed on, or said itself, is not what this broker takes. The settings are right: the broker let the bridge in.',
    nextStep:
      'Wait: the bridge connects again by itself. If it happens again, look in the log or the journal which device sent something just before, switch that device off, and show the error text to a technician.',
  },
  halfOpen: {
    what: 'The broker went silent.',
    why: 'Nothing comes back from it any more: the network in between is probably gone, or the broker hangs.',
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

const checkAdvice: Readonly<Record<CheckCode, Advice>> = {
  certificateSoon: {
    what: 'The broker’s certificate expires soon.',
    why: 'After that day neither the bridge nor owlcms gets a connection.',
    nextStep:
      'Renew the broker’s certificate before the competition, or ask its owner whether that happens by itself.',
  },
  messageNotReturned: {
    what: 'The broker takes messages, but does not send them back.',
    why: 'The user in OWLCMS_MQTTUSERNAME may publish or subscribe, but not both, on owlcms/#.',
    nextStep:
      'Give this user the permission to publish and subscribe on owlcms/# at the broker. It may take 5 minutes.',
  },
  notAcknowledged: {
    what: 'The broker does not acknowledge a message.',
    why: 'It is overloaded, or the network loses what it sends.',
    nextStep: 'Check again in a minute. If it lasts, look at the broker’s own status page.',
  },
  slowRoundTrip: {
    what: 'The way to the broker and back is slow.',
    why: 'The broker is far from the bridge, or the network is busy. Officials notice delays above half a second.',
    nextStep: 'Choose the broker’s region and the bridge’s region near each other. In the hall, use a cable.',
  },
  owlcmsSilent: {
    what: 'owlcms does not answer.',
    why: 'It is off, still starting, or connected to another broker; its own password may be wrong, which it shows nowhere; or it is older than version 38. Decisions reach the broker, but nobody takes them.',
    nextStep: `Open owlcms in a browser to wake it up, then check that owlcms has the same ${fourSettings} as the bridge.`,
  },
  owlcmsStarting: {
    what: 'owlcms is just starting.',
    why: 'It said so on this broker. It takes no decisions during the first seconds of each platform.',
    nextStep: 'Wait ten seconds and check again.',
  },
  owlcmsOld: {
    what: 'owlcms is here, but too old for some things.',
    why: 'It speaks on this broker, but does not tell its platforms and the size of the jury, as owlcms does since version 43.',
    nextStep:
      'Update owlcms. Until then referees’ devices work, and the jury is taken to have three members.',
  },
  owlcmsElsewhere: {
    what: 'Officials’ devices speak on this broker, but owlcms is not here.',
    why: 'owlcms is off, or is connected to another broker than the devices: the bridge cannot see other brokers.',
    nextStep: `Compare ${fourSettings} of owlcms with those of the bridge, letter by letter, and restart owlcms.`,
  },
  owlcmsNotHere: {
    what: 'owlcms is not connected to this bridge.',
    why: 'It is off, is still starting, or its four settings lead elsewhere; its own password may be wrong, which it shows nowhere. Until it is here, every decision is refused at once.',
    nextStep:
      'Open owlcms in a browser to wake it. It needs this bridge’s address in OWLCMS_MQTTSERVER, 1883 in OWLCMS_MQTTPORT, and the same OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD as here.',
  },
  bridgeNotRunning: {
    what: 'This bridge is the broker, but it does not run on this computer.',
    why: 'Nothing answers at its port for owlcms.',
    nextStep:
      'Start the bridge, then check again; on Fly.io run the check on its own machine, by fly ssh console.',
  },
  twoOwlcms: {
    what: 'Two different owlcms answer on this broker.',
    why: 'Both take each decision, so one of them shows results of the other’s competition.',
    nextStep: 'Stop the one that is not meant, or give it a broker of its own.',
  },
  dotInPlatform: {
    what: 'The broker can’t carry the name of a platform.',
    why: 'It turns the dot in the name into a slash, as RabbitMQ does: nothing on that platform gets through, in either direction.',
    nextStep: 'Name the platform without a dot in owlcms, or use another broker.',
  },
  notReplayed: {
    what: 'The broker does not give back what it keeps.',
    why: 'It keeps what was revoked, but tells a bridge that restarts only part of it, as RabbitMQ does: then old codes may work again.',
    nextStep: 'Set BRIDGE_JOURNAL_DIR to a folder that outlives restarts, or use another broker.',
  },
  runsTwice: {
    what: 'A second machine of this bridge is connected to the same broker.',
    why: 'They agree who sits where, but have one name: nobody sees which device is on which.',
    nextStep: 'If nobody meant it: on Fly.io run "fly scale count 1", on Heroku keep one web dyno.',
  },
  machinesOnFly: {
    what: 'This app has more than one machine on Fly.io.',
    why: '"fly deploy" makes two unless it is told otherwise. They agree who sits where, but have one name: nobody sees which device is on which.',
    nextStep:
      'Unless it is meant, run "fly scale count 1", and deploy with "fly deploy --ha=false" from now on.',
  },
  clientIdFight: {
    what: 'Another program keeps taking over the bridge’s place at the broker.',
    why: 'It connects with the same client id, and each throws the other out in turn.',
    nextStep: 'Stop the second program: another copy of this bridge, perhaps on somebody’s laptop.',
  },
  oneConnection: {
    what: 'The broker gives the bridge one connection instead of two.',
    why: 'Everything works, but what owlcms says may reach devices 40 ms later. The plan may count connections, or the broker take one for each user.',
    nextStep:
      'Nothing has to be done. Where the plan counts connections, disconnect what is not needed; the bridge asks for a second one whenever it connects.',
  },
  sleepingDyno: {
    what: 'On Heroku an Eco dyno sleeps after half an hour without web traffic.',
    why: 'Decisions are lost while it sleeps. The program cannot see which kind of dyno it runs on.',
    nextStep: 'Run "heroku ps:type": if it says eco, run "heroku ps:type web=basic".',
  },
}

/** The one table, in English as the log, the terminal and `/status` have it; src/texts/ has it in the other languages. */
export const advice: Readonly<Record<AdviceCode, Advice>> = { ...linkAdvice, ...checkAdvice }

/** What to tell an organiser about a fault; every code has an entry. */
export function adviceFor(code: AdviceCode): Advice {
  return advice[code]
}
