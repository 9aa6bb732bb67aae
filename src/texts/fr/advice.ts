import type { Advice, AdviceCode } from '../../protocol/link/advice.ts'

export const advice: Readonly<Record<AdviceCode, Advice>> = {
  dns: {
    what: 'L’adresse du broker n’existe pas.',
    why: 'Aucun ordinateur sur Internet ne porte le nom écrit dans OWLCMS_MQTTSERVER, ou le service de noms ne répond pas.',
    nextStep:
      'Recopiez l’adresse du broker dans OWLCMS_MQTTSERVER : seulement le nom, comme sur la page du broker.',
  },
  dnsSilent: {
    what: 'Le service de noms ne répond pas : l’adresse du broker n’a pas pu être cherchée.',
    why: 'L’ordinateur de la passerelle n’a pas Internet, ou son réseau bloque la recherche de noms.',
    nextStep:
      'Vérifiez la connexion Internet de l’ordinateur où tourne la passerelle : ouvrez-y une page web. Puis réessayez.',
  },
  refused: {
    what: 'L’ordinateur du broker est là, mais rien ne répond à ce port.',
    why: 'OWLCMS_MQTTPORT n’est pas le port du broker, ou le broker est éteint.',
    nextStep:
      'Vérifiez OWLCMS_MQTTPORT (8883 pour la plupart des brokers dans le cloud), puis que le broker tourne.',
  },
  brokerAway: {
    what: 'Le broker n’est pas là en ce moment.',
    why: 'Il était là avant avec les mêmes réglages, qui sont donc justes. Il redémarre peut-être, ou quelqu’un l’a arrêté.',
    nextStep:
      'Attendez : la passerelle réessaie d’elle-même. Si cela dure plus de deux minutes, regardez la page ou l’ordinateur du broker.',
  },
  timeout: {
    what: 'Le broker ne répond pas.',
    why: 'Un pare-feu avale peut-être la connexion, ou OWLCMS_MQTTSERVER ou OWLCMS_MQTTPORT est faux.',
    nextStep:
      'Vérifiez OWLCMS_MQTTSERVER et OWLCMS_MQTTPORT. Derrière un pare-feu strict, prenez un broker au port 443.',
  },
  reset: {
    what: 'La connexion au broker a été coupée.',
    why: 'Le réseau ou le broker l’a rompue. De temps en temps c’est normal, à répétition non.',
    nextStep:
      'Attendez : la passerelle réessaie d’elle-même. Si cela se répète, vérifiez OWLCMS_MQTTPORT et la page du broker.',
  },
  unreachable: {
    what: 'Il n’y a pas de chemin réseau vers le broker.',
    why: 'Cet ordinateur n’a pas Internet, ou son réseau bloque le broker.',
    nextStep:
      'Vérifiez la connexion Internet de l’ordinateur où tourne la passerelle, puis OWLCMS_MQTTSERVER.',
  },
  cloudPort: {
    what: 'Ce broker dans le cloud n’accepte pas de connexion sans chiffrement.',
    why: 'OWLCMS_MQTTPORT est un port sans TLS, comme 1883. Les brokers dans le cloud écoutent sur 8883.',
    nextStep: 'Mettez OWLCMS_MQTTPORT à 8883, et enlevez mqtt:// ou tcp:// de OWLCMS_MQTTSERVER.',
  },
  certificateUnknownCa: {
    what: 'Le certificat du broker est signé par quelqu’un que la passerelle ne connaît pas.',
    why: 'Le broker a une autorité de certification privée, ou quelque chose intercepte la connexion.',
    nextStep:
      'Pour votre propre broker, mettez son certificat CA dans BRIDGE_MQTT_CA. Sinon vérifiez OWLCMS_MQTTSERVER.',
  },
  certificateSelfSigned: {
    what: 'Le certificat du broker est signé par lui-même : personne ne s’en porte garant.',
    why: 'C’est votre propre broker avec un certificat fait à la main, ou quelque chose répond à sa place.',
    nextStep:
      'Pour votre propre broker, mettez ce certificat (PEM) dans BRIDGE_MQTT_CA. Sinon vérifiez OWLCMS_MQTTSERVER.',
  },
  certificateExpired: {
    what: 'Le certificat du broker a expiré.',
    why: 'Le propriétaire du broker ne l’a pas renouvelé, ou l’horloge de cet ordinateur est fausse.',
    nextStep:
      'Renouvelez le certificat du broker, ou demandez-le à son propriétaire. Vérifiez l’horloge de l’ordinateur où tourne la passerelle.',
  },
  certificateNotYetValid: {
    what: 'Le certificat du broker n’est pas encore valable.',
    why: 'L’horloge de cet ordinateur est probablement fausse.',
    nextStep: 'Réglez l’horloge de l’ordinateur où tourne la passerelle, puis redémarrez la passerelle.',
  },
  certificateWrongHost: {
    what: 'Le certificat du broker est fait pour une autre adresse.',
    why: 'OWLCMS_MQTTSERVER n’est pas le nom pour lequel le certificat a été fait.',
    nextStep:
      'Écrivez le nom complet du broker dans OWLCMS_MQTTSERVER, pas une adresse en chiffres ni un nom court.',
  },
  certificateOther: {
    what: 'Le certificat du broker n’a pas été accepté.',
    why: 'La passerelle vérifie à qui elle parle, et ce certificat n’a pas convaincu.',
    nextStep:
      'Vérifiez OWLCMS_MQTTSERVER. Pour votre propre broker, vérifiez son certificat et BRIDGE_MQTT_CA.',
  },
  captivePortal: {
    what: 'Quelque chose d’autre répond à la place du broker.',
    why: 'Son certificat n’est pas celui du broker. C’est ce que font la page de connexion d’un réseau invité, un pare-feu ou un antivirus.',
    nextStep:
      'Ouvrez une page web sur l’ordinateur de la passerelle et connectez-vous au réseau, ou prenez un autre réseau (le partage d’un téléphone).',
  },
  tls: {
    what: 'Aucune connexion sûre au broker n’a été possible.',
    why: 'Le port est sans doute sans TLS, ou le TLS du broker est trop ancien. Un port qui commence par 8 veut dire TLS.',
    nextStep: 'Vérifiez OWLCMS_MQTTPORT : 8883 avec TLS, 1883 sans.',
  },
  tlsTooOld: {
    what: 'Le chiffrement du broker est trop ancien.',
    why: 'Il n’offre rien de plus récent que TLS 1.1, qui n’est plus sûr ; la passerelle demande TLS 1.2 ou plus.',
    nextStep:
      'Mettez le broker à jour, ou autorisez TLS 1.2 et 1.3 dans ses réglages. Aucun broker dans le cloud n’est aussi ancien.',
  },
  notTls: {
    what: 'Ce port n’a pas de chiffrement.',
    why: 'La passerelle utilise TLS parce que OWLCMS_MQTTPORT commence par 8 (ou que l’adresse le demande), mais l’autre côté ne le parle pas.',
    nextStep:
      'Mettez dans OWLCMS_MQTTPORT le port TLS du broker (en général 8883), ou dans votre propre réseau le port sans TLS (en général 1883).',
  },
  tlsCut: {
    what: 'L’autre côté ferme la connexion avant qu’elle soit chiffrée.',
    why: 'OWLCMS_MQTTPORT est un port sans TLS, le broker derrière cette adresse est arrêté, ou un pare-feu coupe la connexion.',
    nextStep:
      'Vérifiez OWLCMS_MQTTPORT : 8883 avec TLS, 1883 sans. S’il est juste, regardez si le broker tourne.',
  },
  notMqtt: {
    what: 'Quelque chose répond, mais ce n’est pas un broker MQTT.',
    why: 'OWLCMS_MQTTSERVER ou OWLCMS_MQTTPORT mène à un autre service, par exemple une page web.',
    nextStep: 'Recopiez OWLCMS_MQTTSERVER et OWLCMS_MQTTPORT depuis la page du broker.',
  },
  webServer: {
    what: 'Un serveur web répond, pas un broker MQTT.',
    why: 'OWLCMS_MQTTPORT est le port d’une page web, ou une page de connexion du réseau répond à la place du broker.',
    nextStep:
      'Recopiez OWLCMS_MQTTSERVER et OWLCMS_MQTTPORT depuis la page du broker : le port est en général 8883.',
  },
  noMqttPath: {
    what: 'Un serveur web répond, mais il n’a pas de MQTT à /mqtt.',
    why: 'Si c’est owlcms, il est plus ancien que la version 66, ou OWLCMS_MQTTSERVER y est défini, ce qui arrête son propre serveur.',
    nextStep:
      'Retirez OWLCMS_MQTTSERVER d’owlcms et mettez-le à jour en 66 ou plus récent, ou donnez aux deux l’adresse d’un autre broker.',
  },
  badCredentials: {
    what: 'Le broker refuse le nom d’utilisateur ou le mot de passe.',
    why: 'OWLCMS_MQTTUSERNAME ou OWLCMS_MQTTPASSWORD est faux. Certains brokers disent la même chose quand toutes leurs connexions sont prises.',
    nextStep:
      'Remettez OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD exactement comme créés sur la page du broker. La vérification dit combien de caractères du mot de passe arrivent : #, $ ou un guillemet peut le couper.',
  },
  passwordWanted: {
    what: 'Le broker veut un nom d’utilisateur et un mot de passe.',
    why: 'La passerelle n’en a pas : OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD sont vides, et ce broker ne laisse entrer personne sans eux.',
    nextStep:
      'Mettez dans OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD ce qu’a owlcms, et enlevez BRIDGE_ALLOW_ANONYMOUS.',
  },
  notAuthorised: {
    what: 'Le broker ne laisse pas entrer la passerelle.',
    why: 'Le nom d’utilisateur ou le mot de passe est faux, cet utilisateur n’a pas la permission, ou toutes les connexions du broker sont prises.',
    nextStep:
      'Vérifiez OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD, puis la permission de l’utilisateur (publier et s’abonner sur owlcms/#). Un changement peut prendre 5 minutes. La vérification dit combien de caractères du mot de passe arrivent : #, $ ou un guillemet peut le couper.',
  },
  noPermission: {
    what: 'Le broker ne laisse pas entrer cet utilisateur.',
    why: 'OWLCMS_MQTTUSERNAME ou OWLCMS_MQTTPASSWORD est faux, ou cet utilisateur ne peut pas se connecter. Ce n’est pas le nombre de connexions : le broker le dirait.',
    nextStep:
      'Remettez OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD exactement comme créés sur la page du broker. Un nouvel utilisateur peut prendre 5 minutes. La vérification dit combien de caractères du mot de passe arrivent : #, $ ou un guillemet peut le couper.',
  },
  noServerName: {
    what: 'Le broker ne laisse pas entrer la passerelle.',
    why: 'OWLCMS_MQTTSERVER est une adresse en chiffres. Les brokers dans le cloud partagent ces adresses et refusent qui ne donne pas le nom. Sur votre propre broker, le nom d’utilisateur ou le mot de passe est faux.',
    nextStep:
      'Écrivez le nom du broker dans OWLCMS_MQTTSERVER, comme abc123.s1.eu.hivemq.cloud. Pour votre propre broker, vérifiez OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD.',
  },
  connectionLimit: {
    what: 'Le broker n’a plus de connexion libre.',
    why: 'Son offre permet un nombre fixe de connexions, et toutes sont prises.',
    nextStep:
      'Déconnectez du broker ce qui ne sert pas, connectez plutôt les appareils à la passerelle, ou choisissez une offre plus grande.',
  },
  serverBusy: {
    what: 'Le broker est surchargé ou en maintenance.',
    why: 'Il l’a dit lui-même.',
    nextStep:
      'Attendez : la passerelle réessaie d’elle-même. Si cela dure, regardez la page d’état du broker.',
  },
  takenOver: {
    what: 'Un autre programme a pris la place de la passerelle sur le broker.',
    why: 'Il s’est connecté avec le même identifiant : sans doute une deuxième copie de cette passerelle.',
    nextStep: 'Arrêtez la deuxième copie. Sur Fly.io : fly scale count 1.',
  },
  subscriptionRefused: {
    what: 'Le broker ne laisse pas la passerelle écouter owlcms.',
    why: 'L’utilisateur de OWLCMS_MQTTUSERNAME ne peut pas s’abonner à owlcms/#.',
    nextStep:
      'Donnez à cet utilisateur la permission de publier et de s’abonner sur owlcms/# au broker. Cela peut prendre 5 minutes.',
  },
  publishRefused: {
    what: 'Le broker ne laisse pas la passerelle transmettre les appuis.',
    why: 'L’utilisateur de OWLCMS_MQTTUSERNAME ne peut pas publier sur owlcms/#.',
    nextStep:
      'Donnez à cet utilisateur la permission de publier et de s’abonner sur owlcms/# au broker. Cela peut prendre 5 minutes.',
  },
  messageNotTaken: {
    what: 'Le broker a coupé la liaison à cause d’un message.',
    why: 'Quelque chose que la passerelle a transmis, ou dit elle-même, n’est pas accepté par ce broker. Les réglages sont justes : le broker a laissé entrer la passerelle.',
    nextStep:
      'Attendez : la passerelle se reconnecte d’elle-même. Si cela se répète, cherchez dans le log ou le journal quel appareil a envoyé quelque chose juste avant, éteignez-le, et montrez le texte de l’erreur à un technicien.',
  },
  halfOpen: {
    what: 'Le broker s’est tu.',
    why: 'Plus rien n’en vient : le réseau entre les deux est sans doute coupé, ou le broker est bloqué.',
    nextStep: 'Attendez : la passerelle réessaie d’elle-même. Si cela dure, vérifiez la connexion Internet.',
  },
  closedByBroker: {
    what: 'Le broker a fermé la connexion.',
    why: 'Il redémarre peut-être, ou l’utilisateur ou les permissions de la passerelle ne lui ont pas plu, sans qu’il dise pourquoi.',
    nextStep:
      'Attendez une minute : la passerelle réessaie d’elle-même. Si cela dure, vérifiez OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD.',
  },
  other: {
    what: 'La liaison au broker a échoué pour une raison que la passerelle ne connaît pas.',
    why: 'Le texte de l’erreur en dit plus à un technicien.',
    nextStep:
      'Vérifiez OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD. S’ils sont justes, montrez le texte de l’erreur à un technicien.',
  },
  certificateSoon: {
    what: 'Le certificat du broker expire bientôt.',
    why: 'Après ce jour, ni la passerelle ni owlcms n’auront de connexion.',
    nextStep:
      'Renouvelez le certificat du broker avant la compétition, ou demandez à son propriétaire si cela se fait tout seul.',
  },
  messageNotReturned: {
    what: 'Le broker prend les messages, mais ne les renvoie pas.',
    why: 'L’utilisateur de OWLCMS_MQTTUSERNAME peut publier ou s’abonner sur owlcms/#, mais pas les deux.',
    nextStep:
      'Donnez à cet utilisateur la permission de publier et de s’abonner sur owlcms/# au broker. Cela peut prendre 5 minutes.',
  },
  notAcknowledged: {
    what: 'Le broker ne confirme pas un message.',
    why: 'Il est surchargé, ou le réseau perd ce qu’il envoie.',
    nextStep: 'Vérifiez de nouveau dans une minute. Si cela dure, regardez la page d’état du broker.',
  },
  slowRoundTrip: {
    what: 'L’aller-retour jusqu’au broker est lent.',
    why: 'Le broker est loin de la passerelle, ou le réseau est chargé. Les officiels remarquent plus d’une demi-seconde.',
    nextStep:
      'Choisissez pour le broker et la passerelle des régions proches. Dans la salle, prenez un câble.',
  },
  owlcmsSilent: {
    what: 'owlcms ne répond pas.',
    why: 'Il est éteint, démarre encore, ou est connecté à un autre broker ; son propre mot de passe est peut-être faux, ce qu’il ne montre nulle part ; ou il est plus ancien que la version 38. Les appuis arrivent au broker, mais personne ne les prend.',
    nextStep:
      'Ouvrez owlcms dans un navigateur pour le réveiller, puis vérifiez qu’owlcms a les mêmes OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD que la passerelle.',
  },
  owlcmsStarting: {
    what: 'owlcms est en train de démarrer.',
    why: 'Il l’a dit sur ce broker. Il ne prend aucun appui pendant les premières secondes de chaque plateau.',
    nextStep: 'Attendez dix secondes et vérifiez de nouveau.',
  },
  owlcmsOld: {
    what: 'owlcms est là, mais trop ancien pour certaines choses.',
    why: 'Il parle sur ce broker, mais ne dit ni ses plateaux ni la taille du jury, comme owlcms le fait depuis la version 43.',
    nextStep:
      'Mettez owlcms à jour. D’ici là les appareils des arbitres marchent, et le jury est compté à trois membres.',
  },
  owlcmsElsewhere: {
    what: 'Des appareils appuient sur ce broker, mais owlcms n’y est pas.',
    why: 'owlcms est éteint, ou connecté à un autre broker que les appareils : la passerelle ne voit pas les autres brokers.',
    nextStep:
      'Comparez lettre par lettre OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD d’owlcms et de la passerelle, et redémarrez owlcms.',
  },
  owlcmsNotHere: {
    what: 'owlcms n’est pas connecté à cette passerelle.',
    why: 'Il est éteint, démarre encore, ou ses quatre réglages mènent ailleurs ; son propre mot de passe est peut-être faux, ce qu’il ne montre nulle part. Tant qu’il n’est pas là, chaque appui est refusé aussitôt.',
    nextStep:
      'Ouvrez owlcms dans un navigateur pour le réveiller. Il lui faut l’adresse de cette passerelle dans OWLCMS_MQTTSERVER, 1883 dans OWLCMS_MQTTPORT, et les mêmes OWLCMS_MQTTUSERNAME et OWLCMS_MQTTPASSWORD qu’ici.',
  },
  bridgeNotRunning: {
    what: 'Cette passerelle est le broker, mais elle ne tourne pas sur cet ordinateur.',
    why: 'Rien ne répond à son port pour owlcms.',
    nextStep:
      'Démarrez la passerelle, puis vérifiez de nouveau ; sur Fly.io, vérifiez sur sa propre machine, par fly ssh console.',
  },
  twoOwlcms: {
    what: 'Deux owlcms différents répondent sur ce broker.',
    why: 'Les deux prennent chaque appui, si bien que l’un montre des résultats de la compétition de l’autre.',
    nextStep: 'Arrêtez celui qui n’est pas voulu, ou donnez-lui son propre broker.',
  },
  dotInPlatform: {
    what: 'Le broker ne peut pas transmettre le nom d’un plateau.',
    why: 'Il change le point du nom en barre oblique, comme RabbitMQ : sur ce plateau rien ne passe, dans aucun sens.',
    nextStep: 'Donnez au plateau un nom sans point dans owlcms, ou prenez un autre broker.',
  },
  notReplayed: {
    what: 'Le broker ne rend pas ce qu’il conserve.',
    why: 'Il conserve ce qui a été révoqué, mais n’en dit qu’une partie à une passerelle qui redémarre, comme RabbitMQ : d’anciens codes pourraient resservir.',
    nextStep:
      'Indiquez dans BRIDGE_JOURNAL_DIR un dossier qui survit aux redémarrages, ou prenez un autre broker.',
  },
  runsTwice: {
    what: 'Une deuxième machine de cette passerelle est connectée au même broker.',
    why: 'Elles s’accordent sur qui tient quel poste, mais portent le même nom : on ne voit pas sur laquelle est un appareil.',
    nextStep:
      'Si personne ne l’a voulu : sur Fly.io lancez « fly scale count 1 », sur Heroku gardez un seul dyno web.',
  },
  machinesOnFly: {
    what: 'Cette application a plus d’une machine sur Fly.io.',
    why: '« fly deploy » en fait deux sauf si on dit autre chose. Elles s’accordent sur qui tient quel poste, mais portent le même nom : on ne voit pas sur laquelle est un appareil.',
    nextStep:
      'Si personne ne l’a voulu : lancez « fly scale count 1 », et désormais « fly deploy --ha=false ».',
  },
  clientIdFight: {
    what: 'Un autre programme prend sans cesse la place de la passerelle sur le broker.',
    why: 'Il se connecte avec le même identifiant, et chacun chasse l’autre à tour de rôle.',
    nextStep:
      'Arrêtez le deuxième programme : une autre copie de cette passerelle, peut-être sur l’ordinateur de quelqu’un.',
  },
  oneConnection: {
    what: 'Le broker donne à la passerelle une connexion au lieu de deux.',
    why: 'Tout fonctionne, mais ce que dit owlcms peut atteindre les appareils 40 ms plus tard. L’offre compte peut-être les connexions, ou le broker n’en accepte qu’une par utilisateur.',
    nextStep:
      'Il n’y a rien à faire. Si l’offre compte les connexions, déconnectez ce qui ne sert pas ; la passerelle en demande une deuxième à chaque connexion.',
  },
  sleepingDyno: {
    what: 'Sur Heroku un dyno Eco s’endort après une demi-heure sans visite web.',
    why: 'Les décisions sont perdues pendant qu’il dort. Le programme ne voit pas sur quel type de dyno il tourne.',
    nextStep: 'Lancez « heroku ps:type » : s’il dit eco, lancez « heroku ps:type web=basic ».',
  },
}
