import type { CheckWords } from '../en/check.ts'

const characters = (count: number): string => (count === 1 ? 'ein Zeichen' : `${count} Zeichen`)

export const check: CheckWords = {
  steps: {
    settings: 'Einstellungen',
    link: 'Eigene Verbindung dieser Brücke',
    name: 'Name des Brokers',
    tcp: 'Verbindung',
    tls: 'Verschlüsselung',
    connect: 'Anmeldung am Broker',
    subscribe: 'Erlaubnis zu hören',
    roundTrip: 'Eine Nachricht hin und zurück',
    owlcms: 'owlcms',
    bridges: 'Andere Brücken',
    hosting: 'Maschine',
  },
  skipped: {
    afterSettings: 'Nicht versucht, solange die Einstellungen nicht stimmen:',
    afterFault: 'Nicht versucht, solange das nicht behoben ist:',
    machines: 'Fly.io sagte nicht, wie viele Maschinen diese App hat; „fly status“ sagt es:',
  },
  settings: {
    readable: (port, transport, login) => `Lesbar: Port ${port}, ${transport}, ${login}.`,
    transport: {
      tls: 'MQTT über TLS',
      tcp: 'MQTT ohne Verschlüsselung',
      wss: 'MQTT über WebSocket mit TLS',
      ws: 'MQTT über WebSocket ohne Verschlüsselung',
    },
    anonymous: 'kein Benutzername',
    userOnly: (user) => `Benutzername mit ${characters(user)}, kein Passwort`,
    both: (user, password) => `Benutzername mit ${characters(user)}, Passwort mit ${characters(password)}`,
    own: (login) => `${login}; diese Brücke ist der Broker`,
    authority: (login) => `${login}, ein eigenes CA-Zertifikat`,
  },
  link: {
    connected: 'Die Brücke ist mit dem Broker verbunden.',
    connecting: 'Die Brücke verbindet sich gerade mit dem Broker.',
  },
  name: {
    own: 'Diese Brücke ist selbst der Broker; es braucht keinen Namen.',
    number: 'OWLCMS_MQTTSERVER ist eine Adresse aus Zahlen; da ist kein Name zu suchen.',
    exists: (host, addresses) =>
      `${host} gibt es, mit ${addresses === 1 ? 'einer Adresse' : `${addresses} Adressen`}.`,
  },
  portAnswers: (port) => `Port ${port} antwortet.`,
  tls: {
    none: 'Nicht verschlüsselt, wie es zu diesem Port gehört. Das passt nur für einen Broker im eigenen Netz.',
    good: (version, issuer, chain, days) =>
      `${version}, Zertifikat von ${issuer} (Kette aus ${chain}), gilt noch ${days === 1 ? 'einen Tag' : `${days} Tage`}.`,
    unnamed: 'jemandem ohne Namen',
  },
  login: {
    named: (version) =>
      `Der Broker lässt die Brücke mit diesem Benutzernamen und Passwort hinein (${version}).`,
    anonymous: (version) => `Der Broker lässt die Brücke ohne Benutzernamen hinein (${version}).`,
  },
  listens: 'Der Broker lässt die Brücke owlcms/# hören.',
  passesOn: 'Die Brücke selbst gibt Nachrichten weiter.',
  cameBack: (ms) => `Eine Nachricht kam nach ${ms} ms zurück.`,
  owlcms: {
    answers: (what) => `Es antwortet: ${what}.`,
    version: (version) => `Version ${version}`,
    noPlatform: 'noch keine Plattform',
    platform: (name) => `Plattform ${name}`,
    platforms: (names) => `Plattformen ${names}`,
    more: (names, count) => `${names} und ${count} weitere`,
    jury: (size) => `Jury aus ${size}`,
  },
  bridges: {
    none: 'Mit diesem Broker ist gerade keine Brücke verbunden.',
    noOther: 'Mit diesem Broker ist keine andere Brücke verbunden.',
    here: (bridges) => `Mit diesem Broker verbunden: ${bridges}.`,
  },
  oneMachine: 'Diese App hat auf Fly.io eine Maschine.',
}
