import type { SetupWords } from '../en/setup.ts'

const onlyTheName = 'Setzen Sie nur den Namen des Brokers ein, etwa abc123.s1.eu.hivemq.cloud.'
const copyIt = 'Kopieren Sie den Wert aus den Einstellungen von owlcms oder von der Seite des Brokers.'

export const setup: SetupWords = {
  title: 'Einrichten',
  headline: (count) =>
    count === 1
      ? 'Einrichten: 1 Einstellung ist zu ändern'
      : `Einrichten: ${count} Einstellungen sind zu ändern`,
  intro:
    'Die Brücke läuft, kann aber noch nicht arbeiten. Ändern Sie, was hier steht; dann startet die Brücke neu, und aus dieser Seite wird von selbst die Statusseite.',
  noticed: 'Außerdem aufgefallen',
  replace:
    'Setzen Sie hinter jedes Gleichheitszeichen Ihren eigenen Wert. Diese Seite zeigt nie die Werte, die Sie gesetzt haben.',
  problem: { missing: 'fehlt', wrong: 'falsch' },
  places: { fly: 'Auf Fly.io', heroku: 'Auf Heroku', other: 'Überall sonst' },
  steps: {
    fly: 'In einem Terminal, im Ordner mit fly.toml:',
    heroku: 'In einem Terminal, im Ordner der App:',
    other: 'Als Umgebungsvariablen, etwa in der Datei .env; dann die Brücke neu starten:',
  },
  anywhere: 'In einem Terminal, in irgendeinem Ordner:',
  byMouse: 'Oder ohne Terminal, im Dashboard',
  dashboard: {
    fly: (app) => [
      `https://fly.io/apps/${app ?? '…'}/secrets öffnen und sich anmelden.`,
      'Für jede Zeile ein Secret anlegen: Das Wort vor dem Gleichheitszeichen ist der Name, Ihr eigener Wert der Wert.',
      'Die Secrets auf derselben Seite ausrollen („Deploy“). Die Brücke startet von selbst neu.',
    ],
    heroku: (app) => [
      `https://dashboard.heroku.com/apps/${app ?? '…'}/settings öffnen und sich anmelden.`,
      '„Reveal Config Vars“ wählen.',
      'Jede Zeile anlegen: Das Wort vor dem Gleichheitszeichen kommt in KEY, Ihr eigener Wert in VALUE. Die Brücke startet von selbst neu.',
    ],
  },
  copy: 'Kopieren',
  copied: 'Kopiert',
  swapped: {
    question: 'Sind Benutzername und Passwort vertauscht?',
    answer:
      'Den Benutzernamen haben Sie sich für den Benutzer des Brokers ausgedacht; die Seite des Brokers zeigt ihn (HiveMQ Cloud: Access Management). Das Passwort zeigt keine Seite. Steht der Wert von OWLCMS_MQTTUSERNAME nicht in dieser Liste, setzen Sie beide noch einmal. owlcms braucht dieselben zwei.',
  },
  typed: 'Oder, damit kein Passwort im Verlauf des Terminals bleibt: diese Zeilen eintippen, dann Strg-D',
  faults: {
    noServer: {
      what: 'Sie ist nicht gesetzt.',
      why: 'Es ist die Adresse des MQTT-Brokers, dieselbe wie in owlcms. Ohne sie erreicht die Brücke den Broker nicht.',
      nextStep: copyIt,
    },
    noUserName: {
      what: 'Sie ist nicht gesetzt.',
      why: 'Es ist der Benutzername am Broker, derselbe wie in owlcms. Ohne ihn erreicht die Brücke den Broker nicht.',
      nextStep: copyIt,
    },
    noPassword: {
      what: 'Sie ist nicht gesetzt.',
      why: 'Es ist das Passwort am Broker, dasselbe wie in owlcms. Ohne dieses erreicht die Brücke den Broker nicht.',
      nextStep: copyIt,
    },
    credentials: {
      what: 'Sie enthält ein „@“: Ein Benutzername oder ein Passwort scheint in der Adresse zu stehen.',
      why: 'Dafür gibt es eigene Einstellungen, damit sie geheim bleiben.',
      nextStep:
        'Lassen Sie hier nur die Adresse stehen; für den Rest gibt es OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD.',
    },
    swapped: {
      what: 'Hier steht eine Portnummer, in OWLCMS_MQTTPORT aber nicht: Die beiden scheinen vertauscht.',
      why: 'In OWLCMS_MQTTSERVER gehört die Adresse des Brokers, in OWLCMS_MQTTPORT sein Port.',
      nextStep: 'Vertauschen Sie die beiden Werte.',
    },
    consolePage: {
      what: 'Das ist die Webseite, auf der Sie Broker verwalten, kein Broker.',
      why: 'Der Broker selbst hat eine eigene Adresse.',
      nextStep:
        'Öffnen Sie diese Seite, wählen Sie Ihren Cluster und kopieren Sie seine „URL“: Sie sieht aus wie abc123.s1.eu.hivemq.cloud.',
    },
    webPage: {
      what: 'Das ist die Adresse einer Webseite (http oder https).',
      why: 'Ein Broker spricht MQTT, nicht HTTP.',
      nextStep: `${onlyTheName} Für MQTT über WebSocket schreiben Sie wss:// statt https://.`,
    },
    scheme: {
      what: 'Vor „://“ steht etwas Unbekanntes.',
      why: 'Die Brücke kennt mqtts, ssl, tls, mqtt, tcp, wss und ws.',
      nextStep: onlyTheName,
    },
    host: {
      what: 'Das ist keine Adresse eines Rechners.',
      why: 'Eine Adresse hat Buchstaben, Ziffern, Punkte und Bindestriche, aber keine Leerzeichen.',
      nextStep: onlyTheName,
    },
    portInServer: {
      what: 'Der Port hinter „:“ ist keine Portnummer.',
      why: 'Ports sind ganze Zahlen von 1 bis 65535.',
      nextStep: `${onlyTheName} Der Port gehört in OWLCMS_MQTTPORT.`,
    },
    brokerPort: {
      what: 'Das ist keine Portnummer.',
      why: 'Ports sind ganze Zahlen von 1 bis 65535, ohne Nullen davor.',
      nextStep: 'Setzen Sie 8883 ein, oder den Port von der Seite des Brokers.',
    },
    portConflict: {
      what: 'OWLCMS_MQTTSERVER und OWLCMS_MQTTPORT nennen verschiedene Ports.',
      why: 'Die Brücke kann nicht wissen, welcher gemeint ist.',
      nextStep:
        'Nehmen Sie den Port aus OWLCMS_MQTTSERVER heraus, und vergleichen Sie OWLCMS_MQTTPORT mit der Seite des Brokers.',
    },
    path: {
      what: 'Hinter der Adresse steht etwas, das nicht dorthin gehört.',
      why: 'Nur eine Adresse mit wss:// darf einen Pfad haben, etwa /mqtt, und keine hat „?“ oder „#“.',
      nextStep: onlyTheName,
    },
    userNameIsAddress: {
      what: 'Das sieht wie die Adresse eines Brokers aus: Von den vier Werten scheinen welche vertauscht.',
      why: 'Den Benutzernamen haben Sie sich für den Benutzer am Broker ausgedacht.',
      nextStep:
        'Prüfen Sie alle vier: In OWLCMS_MQTTSERVER gehört die Adresse des Brokers, in OWLCMS_MQTTUSERNAME der Name des Benutzers.',
    },
    noVenueUserName: {
      what: 'Sie ist nicht gesetzt, BRIDGE_VENUE_PASSWORD aber schon.',
      why: 'MQTT kennt kein Passwort ohne Benutzernamen.',
      nextStep:
        'Setzen Sie auch BRIDGE_VENUE_USERNAME, oder entfernen Sie BRIDGE_VENUE_PASSWORD, um jedes Gerät hineinzulassen.',
    },
    ownOnHeroku: {
      what: 'Heroku lässt nur HTTPS herein, owlcms kann sich also nicht mit einer Brücke dort verbinden.',
      why: 'owlcms spricht einfaches MQTT, wofür Heroku keinen Port hat.',
      nextStep:
        'Entfernen Sie BRIDGE_BROKER und nehmen Sie einen Broker in der Cloud, oder lassen Sie die Brücke auf Fly.io oder in der Halle laufen.',
    },
    ownPortTaken: {
      what: 'Es ist der Port eines anderen Dienstes dieser Brücke.',
      why: 'Zwei Dienste können sich keinen Port teilen.',
      nextStep:
        'Setzen Sie BRIDGE_BROKER_PORT auf einen anderen Port, meist 1883; in der Halle lassen Sie es weg.',
    },
    venueOnHeroku: {
      what: 'Heroku lässt nur HTTPS herein, einfaches MQTT geht hier also nicht.',
      why: 'Einfaches MQTT gehört in die Halle, auf einen Laptop oder einen Raspberry Pi.',
      nextStep: 'Entfernen Sie hier BRIDGE_VENUE_PORT, und starten Sie in der Halle „owlcms-bridge venue“.',
    },
    venuePortTaken: {
      what: 'Das ist der Port des Webservers.',
      why: 'Zwei Dienste können sich keinen Port teilen.',
      nextStep: 'Setzen Sie BRIDGE_VENUE_PORT auf einen anderen Port, meist 1883.',
    },
    metricsOnHeroku: {
      what: 'Heroku lässt nur HTTPS an seinem eigenen Port herein, also käme niemand hin.',
      why: 'Ein zweiter Port ist für Anbieter mit einem privaten Netz, etwa Fly.io.',
      nextStep:
        'Entfernen Sie BRIDGE_METRICS_PORT, und setzen Sie BRIDGE_METRICS_TOKEN, um /metrics an der Adresse der App zu lesen.',
    },
    metricsPortTaken: {
      what: 'Diesen Port hat schon ein anderer Dienst der Brücke.',
      why: 'Zwei Dienste können sich keinen Port teilen.',
      nextStep: 'Setzen Sie BRIDGE_METRICS_PORT auf einen anderen Port, meist 9091.',
    },
    range: (least, most) => ({
      what: 'Mit dieser Zahl kann die Brücke nichts anfangen.',
      why: `Es muss eine ganze Zahl von ${least} bis ${most} sein.`,
      nextStep: `Setzen Sie eine ganze Zahl von ${least} bis ${most} ein.`,
    }),
    port: {
      what: 'Das ist keine Portnummer.',
      why: 'Ports sind ganze Zahlen bis 65535.',
      nextStep: 'Setzen Sie eine Portnummer ein.',
    },
    word: (words) => ({
      what: 'Dieses Wort gibt es hier nicht.',
      why: `Möglich sind: ${words}.`,
      nextStep: 'Setzen Sie eines dieser Wörter ein.',
    }),
    yesOrNo: {
      what: 'Das ist weder true noch false.',
      why: 'Es schaltet etwas ein oder aus.',
      nextStep: 'Setzen Sie true oder false ein.',
    },
    name: {
      what: 'Diesen Namen kann die Brücke nicht verwenden.',
      why: 'Er wird Teil eines Topics: höchstens 40 der Zeichen a-z, 0-9 und „-“.',
      nextStep: 'Wählen Sie einen kurzen Namen, etwa „halle-nord“.',
    },
    listenAddress: {
      what: 'An dieser Adresse kann die Brücke nicht lauschen.',
      why: 'Es muss eine IP-Adresse dieses Rechners sein.',
      nextStep: 'Lassen Sie sie weg, oder setzen Sie 0.0.0.0 (alles IPv4) oder :: (alle Adressen) ein.',
    },
    shortSecret: {
      what: 'Das ist zu kurz.',
      why: 'Jemand könnte es erraten.',
      nextStep: 'Nehmen Sie mindestens 16 zufällige Zeichen, oder lassen Sie es weg.',
    },
    proxyAddress: {
      what: 'Darin steht etwas, das keine Adresse ist.',
      why: 'Nur ein eigener Proxy darf sagen, woher jemand kommt, und man kennt ihn an seiner Adresse.',
      nextStep:
        'Setzen Sie loopback ein (ein Proxy auf diesem Rechner), oder Adressen wie 10.0.0.5 oder 10.0.0.0/24, mit Kommas dazwischen.',
    },
    proxyTooWide: {
      what: 'Das vertraut viel zu vielen Adressen.',
      why: 'Jeder von dort könnte sich als jemand anders ausgeben.',
      nextStep: 'Nennen Sie nur die Proxys selbst.',
    },
    webAddress: {
      what: 'Das ist keine Adresse einer Website.',
      why: 'Die Links für die Offiziellen beginnen damit.',
      nextStep: 'Schreiben Sie sie wie https://bridge.example.org, mit nichts hinter dem Namen.',
    },
    certificate: {
      what: 'Darin steht kein lesbares Zertifikat.',
      why: 'Ein Zertifikat in PEM-Form beginnt mit „-----BEGIN CERTIFICATE-----“.',
      nextStep: 'Setzen Sie den PEM-Text des CA-Zertifikats ein, oder den Pfad einer PEM-Datei.',
    },
    certificateFile: (code) => ({
      what: 'Die genannte Datei ist nicht zu lesen.',
      why: `Der Rechner sagt: ${code}.`,
      nextStep: 'Prüfen Sie Pfad und Rechte der Datei, oder setzen Sie den PEM-Text selbst ein.',
    }),
    certificateFileOdd: {
      what: 'Die genannte Datei ist nicht zu lesen.',
      why: 'Sie ist keine gewöhnliche Datei, oder viel zu groß für ein Zertifikat.',
      nextStep: 'Prüfen Sie Pfad und Rechte der Datei, oder setzen Sie den PEM-Text selbst ein.',
    },
  },
  warnings: {
    spaces: 'Leerzeichen oder Zeilenenden um den Wert wurden weggelassen; sie gehören nicht dazu.',
    quotes: 'Die Anführungszeichen um den Wert wurden weggelassen; sie gehören nicht dazu.',
    unseen:
      'Es enthält ein Zeichen, das kein Bildschirm zeigt, etwa ein besonderes Leerzeichen. Tippen Sie den Wert von Hand.',
    curly: 'Es enthält geschwungene Anführungszeichen; manche Editoren setzen sie statt der geraden.',
    halfQuoted:
      'Es beginnt mit einem Anführungszeichen ohne Ende: Ein „#“ oder ein Leerzeichen kann es abgeschnitten haben.',
    fileLine: (line) => `Zeile ${line} der Datei ist nicht NAME=Wert und wird übergangen.`,
    twiceInFile: 'Es steht zweimal in der Datei; das letzte zählt.',
    behindQuote: 'Was hinter dem schließenden Anführungszeichen steht, gilt als Kommentar.',
    behindHash: 'Was hinter „ #“ steht, gilt als Kommentar.',
    wordProcessor: 'Die Datei ist ein Dokument eines Textprogramms. Speichern Sie sie als reinen Text.',
    notUtf8:
      'Die Datei ist nicht als UTF-8 gespeichert: Enthält ein Wert Buchstaben wie é oder ü, speichern Sie sie neu als UTF-8.',
    noTextFile: 'Das ist keine Textdatei.',
    fileUnreadable: (code) => `Die Datei lässt sich nicht lesen (${code}).`,
    fileIsTxt:
      'Diese Datei gibt es nicht, aber eine mit .txt am Ende, wie Windows es anhängt: Benennen Sie sie um, oder geben Sie diesen Namen an.',
    cutByNode: (taken, written) =>
      `Der Leser von Node nahm ${taken} von ${written} Zeichen: Ein „#“, Anführungszeichen oder die Kodierung der Datei hielt ihn auf. Schreiben Sie --settings DATEI hinter den Befehl statt --env-file.`,
    unknownName: 'Eine Einstellung dieses Namens kennt die Brücke nicht und übergeht sie.',
    unknownNameLike: (name) =>
      `Eine Einstellung dieses Namens kennt die Brücke nicht und übergeht sie. Meinten Sie ${name}?`,
    capitals: (name) =>
      `Groß- und Kleinbuchstaben zählen hier, deshalb wird es übergangen. Meinten Sie ${name}?`,
    readByAll: (name) =>
      `Jeder an diesem Rechner kann es in der Liste der laufenden Programme lesen. Setzen Sie stattdessen ${name}.`,
    plainOnTlsPort:
      'Sie verlangt eine Verbindung ohne Verschlüsselung, obwohl Ports, die mit 8 beginnen, TLS haben. Lassen Sie für TLS mqtt:// oder tcp:// weg.',
    plainOnCloud:
      'Dieser Broker in der Cloud nimmt nur verschlüsselte Verbindungen an. Setzen Sie OWLCMS_MQTTPORT auf 8883.',
    defaultPortWithWebSocket:
      '8883 wird nicht benutzt, weil OWLCMS_MQTTSERVER mit wss:// oder ws:// beginnt.',
    hiveMqWebSocket: '8884 ist der Port von HiveMQ Cloud für MQTT über WebSocket, und wird so benutzt.',
    hostWithoutDot: 'Sie hat keinen Punkt: Das passt nur für einen Rechner im eigenen Netz.',
    passwordIsAddress:
      'Das sieht wie die Adresse eines Brokers aus: Vielleicht sind von den vier Werten welche vertauscht.',
    ownTlsPort:
      'owlcms verlangt TLS auf einem Port, der mit 8 beginnt, und diese Brücke nimmt es ohne TLS auf 1883. Setzen Sie 1883 hier und bei owlcms, außer etwas davor beendet TLS.',
    ownServerNotUsed:
      'Es wird nicht verwendet: Mit BRIDGE_BROKER=own verbindet sich owlcms mit dieser Brücke. Entfernen Sie eines von beiden.',
    noAdministrator:
      'Es ist nicht gesetzt, also kann niemand die Konsole öffnen und Codes für Handys ausgeben.',
    samePassword:
      'Es ist dasselbe wie OWLCMS_MQTTUSERNAME: Vielleicht wurde eines von beiden zweimal eingefügt.',
    proxyNotUsed:
      'Auf Fly.io und Heroku wird es nicht benutzt: Deren eigener Proxy sagt, woher jemand kommt.',
    stopDelay: (seconds) =>
      `Heroku beendet ein Programm 30 s nach der Bitte anzuhalten, also werden ${seconds} s benutzt.`,
  },
}
