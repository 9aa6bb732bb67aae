import type { StatusWords } from '../en/status.ts'

export const status: StatusWords = {
  signIn: 'Se connecter',
  version: (v) => `version ${v}`,
  noConnection: 'Pas de connexion à la passerelle',
  pictureFrom: (time) => `cette image date de ${time}`,
  firstStep:
    'Aucune décision n’est encore arrivée. Connectez-vous pour imprimer un code pour le téléphone de chaque officiel, ou branchez les boîtiers.',
  runningFor: (time) => `En marche depuis ${time}.`,
  stageDisplay: (platform) => `Affichage de ${platform}`,
  days: (n) => `${n} jours`,
  headline: {
    bridgeStarting: 'Attendez : la passerelle démarre',
    down: 'Les décisions ne passent pas',
    offline: (platforms) => `Les décisions de ${platforms} ne passent pas`,
    starting: (platforms) => `Attendez : ${platforms} démarre`,
    twice: 'Deux owlcms prennent les décisions : arrêtez-en un',
    good: 'Les décisions passent',
    silent: 'owlcms ne prend aucune décision',
    waiting: 'En attente d’owlcms',
  },
  restart: {
    title: 'Cette passerelle',
    word: 'Redémarre bientôt',
    sentence: 'Elle redémarrera à la prochaine pause. D’ici là tout fonctionne comme d’habitude.',
    why: 'On lui a dit de s’arrêter, pour une nouvelle version ou par l’hébergeur.',
    waiting: (time) => `attend depuis ${time}`,
    left: (time) => `il reste ${time} au plus`,
  },
  other: {
    title: (name) => `Passerelle ${name}`,
    word: 'Aussi présente',
    twice: 'Tourne deux fois',
    sentence: 'Elle est connectée au même broker. Les deux transmettent les décisions.',
    unheard: 'Pas entendue',
    unheardSentence:
      'Nous ne l’entendons pas : chaque passerelle décide alors seule qui occupe un poste, et deux téléphones peuvent décider pour le même. Autorisez l’utilisateur du broker à publier sur owlcms/bridge/#.',
    since: (time) => `depuis ${time}`,
  },
  broker: {
    starting: 'Démarre',
    startingSentence: 'La passerelle démarre : réessayez dans un instant.',
    title: 'Broker',
    connected: 'Connecté',
    connectedFor: (time) => `Connecté depuis ${time}.`,
    own: 'Cette passerelle',
    ownFor: (time) => `La passerelle est elle-même le broker, depuis ${time}.`,
    losses: (n) => `perdu ${n} fois`,
    roundTrip: (ms) => `aller-retour en ${ms} ms`,
    noLink: 'Pas de liaison',
    downFor: (time) => `coupé depuis ${time}`,
    nextTry: (time) => `prochain essai dans ${time}`,
    attempt: (n) => `essai ${n}`,
    connecting: 'Connexion',
    connectingSentence: 'La passerelle se connecte au broker.',
    again: 'nouvel essai en cours',
    stopped: 'Arrêtée',
    stoppedSentence: 'La passerelle s’arrête.',
  },
  owlcms: {
    answers: 'Répond',
    answersSentence: 'owlcms est là et prend les décisions.',
    silent: 'Pas de réponse',
    asking: 'Question posée',
    askingSentence: 'La passerelle a demandé à owlcms s’il est là.',
    unknown: 'Inconnu',
    unknownSentence: 'Impossible à dire tant que la liaison au broker est coupée. Réparez-la d’abord.',
    jury: (size) => `jury de ${size}`,
  },
  clock: {
    title: 'Horloge',
    ago: (time) => `il y a ${time}`,
    slept: {
      word: 'Endormi',
      why: 'Rien n’est passé pendant ce temps. Il est réveillé, et ses heures sont justes.',
      nextStep: 'Désactivez sa mise en veille pour la compétition, même capot fermé.',
    },
    sleptFor: (time) => `L’ordinateur de cette passerelle a dormi ${time}.`,
    set: {
      word: 'Réglée',
      why: 'Elle était fausse, comme sur un ordinateur qu’on vient d’allumer. La passerelle suit la nouvelle heure.',
      nextStep:
        'Les liens faits auparavant sur cette passerelle peuvent être refusés : faites-en de nouveaux. Révoquez de nouveau ce qui l’était.',
    },
    setForward: (time) => `L’horloge de l’ordinateur de cette passerelle a été avancée de ${time}.`,
    setBack: (time) => `L’horloge de l’ordinateur de cette passerelle a été reculée de ${time}.`,
  },
  heard: (time) => `entendu il y a ${time}`,
  pressed: (time) => `dernière décision ou dernier signal il y a ${time}`,
  platform: {
    ready: { word: 'Prêt', sentence: 'Les décisions passent.' },
    starting: {
      word: 'Démarre',
      sentence: 'owlcms démarre ce plateau. Attendez 2 secondes avant d’utiliser un bouton.',
    },
    quiet: { word: 'Calme', sentence: 'Rien entendu de ce plateau pour l’instant. Normal avant un groupe.' },
    offline: {
      word: 'Hors ligne',
      sentence: 'Les décisions de ce plateau ne passent pas. Utilisez drapeaux ou palettes.',
    },
  },
  dropped: (n) =>
    n === 1
      ? `${n} décision ou signal n’a pas été transmis depuis le démarrage de la passerelle. Demandez aux officiels si owlcms le montre.`
      : `${n} décisions ou signaux n’ont pas été transmis depuis le démarrage de la passerelle. Demandez aux officiels si owlcms les montre.`,
}
