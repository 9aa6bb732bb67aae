import type { CheckWords } from '../en/check.ts'

const characters = (count: number): string => (count === 1 ? 'un caractère' : `${count} caractères`)

export const check: CheckWords = {
  steps: {
    settings: 'Réglages',
    link: 'Liaison de cette passerelle',
    name: 'Nom du broker',
    tcp: 'Connexion',
    tls: 'Chiffrement',
    connect: 'Entrée chez le broker',
    subscribe: 'Permission d’écouter',
    roundTrip: 'Un message aller-retour',
    owlcms: 'owlcms',
    bridges: 'Autres passerelles',
    hosting: 'Machine',
  },
  skipped: {
    afterSettings: 'Pas essayé tant que les réglages ne sont pas justes :',
    afterFault: 'Pas essayé tant que cela n’est pas réparé :',
    machines: 'Fly.io n’a pas dit combien de machines a cette app ; « fly status » le dit :',
  },
  settings: {
    readable: (port, transport, login) => `Lisible : port ${port}, ${transport}, ${login}.`,
    transport: {
      tls: 'MQTT sur TLS',
      tcp: 'MQTT sans chiffrement',
      wss: 'MQTT sur WebSocket avec TLS',
      ws: 'MQTT sur WebSocket sans chiffrement',
    },
    anonymous: 'pas de nom d’utilisateur',
    userOnly: (user) => `nom d’utilisateur de ${characters(user)}, pas de mot de passe`,
    both: (user, password) =>
      `nom d’utilisateur de ${characters(user)}, mot de passe de ${characters(password)}`,
    own: (login) => `${login} ; cette passerelle est le broker`,
    authority: (login) => `${login}, votre propre certificat CA`,
  },
  link: {
    connected: 'La passerelle est connectée au broker.',
    connecting: 'La passerelle est en train de se connecter au broker.',
  },
  name: {
    own: 'Cette passerelle est elle-même le broker ; aucun nom n’est nécessaire.',
    number: 'OWLCMS_MQTTSERVER est une adresse en chiffres ; il n’y a pas de nom à chercher.',
    exists: (host, addresses) =>
      `${host} existe et a ${addresses === 1 ? 'une adresse' : `${addresses} adresses`}.`,
  },
  portAnswers: (port) => `Le port ${port} répond.`,
  tls: {
    none: 'Non chiffré, comme le veut ce port. Ce n’est juste que pour un broker de votre propre réseau.',
    good: (version, issuer, chain, days) =>
      `${version}, certificat de ${issuer} (chaîne de ${chain}), valable encore ${days === 1 ? 'un jour' : `${days} jours`}.`,
    unnamed: 'quelqu’un sans nom',
  },
  login: {
    named: (version) =>
      `Le broker laisse entrer la passerelle avec ce nom d’utilisateur et ce mot de passe (${version}).`,
    anonymous: (version) => `Le broker laisse entrer la passerelle sans nom d’utilisateur (${version}).`,
  },
  listens: 'Le broker laisse la passerelle écouter owlcms/#.',
  passesOn: 'La passerelle transmet elle-même les messages.',
  cameBack: (ms) => `Un message est revenu après ${ms} ms.`,
  owlcms: {
    answers: (what) => `Il répond : ${what}.`,
    version: (version) => `version ${version}`,
    noPlatform: 'pas encore de plateau',
    platform: (name) => `plateau ${name}`,
    platforms: (names) => `plateaux ${names}`,
    more: (names, count) => `${names} et ${count} de plus`,
    jury: (size) => `jury de ${size}`,
  },
  bridges: {
    none: 'Aucune passerelle n’est connectée à ce broker en ce moment.',
    noOther: 'Aucune autre passerelle n’est connectée à ce broker.',
    here: (bridges) => `Connecté à ce broker : ${bridges}.`,
  },
  oneMachine: 'Cette app a une machine sur Fly.io.',
}
