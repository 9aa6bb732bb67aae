import type { CheckWords } from '../en/check.ts'

const characters = (count: number): string => (count === 1 ? 'un carácter' : `${count} caracteres`)

export const check: CheckWords = {
  steps: {
    settings: 'Ajustes',
    link: 'Enlace propio de este puente',
    name: 'Nombre del broker',
    tcp: 'Conexión',
    tls: 'Cifrado',
    connect: 'Entrada en el broker',
    subscribe: 'Permiso para escuchar',
    roundTrip: 'Un mensaje de ida y vuelta',
    owlcms: 'owlcms',
    bridges: 'Otros puentes',
    hosting: 'Máquina',
  },
  skipped: {
    afterSettings: 'No se prueba hasta que los ajustes estén bien:',
    afterFault: 'No se prueba hasta que eso esté arreglado:',
    machines: 'Fly.io no dijo cuántas máquinas tiene esta app; «fly status» lo dice:',
  },
  settings: {
    readable: (port, transport, login) => `Legible: puerto ${port}, ${transport}, ${login}.`,
    transport: {
      tls: 'MQTT sobre TLS',
      tcp: 'MQTT sin cifrar',
      wss: 'MQTT sobre WebSocket con TLS',
      ws: 'MQTT sobre WebSocket sin cifrar',
    },
    anonymous: 'sin nombre de usuario',
    userOnly: (user) => `nombre de usuario de ${characters(user)}, sin contraseña`,
    both: (user, password) =>
      `nombre de usuario de ${characters(user)}, contraseña de ${characters(password)}`,
    own: (login) => `${login}; este puente es el broker`,
    authority: (login) => `${login}, un certificado CA propio`,
  },
  link: {
    connected: 'El puente está conectado al broker.',
    connecting: 'El puente se está conectando al broker ahora mismo.',
  },
  name: {
    own: 'Este puente es él mismo el broker; no hace falta ningún nombre.',
    number: 'OWLCMS_MQTTSERVER es una dirección de números; no hay ningún nombre que buscar.',
    exists: (host, addresses) =>
      `${host} existe y tiene ${addresses === 1 ? 'una dirección' : `${addresses} direcciones`}.`,
  },
  portAnswers: (port) => `El puerto ${port} responde.`,
  tls: {
    none: 'Sin cifrar, como corresponde a este puerto. Solo es correcto para un broker de su propia red.',
    good: (version, issuer, chain, days) =>
      `${version}, certificado de ${issuer} (cadena de ${chain}), válido ${days === 1 ? 'un día' : `${days} días`} más.`,
    unnamed: 'alguien sin nombre',
  },
  login: {
    named: (version) =>
      `El broker deja entrar al puente con este nombre de usuario y esta contraseña (${version}).`,
    anonymous: (version) => `El broker deja entrar al puente sin nombre de usuario (${version}).`,
  },
  listens: 'El broker deja que el puente escuche owlcms/#.',
  passesOn: 'El puente mismo pasa los mensajes.',
  cameBack: (ms) => `Un mensaje volvió a los ${ms} ms.`,
  owlcms: {
    answers: (what) => `Responde: ${what}.`,
    version: (version) => `versión ${version}`,
    noPlatform: 'todavía sin tarima',
    platform: (name) => `tarima ${name}`,
    platforms: (names) => `tarimas ${names}`,
    more: (names, count) => `${names} y ${count} más`,
    jury: (size) => `jurado de ${size}`,
  },
  bridges: {
    none: 'Ningún puente está conectado a este broker ahora.',
    noOther: 'Ningún otro puente está conectado a este broker.',
    here: (bridges) => `Conectado a este broker: ${bridges}.`,
  },
  oneMachine: 'Esta app tiene una máquina en Fly.io.',
}
