/** What the check says of each step, in English, which the other languages are held to. */
const characters = (count: number): string => (count === 1 ? 'one character' : `${count} characters`)

export const check = {
  /** In their order. */
  steps: {
    settings: 'Settings',
    link: 'This bridge’s own link',
    name: 'Name look-up',
    tcp: 'Connection',
    tls: 'Encryption',
    connect: 'Login at the broker',
    subscribe: 'Permission to listen',
    roundTrip: 'A message there and back',
    owlcms: 'owlcms',
    bridges: 'Other bridges',
    hosting: 'Machine',
  },
  skipped: {
    afterSettings: 'Not tried before the settings are right:',
    afterFault: 'Not tried before that is repaired:',
    machines: 'Fly.io did not say how many machines this app has; "fly status" does:',
  },
  settings: {
    readable: (port: number, transport: string, login: string) =>
      `Readable: port ${port}, ${transport}, ${login}.`,
    transport: {
      tls: 'MQTT over TLS',
      tcp: 'MQTT without encryption',
      wss: 'MQTT over WebSocket with TLS',
      ws: 'MQTT over WebSocket without encryption',
    },
    anonymous: 'no user name',
    userOnly: (user: number) => `user name of ${characters(user)}, no password`,
    both: (user: number, password: number) =>
      `user name of ${characters(user)}, password of ${characters(password)}`,
    own: (login: string) => `${login}; this bridge is the broker`,
    authority: (login: string) => `${login}, a CA certificate of your own`,
  },
  link: {
    connected: 'The bridge is connected to the broker.',
    connecting: 'The bridge is connecting to the broker right now.',
  },
  name: {
    own: 'This bridge is the broker itself; no name is needed.',
    number: 'OWLCMS_MQTTSERVER is a number address; there is nothing to look up.',
    exists: (host: string, addresses: number) =>
      `${host} exists and has ${addresses === 1 ? 'one address' : `${addresses} addresses`}.`,
  },
  portAnswers: (port: number) => `Port ${port} answers.`,
  tls: {
    none: 'Not encrypted, as this port asks. That is right only for a broker in your own network.',
    good: (version: string, issuer: string, chain: number, days: number) =>
      `${version}, certificate from ${issuer} (chain of ${chain}), good for ${days === 1 ? 'one day' : `${days} days`} more.`,
    unnamed: 'nobody named',
  },
  login: {
    named: (version: string) =>
      `The broker lets the bridge in with this user name and password (${version}).`,
    anonymous: (version: string) => `The broker lets the bridge in without a user name (${version}).`,
  },
  listens: 'The broker lets the bridge listen to owlcms/#.',
  passesOn: 'The bridge itself passes messages on.',
  cameBack: (ms: number) => `A message came back after ${ms} ms.`,
  owlcms: {
    answers: (what: string) => `It answers: ${what}.`,
    version: (version: string) => `version ${version}`,
    noPlatform: 'no platform yet',
    platform: (name: string) => `platform ${name}`,
    platforms: (names: string) => `platforms ${names}`,
    more: (names: string, count: number) => `${names} and ${count} more`,
    jury: (size: number) => `jury of ${size}`,
  },
  bridges: {
    none: 'No bridge is connected to this broker now.',
    noOther: 'No other bridge is connected to this broker.',
    here: (bridges: string) => `Connected to this broker: ${bridges}.`,
  },
  oneMachine: 'This app has one machine on Fly.io.',
}

export type CheckWords = typeof check
