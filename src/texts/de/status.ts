import type { StatusWords } from '../en/status.ts'

export const status: StatusWords = {
  signIn: 'Anmelden',
  version: (v) => `Version ${v}`,
  noConnection: 'Keine Verbindung zur Brücke',
  pictureFrom: (time) => `dieses Bild ist von ${time}`,
  firstStep:
    'Noch ist keine Entscheidung von einem Gerät gekommen. Melden Sie sich an, um für das Handy jedes Offiziellen einen Code zu drucken, oder verbinden Sie die Boxen.',
  runningFor: (time) => `Läuft seit ${time}.`,
  stageDisplay: (platform) => `Anzeige für ${platform}`,
  days: (n) => `${n} Tage`,
  headline: {
    bridgeStarting: 'Warten: Die Brücke startet',
    down: 'Entscheidungen kommen nicht durch',
    offline: (platforms) => `Entscheidungen von ${platforms} kommen nicht durch`,
    starting: (platforms) => `Warten: ${platforms} startet`,
    twice: 'Zwei owlcms nehmen die Entscheidungen an: eines anhalten',
    good: 'Entscheidungen kommen durch',
    silent: 'owlcms nimmt keine Entscheidungen an',
    waiting: 'Warten auf owlcms',
  },
  restart: {
    title: 'Diese Brücke',
    word: 'Startet bald neu',
    sentence: 'Sie startet in der nächsten Pause neu. Bis dahin geht alles wie gewohnt.',
    why: 'Sie soll anhalten: wegen einer neuen Version, oder der Anbieter will es.',
    waiting: (time) => `wartet seit ${time}`,
    left: (time) => `noch höchstens ${time}`,
  },
  other: {
    title: (name) => `Brücke ${name}`,
    word: 'Auch da',
    twice: 'Läuft doppelt',
    sentence: 'Sie ist mit demselben Broker verbunden. Beide geben Entscheidungen weiter.',
    unheard: 'Nicht zu hören',
    unheardSentence:
      'Wir hören sie nicht: So lange entscheidet jede Brücke selbst, wer auf einem Platz sitzt, und zwei Handys könnten für denselben entscheiden. Der Benutzer des Brokers muss auf owlcms/bridge/# senden dürfen.',
    since: (time) => `seit ${time}`,
  },
  broker: {
    starting: 'Startet',
    startingSentence: 'Die Brücke startet: Versuchen Sie es gleich noch einmal.',
    title: 'Broker',
    connected: 'Verbunden',
    connectedFor: (time) => `Verbunden seit ${time}.`,
    own: 'Diese Brücke',
    ownFor: (time) => `Die Brücke ist selbst der Broker, seit ${time}.`,
    losses: (n) => `${n}-mal abgerissen`,
    roundTrip: (ms) => `hin und zurück in ${ms} ms`,
    noLink: 'Keine Verbindung',
    downFor: (time) => `getrennt seit ${time}`,
    nextTry: (time) => `nächster Versuch in ${time}`,
    attempt: (n) => `Versuch ${n}`,
    connecting: 'Verbinde',
    connectingSentence: 'Die Brücke verbindet sich mit dem Broker.',
    again: 'neuer Versuch läuft',
    stopped: 'Angehalten',
    stoppedSentence: 'Die Brücke hält an.',
  },
  owlcms: {
    answers: 'Antwortet',
    answersSentence: 'owlcms ist da und nimmt Entscheidungen an.',
    silent: 'Keine Antwort',
    asking: 'Gefragt',
    askingSentence: 'Die Brücke hat owlcms gefragt, ob es da ist.',
    unknown: 'Unbekannt',
    unknownSentence: 'Das weiß niemand, solange die Verbindung zum Broker fehlt. Zuerst diese herstellen.',
    jury: (size) => `Jury aus ${size}`,
  },
  clock: {
    title: 'Uhr',
    ago: (time) => `vor ${time}`,
    slept: {
      word: 'Schlief',
      why: 'Inzwischen kam nichts durch. Er ist wieder wach, und seine Zeiten stimmen.',
      nextStep: 'Schalten Sie seinen Schlaf für den Wettkampf aus, auch bei geschlossenem Deckel.',
    },
    sleptFor: (time) => `Der Rechner dieser Brücke schlief ${time} lang.`,
    set: {
      word: 'Gestellt',
      why: 'Sie ging vorher falsch, wie an einem gerade eingeschalteten Rechner. Die Brücke richtet sich nach der neuen Zeit.',
      nextStep:
        'Links, die auf dieser Brücke vorher gemacht wurden, werden vielleicht abgewiesen: Machen Sie neue. Was vorher widerrufen wurde, noch einmal widerrufen.',
    },
    setForward: (time) => `Die Uhr des Rechners dieser Brücke wurde um ${time} vorgestellt.`,
    setBack: (time) => `Die Uhr des Rechners dieser Brücke wurde um ${time} zurückgestellt.`,
  },
  heard: (time) => `zuletzt gehört vor ${time}`,
  pressed: (time) => `letzte Entscheidung oder letztes Signal vor ${time}`,
  platform: {
    ready: { word: 'Bereit', sentence: 'Entscheidungen kommen durch.' },
    starting: {
      word: 'Startet',
      sentence: 'owlcms startet diese Plattform. 2 Sekunden warten, bevor jemand eine Taste benutzt.',
    },
    quiet: {
      word: 'Still',
      sentence: 'Von dieser Plattform war noch nichts zu hören. Vor einer Gruppe ist das normal.',
    },
    offline: {
      word: 'Abgeschnitten',
      sentence: 'Entscheidungen dieser Plattform kommen nicht durch. Flaggen oder Kellen benutzen.',
    },
  },
  dropped: (n) =>
    n === 1
      ? `${n} Entscheidung oder Signal wurde seit dem Start der Brücke nicht zugestellt. Fragen Sie die Offiziellen, ob owlcms es zeigt.`
      : `${n} Entscheidungen oder Signale wurden seit dem Start der Brücke nicht zugestellt. Fragen Sie die Offiziellen, ob owlcms sie zeigt.`,
}
