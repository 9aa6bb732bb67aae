import type { StatusWords } from '../en/status.ts'

export const status: StatusWords = {
  signIn: 'Iniciar sesión',
  version: (v) => `versión ${v}`,
  noConnection: 'Sin conexión con el puente',
  pictureFrom: (time) => `esta imagen es de las ${time}`,
  firstStep:
    'Aún no ha llegado ninguna decisión. Inicie sesión para imprimir un código para el teléfono de cada oficial, o conecte las cajas.',
  runningFor: (time) => `En marcha desde hace ${time}.`,
  stageDisplay: (platform) => `Pantalla de ${platform}`,
  days: (n) => `${n} días`,
  headline: {
    bridgeStarting: 'Espere: el puente está arrancando',
    down: 'Las decisiones no llegan',
    offline: (platforms) => `Las decisiones de ${platforms} no llegan`,
    starting: (platforms) => `Espere: ${platforms} está arrancando`,
    twice: 'Dos owlcms aceptan las decisiones: pare uno',
    good: 'Las decisiones llegan',
    silent: 'owlcms no acepta decisiones',
    waiting: 'Esperando a owlcms',
  },
  restart: {
    title: 'Este puente',
    word: 'Se reinicia pronto',
    sentence: 'Se reiniciará en la próxima pausa. Hasta entonces todo funciona como siempre.',
    why: 'Se le pidió parar, por una versión nueva o por el proveedor.',
    waiting: (time) => `espera desde hace ${time}`,
    left: (time) => `quedan ${time} como mucho`,
  },
  other: {
    title: (name) => `Puente ${name}`,
    word: 'También aquí',
    twice: 'Funciona dos veces',
    sentence: 'Está conectado al mismo broker. Ambos pasan las decisiones.',
    unheard: 'No se oye',
    unheardSentence:
      'No lo oímos: mientras tanto cada puente decide por sí mismo quién ocupa un puesto, y dos teléfonos pueden decidir por el mismo. Permita al usuario del broker publicar en owlcms/bridge/#.',
    since: (time) => `desde hace ${time}`,
  },
  broker: {
    starting: 'Arrancando',
    startingSentence: 'El puente está arrancando: inténtelo de nuevo en un momento.',
    title: 'Broker',
    connected: 'Conectado',
    connectedFor: (time) => `Conectado desde hace ${time}.`,
    own: 'Este puente',
    ownFor: (time) => `El puente es él mismo el broker, desde hace ${time}.`,
    losses: (n) => (n === 1 ? `se perdió ${n} vez` : `se perdió ${n} veces`),
    roundTrip: (ms) => `ida y vuelta en ${ms} ms`,
    noLink: 'Sin enlace',
    downFor: (time) => `caído desde hace ${time}`,
    nextTry: (time) => `próximo intento en ${time}`,
    attempt: (n) => `intento ${n}`,
    connecting: 'Conectando',
    connectingSentence: 'El puente se está conectando al broker.',
    again: 'intentándolo de nuevo',
    stopped: 'Parado',
    stoppedSentence: 'El puente se está cerrando.',
  },
  owlcms: {
    answers: 'Responde',
    answersSentence: 'owlcms está y acepta decisiones.',
    silent: 'Sin respuesta',
    asking: 'Preguntando',
    askingSentence: 'El puente ha preguntado a owlcms si está.',
    unknown: 'No se sabe',
    unknownSentence: 'Nadie lo sabe mientras el enlace con el broker esté caído. Repárelo primero.',
    jury: (size) => `jurado de ${size}`,
  },
  clock: {
    title: 'Reloj',
    ago: (time) => `hace ${time}`,
    slept: {
      word: 'Dormido',
      why: 'Mientras tanto no pasó nada. Está despierto de nuevo y sus horas son correctas.',
      nextStep: 'Desactive su suspensión durante la competición, también con la tapa cerrada.',
    },
    sleptFor: (time) => `El ordenador de este puente durmió ${time}.`,
    set: {
      word: 'Ajustado',
      why: 'Antes iba mal, como en un ordenador recién encendido. El puente sigue la nueva hora.',
      nextStep:
        'Los enlaces hechos antes en este puente pueden ser rechazados: haga nuevos. Revoque otra vez lo que estaba revocado.',
    },
    setForward: (time) => `El reloj del ordenador de este puente se adelantó ${time}.`,
    setBack: (time) => `El reloj del ordenador de este puente se atrasó ${time}.`,
  },
  heard: (time) => `oído hace ${time}`,
  pressed: (time) => `última decisión o señal hace ${time}`,
  platform: {
    ready: { word: 'Lista', sentence: 'Las decisiones llegan.' },
    starting: {
      word: 'Arrancando',
      sentence: 'owlcms está arrancando esta tarima. Espere 2 segundos antes de usar un botón.',
    },
    quiet: {
      word: 'En silencio',
      sentence: 'Aún no se ha oído nada de esta tarima. Normal antes de una sesión.',
    },
    offline: {
      word: 'Sin conexión',
      sentence: 'Las decisiones de esta tarima no llegan. Use banderas o paletas.',
    },
  },
  dropped: (n) =>
    n === 1
      ? `${n} decisión o señal no se entregó desde que arrancó el puente. Pregunte a los oficiales si owlcms la muestra.`
      : `${n} decisiones o señales no se entregaron desde que arrancó el puente. Pregunte a los oficiales si owlcms las muestra.`,
}
