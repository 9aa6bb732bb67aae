import type { SetupWords } from '../en/setup.ts'

const onlyTheName = 'N’y mettez que le nom du broker, comme abc123.s1.eu.hivemq.cloud.'
const copyIt = 'Copiez la valeur depuis les réglages d’owlcms ou depuis la page du broker.'

export const setup: SetupWords = {
  title: 'À configurer',
  headline: (count) =>
    count === 1 ? 'Configuration : 1 réglage à corriger' : `Configuration : ${count} réglages à corriger`,
  intro:
    'La passerelle tourne, mais ne peut pas encore travailler. Corrigez ce qui est indiqué ici ; elle redémarre alors, et cette page devient d’elle-même la page d’état.',
  noticed: 'À noter aussi',
  replace:
    'Mettez votre propre valeur après chaque signe égal. Cette page ne montre jamais les valeurs que vous avez définies.',
  problem: { missing: 'manque', wrong: 'incorrect' },
  places: { fly: 'Sur Fly.io', heroku: 'Sur Heroku', other: 'Partout ailleurs' },
  steps: {
    fly: 'Dans un terminal, dans le dossier de fly.toml :',
    heroku: 'Dans un terminal, dans le dossier de l’app :',
    other:
      'Comme variables d’environnement, par exemple dans le fichier .env ; puis redémarrez la passerelle :',
  },
  anywhere: 'Dans un terminal, dans n’importe quel dossier :',
  byMouse: 'Ou sans terminal, dans le tableau de bord',
  dashboard: {
    fly: (app) => [
      `Ouvrez https://fly.io/apps/${app ?? '…'}/secrets et connectez-vous.`,
      'Ajoutez un secret par ligne : le mot avant le signe égal est son nom, votre propre valeur sa valeur.',
      'Déployez les secrets, sur la même page. La passerelle redémarre d’elle-même.',
    ],
    heroku: (app) => [
      `Ouvrez https://dashboard.heroku.com/apps/${app ?? '…'}/settings et connectez-vous.`,
      'Choisissez « Reveal Config Vars ».',
      'Ajoutez chaque ligne : le mot avant le signe égal va dans KEY, votre propre valeur dans VALUE. La passerelle redémarre d’elle-même.',
    ],
  },
  copy: 'Copier',
  copied: 'Copié',
  swapped: {
    question: 'Le nom d’utilisateur et le mot de passe sont-ils inversés ?',
    answer:
      'Le nom d’utilisateur est celui que vous avez inventé pour l’utilisateur du broker ; la page du broker le montre (HiveMQ Cloud : Access Management). Aucune page ne montre le mot de passe. Si la valeur d’OWLCMS_MQTTUSERNAME n’est pas dans cette liste, remettez les deux. owlcms a besoin des mêmes.',
  },
  typed:
    'Ou, pour qu’aucun mot de passe ne reste dans l’historique du terminal : tapez ces lignes, puis Ctrl-D',
  faults: {
    noServer: {
      what: 'Ce réglage n’est pas défini.',
      why: 'C’est l’adresse du broker MQTT, la même que dans owlcms. Sans elle, la passerelle n’atteint pas le broker.',
      nextStep: copyIt,
    },
    noUserName: {
      what: 'Ce réglage n’est pas défini.',
      why: 'C’est le nom d’utilisateur chez le broker, le même que dans owlcms. Sans lui, la passerelle n’atteint pas le broker.',
      nextStep: copyIt,
    },
    noPassword: {
      what: 'Ce réglage n’est pas défini.',
      why: 'C’est le mot de passe chez le broker, le même que dans owlcms. Sans lui, la passerelle n’atteint pas le broker.',
      nextStep: copyIt,
    },
    credentials: {
      what: 'Il contient un « @ » : un nom d’utilisateur ou un mot de passe semble être dans l’adresse.',
      why: 'Ils ont leurs propres réglages, pour rester secrets.',
      nextStep: 'Ne laissez ici que l’adresse ; le reste va dans OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD.',
    },
    swapped: {
      what: 'C’est un numéro de port, et OWLCMS_MQTTPORT n’en est pas un : les deux semblent inversés.',
      why: 'OWLCMS_MQTTSERVER reçoit l’adresse du broker, OWLCMS_MQTTPORT son port.',
      nextStep: 'Inversez les deux valeurs.',
    },
    consolePage: {
      what: 'C’est la page web où vous gérez les brokers, pas un broker.',
      why: 'Le broker lui-même a sa propre adresse.',
      nextStep:
        'Ouvrez cette page, choisissez votre cluster et copiez son « URL » : elle ressemble à abc123.s1.eu.hivemq.cloud.',
    },
    webPage: {
      what: 'C’est l’adresse d’une page web (http ou https).',
      why: 'Un broker parle MQTT, pas HTTP.',
      nextStep: `${onlyTheName} Pour MQTT sur WebSocket, écrivez wss:// au lieu de https://.`,
    },
    scheme: {
      what: 'Il y a quelque chose d’inconnu avant « :// ».',
      why: 'La passerelle connaît mqtts, ssl, tls, mqtt, tcp, wss et ws.',
      nextStep: onlyTheName,
    },
    host: {
      what: 'Ce n’est pas l’adresse d’un ordinateur.',
      why: 'Une adresse contient des lettres, des chiffres, des points et des traits d’union, sans espaces.',
      nextStep: onlyTheName,
    },
    portInServer: {
      what: 'Le port après « : » n’est pas un numéro de port.',
      why: 'Les ports sont des nombres entiers de 1 à 65535.',
      nextStep: `${onlyTheName} Le port va dans OWLCMS_MQTTPORT.`,
    },
    brokerPort: {
      what: 'Ce n’est pas un numéro de port.',
      why: 'Les ports sont des nombres entiers de 1 à 65535, sans zéros devant.',
      nextStep: 'Mettez 8883, ou le port indiqué sur la page du broker.',
    },
    portConflict: {
      what: 'OWLCMS_MQTTSERVER et OWLCMS_MQTTPORT indiquent des ports différents.',
      why: 'La passerelle ne peut pas savoir lequel est le bon.',
      nextStep: 'Retirez le port d’OWLCMS_MQTTSERVER et comparez OWLCMS_MQTTPORT avec la page du broker.',
    },
    path: {
      what: 'Il y a après l’adresse quelque chose qui n’y a pas sa place.',
      why: 'Seule une adresse wss:// peut avoir un chemin, comme /mqtt, et aucune n’a de « ? » ni de « # ».',
      nextStep: onlyTheName,
    },
    userNameIsAddress: {
      what: 'Cela ressemble à l’adresse d’un broker : des quatre valeurs, certaines semblent inversées.',
      why: 'Le nom d’utilisateur est celui que vous avez choisi pour l’utilisateur du broker.',
      nextStep:
        'Vérifiez les quatre : OWLCMS_MQTTSERVER reçoit l’adresse du broker, OWLCMS_MQTTUSERNAME le nom de l’utilisateur.',
    },
    noVenueUserName: {
      what: 'Ce réglage n’est pas défini, mais BRIDGE_VENUE_PASSWORD l’est.',
      why: 'MQTT ne connaît pas de mot de passe sans nom d’utilisateur.',
      nextStep:
        'Définissez aussi BRIDGE_VENUE_USERNAME, ou supprimez BRIDGE_VENUE_PASSWORD pour laisser entrer tout appareil.',
    },
    ownOnHeroku: {
      what: 'Heroku ne laisse entrer que HTTPS : owlcms ne peut pas s’y connecter à une passerelle.',
      why: 'owlcms parle MQTT simple, pour lequel Heroku n’a pas de port.',
      nextStep:
        'Retirez BRIDGE_BROKER et prenez un broker dans le cloud, ou faites tourner la passerelle sur Fly.io ou dans la salle.',
    },
    ownPortTaken: {
      what: 'C’est le port d’un autre service de cette passerelle.',
      why: 'Deux services ne peuvent pas partager un port.',
      nextStep:
        'Mettez BRIDGE_BROKER_PORT sur un autre port, d’ordinaire 1883 ; dans la salle, laissez-le vide.',
    },
    venueOnHeroku: {
      what: 'Heroku ne laisse entrer que HTTPS : le MQTT simple n’est pas possible ici.',
      why: 'Le MQTT simple a sa place dans la salle, sur un portable ou un Raspberry Pi.',
      nextStep: 'Supprimez ici BRIDGE_VENUE_PORT, et lancez « owlcms-bridge venue » dans la salle.',
    },
    venuePortTaken: {
      what: 'C’est le port du serveur web.',
      why: 'Deux services ne peuvent pas partager un port.',
      nextStep: 'Mettez un autre port dans BRIDGE_VENUE_PORT, en général 1883.',
    },
    metricsOnHeroku: {
      what: 'Heroku ne laisse entrer que HTTPS à son propre port : personne ne pourrait y accéder.',
      why: 'Un second port est fait pour les hébergeurs avec un réseau privé, comme Fly.io.',
      nextStep:
        'Supprimez BRIDGE_METRICS_PORT, et définissez BRIDGE_METRICS_TOKEN pour lire /metrics à l’adresse de l’app.',
    },
    metricsPortTaken: {
      what: 'Un autre service de la passerelle a déjà ce port.',
      why: 'Deux services ne peuvent pas partager un port.',
      nextStep: 'Mettez un autre port dans BRIDGE_METRICS_PORT, en général 9091.',
    },
    range: (least, most) => ({
      what: 'La passerelle ne peut pas utiliser ce nombre.',
      why: `Il faut un nombre entier de ${least} à ${most}.`,
      nextStep: `Mettez un nombre entier de ${least} à ${most}.`,
    }),
    port: {
      what: 'Ce n’est pas un numéro de port.',
      why: 'Les ports sont des nombres entiers jusqu’à 65535.',
      nextStep: 'Mettez un numéro de port.',
    },
    word: (words) => ({
      what: 'Ce mot n’est pas possible ici.',
      why: `Sont possibles : ${words}.`,
      nextStep: 'Mettez l’un de ces mots.',
    }),
    yesOrNo: {
      what: 'Ce n’est ni true ni false.',
      why: 'Ce réglage active ou désactive quelque chose.',
      nextStep: 'Mettez true ou false.',
    },
    name: {
      what: 'La passerelle ne peut pas utiliser ce nom.',
      why: 'Il fait partie d’un topic : au plus 40 des caractères a-z, 0-9 et « - ».',
      nextStep: 'Choisissez un nom court, comme « salle-nord ».',
    },
    listenAddress: {
      what: 'La passerelle ne peut pas écouter à cette adresse.',
      why: 'Il faut une adresse IP de cet ordinateur.',
      nextStep: 'Supprimez ce réglage, ou mettez 0.0.0.0 (tout IPv4) ou :: (toutes les adresses).',
    },
    shortSecret: {
      what: 'C’est trop court.',
      why: 'Quelqu’un pourrait le deviner.',
      nextStep: 'Prenez au moins 16 caractères au hasard, ou supprimez ce réglage.',
    },
    proxyAddress: {
      what: 'Il contient quelque chose qui n’est pas une adresse.',
      why: 'Seul votre propre proxy peut dire d’où vient un client, et on le reconnaît à son adresse.',
      nextStep:
        'Mettez loopback (un proxy sur cet ordinateur), ou des adresses comme 10.0.0.5 ou 10.0.0.0/24, séparées par des virgules.',
    },
    proxyTooWide: {
      what: 'Il fait confiance à beaucoup trop d’adresses.',
      why: 'N’importe qui parmi elles pourrait se faire passer pour un autre client.',
      nextStep: 'N’indiquez que les proxys eux-mêmes.',
    },
    webAddress: {
      what: 'Ce n’est pas l’adresse d’un site web.',
      why: 'Les liens des officiels commencent par elle.',
      nextStep: 'Écrivez-la comme https://bridge.example.org, sans rien après le nom.',
    },
    certificate: {
      what: 'Il ne contient pas de certificat lisible.',
      why: 'Un certificat au format PEM commence par « -----BEGIN CERTIFICATE----- ».',
      nextStep: 'Collez le texte PEM du certificat CA, ou indiquez le chemin d’un fichier PEM.',
    },
    certificateFile: (code) => ({
      what: 'Le fichier indiqué ne peut pas être lu.',
      why: `L’ordinateur dit : ${code}.`,
      nextStep: 'Vérifiez le chemin et les droits du fichier, ou collez le texte PEM lui-même.',
    }),
    certificateFileOdd: {
      what: 'Le fichier indiqué ne peut pas être lu.',
      why: 'Ce n’est pas un fichier ordinaire, ou il est bien trop gros pour un certificat.',
      nextStep: 'Vérifiez le chemin et les droits du fichier, ou collez le texte PEM lui-même.',
    },
  },
  warnings: {
    spaces: 'Les espaces ou fins de ligne autour de la valeur ont été retirés ; ils n’en font pas partie.',
    quotes: 'Les guillemets autour de la valeur ont été retirés ; ils n’en font pas partie.',
    unseen:
      'Il contient un caractère qu’aucun écran ne montre, comme une espace particulière. Tapez la valeur à la main.',
    curly: 'Il contient des guillemets courbes ; certains éditeurs les mettent à la place des droits.',
    halfQuoted: 'Il commence par un guillemet sans fin : un « # » ou une espace l’a peut-être coupé.',
    fileLine: (line) => `La ligne ${line} du fichier n’est pas NOM=valeur, elle est ignorée.`,
    twiceInFile: 'Il figure deux fois dans le fichier ; le dernier compte.',
    behindQuote: 'Ce qui suit le guillemet fermant est pris pour un commentaire.',
    behindHash: 'Ce qui suit « # » est pris pour un commentaire.',
    wordProcessor: 'Le fichier est un document de traitement de texte. Enregistrez-le en texte brut.',
    notUtf8:
      'Le fichier n’est pas en UTF-8 : si une valeur contient des lettres comme é ou ü, enregistrez-le en UTF-8.',
    noTextFile: 'Ce n’est pas un fichier de texte.',
    fileUnreadable: (code) => `Le fichier est illisible (${code}).`,
    fileIsTxt:
      'Ce fichier n’existe pas, mais il y en a un terminé par .txt, comme Windows l’ajoute : renommez-le ou donnez ce nom.',
    cutByNode: (taken, written) =>
      `Le lecteur de Node a pris ${taken} de ses ${written} caractères : un « # », des guillemets ou l’encodage du fichier l’a arrêté. Écrivez --settings FICHIER après la commande au lieu de --env-file.`,
    unknownName: 'La passerelle ne connaît pas de réglage de ce nom et l’ignore.',
    unknownNameLike: (name) =>
      `La passerelle ne connaît pas de réglage de ce nom et l’ignore. Vouliez-vous dire ${name} ?`,
    capitals: (name) => `Les majuscules comptent ici, il est donc ignoré. Vouliez-vous dire ${name} ?`,
    readByAll: (name) =>
      `Toute personne sur cet ordinateur peut le lire dans la liste des programmes en cours. Définissez plutôt ${name}.`,
    plainOnTlsPort:
      'Il demande une connexion sans chiffrement, alors que les ports qui commencent par 8 sont en TLS. Pour TLS, enlevez mqtt:// ou tcp://.',
    plainOnCloud:
      'Ce broker dans le cloud n’accepte que des connexions chiffrées. Mettez 8883 dans OWLCMS_MQTTPORT.',
    defaultPortWithWebSocket: '8883 n’est pas utilisé, car OWLCMS_MQTTSERVER commence par wss:// ou ws://.',
    hiveMqWebSocket: '8884 est le port de HiveMQ Cloud pour MQTT sur WebSocket, et il est utilisé ainsi.',
    hostWithoutDot: 'Il n’a pas de point : ce n’est juste que pour un ordinateur de votre réseau.',
    passwordIsAddress:
      'Cela ressemble à l’adresse d’un broker : des quatre valeurs, certaines sont peut-être inversées.',
    ownTlsPort:
      'owlcms demande TLS sur un port qui commence par 8, et cette passerelle le prend sans TLS sur 1883. Mettez 1883 ici et dans owlcms, sauf si quelque chose devant termine TLS.',
    ownServerNotUsed:
      'Il ne sert pas : avec BRIDGE_BROKER=own, owlcms se connecte à cette passerelle. Retirez l’un des deux.',
    noAdministrator:
      'Il n’est pas défini : personne ne peut ouvrir la console et donner des codes aux téléphones.',
    samePassword:
      'C’est la même valeur que OWLCMS_MQTTUSERNAME : l’une des deux a peut-être été collée deux fois.',
    proxyNotUsed: 'Il n’est pas utilisé sur Fly.io et Heroku : leur propre proxy dit d’où vient un client.',
    stopDelay: (seconds) =>
      `Heroku termine un programme 30 s après lui avoir demandé de s’arrêter : ${seconds} s sont donc utilisées.`,
  },
}
