import type { Advice, AdviceCode } from '../../protocol/link/advice.ts'

export const advice: Readonly<Record<AdviceCode, Advice>> = {
  dns: {
    what: 'Die Adresse des Brokers gibt es nicht.',
    why: 'Kein Rechner im Internet hat den Namen in OWLCMS_MQTTSERVER, oder der Namensdienst antwortet nicht.',
    nextStep:
      'Kopieren Sie die Adresse des Brokers noch einmal nach OWLCMS_MQTTSERVER: nur den Namen, wie ihn die Seite des Brokers zeigt.',
  },
  dnsSilent: {
    what: 'Der Namensdienst antwortet nicht, die Adresse des Brokers ließ sich nicht nachschlagen.',
    why: 'Der Rechner der Brücke hat keine Internetverbindung, oder sein Netz sperrt das Nachschlagen von Namen.',
    nextStep:
      'Prüfen Sie die Internetverbindung des Rechners, auf dem die Brücke läuft: Öffnen Sie dort eine Webseite. Dann noch einmal versuchen.',
  },
  refused: {
    what: 'Der Rechner des Brokers ist da, aber an diesem Port antwortet nichts.',
    why: 'OWLCMS_MQTTPORT ist nicht der Port des Brokers, oder der Broker ist aus.',
    nextStep:
      'Prüfen Sie OWLCMS_MQTTPORT (8883 bei den meisten Brokern in der Cloud), dann, ob der Broker läuft.',
  },
  brokerAway: {
    what: 'Der Broker ist gerade nicht da.',
    why: 'Mit denselben Einstellungen war er vorher da, also stimmen sie. Vielleicht startet er neu, oder jemand hat ihn angehalten.',
    nextStep:
      'Warten: Die Brücke versucht es von selbst wieder. Dauert es länger als zwei Minuten, nach der Seite oder dem Rechner des Brokers sehen.',
  },
  timeout: {
    what: 'Der Broker antwortet nicht.',
    why: 'Vielleicht verschluckt eine Firewall die Verbindung, oder OWLCMS_MQTTSERVER oder OWLCMS_MQTTPORT ist falsch.',
    nextStep:
      'Prüfen Sie OWLCMS_MQTTSERVER und OWLCMS_MQTTPORT. Hinter einer strengen Firewall hilft ein Broker an Port 443.',
  },
  reset: {
    what: 'Die Verbindung zum Broker wurde abgebrochen.',
    why: 'Das Netz oder der Broker hat sie unterbrochen. Ab und zu ist das normal, immer wieder nicht.',
    nextStep:
      'Warten: Die Brücke versucht es von selbst wieder. Kommt es immer wieder vor, prüfen Sie OWLCMS_MQTTPORT und die Seite des Brokers.',
  },
  unreachable: {
    what: 'Es gibt keinen Weg im Netz zum Broker.',
    why: 'Dieser Rechner hat keine Internetverbindung, oder sein Netz sperrt den Broker.',
    nextStep:
      'Prüfen Sie die Internetverbindung des Rechners, auf dem die Brücke läuft, dann OWLCMS_MQTTSERVER.',
  },
  cloudPort: {
    what: 'Dieser Broker in der Cloud nimmt keine unverschlüsselten Verbindungen an.',
    why: 'OWLCMS_MQTTPORT ist ein Port ohne TLS, etwa 1883. Broker in der Cloud hören auf 8883.',
    nextStep:
      'Setzen Sie OWLCMS_MQTTPORT auf 8883, und lassen Sie in OWLCMS_MQTTSERVER mqtt:// oder tcp:// weg.',
  },
  certificateUnknownCa: {
    what: 'Das Zertifikat des Brokers hat jemand unterschrieben, den die Brücke nicht kennt.',
    why: 'Der Broker hat eine eigene Zertifizierungsstelle, oder etwas zwischen Brücke und Broker fängt die Verbindung ab.',
    nextStep:
      'Bei Ihrem eigenen Broker kommt sein CA-Zertifikat in BRIDGE_MQTT_CA. Sonst prüfen Sie OWLCMS_MQTTSERVER.',
  },
  certificateSelfSigned: {
    what: 'Das Zertifikat des Brokers ist von ihm selbst unterschrieben, niemand bürgt dafür.',
    why: 'Es ist Ihr eigener Broker mit einem selbst gemachten Zertifikat, oder etwas zwischen Brücke und Broker antwortet an seiner Stelle.',
    nextStep:
      'Bei Ihrem eigenen Broker kommt dieses Zertifikat (PEM) in BRIDGE_MQTT_CA. Sonst prüfen Sie OWLCMS_MQTTSERVER.',
  },
  certificateExpired: {
    what: 'Das Zertifikat des Brokers ist abgelaufen.',
    why: 'Der Besitzer des Brokers hat es nicht erneuert, oder die Uhr dieses Rechners geht falsch.',
    nextStep:
      'Erneuern Sie das Zertifikat des Brokers, oder bitten Sie seinen Besitzer darum. Prüfen Sie die Uhr des Rechners, auf dem die Brücke läuft.',
  },
  certificateNotYetValid: {
    what: 'Das Zertifikat des Brokers gilt noch nicht.',
    why: 'Wahrscheinlich geht die Uhr dieses Rechners falsch.',
    nextStep: 'Stellen Sie die Uhr des Rechners, auf dem die Brücke läuft, und starten Sie die Brücke neu.',
  },
  certificateWrongHost: {
    what: 'Das Zertifikat des Brokers gilt für eine andere Adresse.',
    why: 'OWLCMS_MQTTSERVER ist nicht der Name, für den das Zertifikat gemacht wurde.',
    nextStep:
      'Nehmen Sie in OWLCMS_MQTTSERVER den vollen Namen des Brokers, keine Adresse aus Zahlen und keinen Kurznamen.',
  },
  certificateOther: {
    what: 'Das Zertifikat des Brokers wurde nicht angenommen.',
    why: 'Die Brücke prüft, mit wem sie spricht, und dieses Zertifikat hat nicht bestanden.',
    nextStep:
      'Prüfen Sie OWLCMS_MQTTSERVER. Bei Ihrem eigenen Broker prüfen Sie sein Zertifikat und BRIDGE_MQTT_CA.',
  },
  captivePortal: {
    what: 'Etwas anderes antwortet an der Stelle des Brokers.',
    why: 'Sein Zertifikat ist nicht das des Brokers. So verhält sich die Anmeldeseite eines Gastnetzes, eine Firewall oder ein Virenscanner.',
    nextStep:
      'Öffnen Sie auf dem Rechner der Brücke eine Webseite und melden Sie sich im Netz an, oder nehmen Sie ein anderes Netz (den Hotspot eines Handys).',
  },
  tls: {
    what: 'Eine sichere Verbindung zum Broker war nicht möglich.',
    why: 'Der Port ist wohl einer ohne TLS, oder das TLS des Brokers ist zu alt. Ein Port, der mit 8 beginnt, heißt TLS.',
    nextStep: 'Prüfen Sie OWLCMS_MQTTPORT: 8883 mit TLS, 1883 ohne.',
  },
  tlsTooOld: {
    what: 'Die Verschlüsselung des Brokers ist zu alt.',
    why: 'Er bietet nichts Neueres als TLS 1.1, das nicht mehr sicher ist; die Brücke verlangt TLS 1.2 oder neuer.',
    nextStep:
      'Aktualisieren Sie den Broker, oder erlauben Sie in seinen Einstellungen TLS 1.2 und 1.3. So alt ist kein Broker in der Cloud.',
  },
  notTls: {
    what: 'Dieser Port hat keine Verschlüsselung.',
    why: 'Die Brücke nimmt TLS, weil OWLCMS_MQTTPORT mit 8 beginnt (oder die Adresse es verlangt), aber die andere Seite spricht es nicht.',
    nextStep:
      'Setzen Sie OWLCMS_MQTTPORT auf den Port des Brokers mit TLS (meist 8883), oder in Ihrem eigenen Netz auf den ohne (meist 1883).',
  },
  tlsCut: {
    what: 'Die andere Seite schließt die Verbindung, bevor sie verschlüsselt ist.',
    why: 'OWLCMS_MQTTPORT ist ein Port ohne TLS, der Broker hinter dieser Adresse ist aus, oder eine Firewall kappt die Verbindung.',
    nextStep:
      'Prüfen Sie OWLCMS_MQTTPORT: 8883 mit TLS, 1883 ohne. Stimmt er, sehen Sie nach, ob der Broker läuft.',
  },
  notMqtt: {
    what: 'Etwas antwortet, aber es ist kein MQTT-Broker.',
    why: 'OWLCMS_MQTTSERVER oder OWLCMS_MQTTPORT führt zu einem anderen Dienst, etwa einer Webseite.',
    nextStep: 'Kopieren Sie OWLCMS_MQTTSERVER und OWLCMS_MQTTPORT noch einmal von der Seite des Brokers.',
  },
  webServer: {
    what: 'Ein Webserver antwortet, kein MQTT-Broker.',
    why: 'OWLCMS_MQTTPORT ist der Port einer Webseite, oder eine Anmeldeseite des Netzes antwortet an der Stelle des Brokers.',
    nextStep:
      'Kopieren Sie OWLCMS_MQTTSERVER und OWLCMS_MQTTPORT noch einmal von der Seite des Brokers: Der Port ist meist 8883.',
  },
  noMqttPath: {
    what: 'Ein Webserver antwortet, aber er hat kein MQTT unter /mqtt.',
    why: 'Wenn das owlcms ist, ist es älter als Version 66, oder dort ist OWLCMS_MQTTSERVER gesetzt, was seinen eigenen Server abschaltet.',
    nextStep:
      'Entfernen Sie OWLCMS_MQTTSERVER bei owlcms und aktualisieren Sie es auf 66 oder neuer, oder geben Sie beiden die Adresse eines anderen Brokers.',
  },
  badCredentials: {
    what: 'Der Broker lehnt den Benutzernamen oder das Passwort ab.',
    why: 'OWLCMS_MQTTUSERNAME oder OWLCMS_MQTTPASSWORD ist falsch. Manche Broker sagen dasselbe, wenn alle ihre Verbindungen belegt sind.',
    nextStep:
      'Setzen Sie OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD noch einmal, genau wie auf der Seite des Brokers angelegt. Die Prüfung sagt, wie viele Zeichen des Passworts ankommen: #, $ oder ein Anführungszeichen kann es abschneiden.',
  },
  passwordWanted: {
    what: 'Der Broker will einen Benutzernamen und ein Passwort.',
    why: 'Die Brücke hat keine: OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD sind leer, und ohne sie lässt dieser Broker niemanden ein.',
    nextStep:
      'Setzen Sie OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD auf das, was owlcms hat, und entfernen Sie BRIDGE_ALLOW_ANONYMOUS.',
  },
  notAuthorised: {
    what: 'Der Broker lässt die Brücke nicht hinein.',
    why: 'Benutzername oder Passwort ist falsch, dieser Benutzer hat keine Erlaubnis, oder alle Verbindungen des Brokers sind belegt.',
    nextStep:
      'Prüfen Sie OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD, dann die Erlaubnis des Benutzers (senden und empfangen auf owlcms/#). Eine Änderung kann 5 Minuten dauern. Die Prüfung sagt, wie viele Zeichen des Passworts ankommen: #, $ oder ein Anführungszeichen kann es abschneiden.',
  },
  noPermission: {
    what: 'Der Broker lässt diesen Benutzer nicht hinein.',
    why: 'OWLCMS_MQTTUSERNAME oder OWLCMS_MQTTPASSWORD ist falsch, oder dieser Benutzer darf sich nicht verbinden. An der Zahl der Verbindungen liegt es nicht: Das würde der Broker sagen.',
    nextStep:
      'Setzen Sie OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD noch einmal, genau wie auf der Seite des Brokers angelegt. Ein neuer Benutzer braucht vielleicht 5 Minuten. Die Prüfung sagt, wie viele Zeichen des Passworts ankommen: #, $ oder ein Anführungszeichen kann es abschneiden.',
  },
  noServerName: {
    what: 'Der Broker lässt die Brücke nicht hinein.',
    why: 'OWLCMS_MQTTSERVER ist eine Adresse aus Zahlen. Broker in der Cloud teilen sich solche Adressen und weisen ab, wer den Namen nicht nennt. Bei Ihrem eigenen Broker ist der Benutzername oder das Passwort falsch.',
    nextStep:
      'Setzen Sie den Namen des Brokers in OWLCMS_MQTTSERVER, etwa abc123.s1.eu.hivemq.cloud. Bei Ihrem eigenen Broker prüfen Sie OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD.',
  },
  connectionLimit: {
    what: 'Der Broker hat keine Verbindung mehr frei.',
    why: 'Sein Tarif erlaubt eine feste Zahl von Verbindungen, und alle sind belegt.',
    nextStep:
      'Trennen Sie vom Broker, was nicht gebraucht wird, lassen Sie Geräte sich stattdessen mit der Brücke verbinden, oder wählen Sie einen größeren Tarif.',
  },
  serverBusy: {
    what: 'Der Broker ist überlastet oder wird gewartet.',
    why: 'Das hat er selbst gesagt.',
    nextStep:
      'Warten: Die Brücke versucht es von selbst wieder. Dauert es an, sehen Sie auf die Statusseite des Brokers.',
  },
  takenOver: {
    what: 'Ein anderes Programm hat den Platz der Brücke am Broker übernommen.',
    why: 'Es hat sich mit derselben Client-ID verbunden: wohl eine zweite Kopie dieser Brücke.',
    nextStep: 'Halten Sie die zweite Kopie an. Auf Fly.io: fly scale count 1.',
  },
  subscriptionRefused: {
    what: 'Der Broker lässt die Brücke owlcms nicht hören.',
    why: 'Der Benutzer in OWLCMS_MQTTUSERNAME darf owlcms/# nicht abonnieren.',
    nextStep:
      'Geben Sie diesem Benutzer am Broker die Erlaubnis, auf owlcms/# zu senden und zu empfangen. Das kann 5 Minuten dauern.',
  },
  publishRefused: {
    what: 'Der Broker lässt die Brücke keine Entscheidungen und Signale weitergeben.',
    why: 'Der Benutzer in OWLCMS_MQTTUSERNAME darf auf owlcms/# nicht senden.',
    nextStep:
      'Geben Sie diesem Benutzer am Broker die Erlaubnis, auf owlcms/# zu senden und zu empfangen. Das kann 5 Minuten dauern.',
  },
  messageNotTaken: {
    what: 'Der Broker hat die Verbindung wegen einer Nachricht getrennt.',
    why: 'Etwas, das die Brücke weitergab oder selbst sagte, nimmt dieser Broker nicht an. Die Einstellungen stimmen: Der Broker ließ die Brücke hinein.',
    nextStep:
      'Warten: Die Brücke verbindet sich von selbst wieder. Geschieht es noch einmal, sehen Sie im Log oder im Journal nach, welches Gerät kurz vorher etwas sandte, schalten Sie dieses Gerät aus, und zeigen Sie den Fehlertext einem Techniker.',
  },
  halfOpen: {
    what: 'Der Broker ist verstummt.',
    why: 'Es kommt nichts mehr von ihm: Wohl ist das Netz dazwischen weg, oder der Broker hängt.',
    nextStep:
      'Warten: Die Brücke versucht es von selbst wieder. Dauert es an, prüfen Sie die Internetverbindung.',
  },
  closedByBroker: {
    what: 'Der Broker hat die Verbindung geschlossen.',
    why: 'Vielleicht startet er neu, oder ihm passten Benutzer oder Erlaubnis der Brücke nicht, und er nannte keinen Grund.',
    nextStep:
      'Warten Sie eine Minute: Die Brücke versucht es von selbst wieder. Dauert es an, prüfen Sie OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD.',
  },
  other: {
    what: 'Die Verbindung zum Broker scheiterte aus einem Grund, den die Brücke nicht kennt.',
    why: 'Der Fehlertext sagt einem Techniker mehr.',
    nextStep:
      'Prüfen Sie OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD. Stimmen sie, zeigen Sie den Fehlertext einem Techniker.',
  },
  certificateSoon: {
    what: 'Das Zertifikat des Brokers läuft bald ab.',
    why: 'Nach diesem Tag bekommen weder die Brücke noch owlcms eine Verbindung.',
    nextStep:
      'Erneuern Sie das Zertifikat des Brokers vor dem Wettkampf, oder fragen Sie seinen Besitzer, ob das von selbst geschieht.',
  },
  messageNotReturned: {
    what: 'Der Broker nimmt Nachrichten an, schickt sie aber nicht zurück.',
    why: 'Der Benutzer in OWLCMS_MQTTUSERNAME darf auf owlcms/# senden oder empfangen, aber nicht beides.',
    nextStep:
      'Geben Sie diesem Benutzer am Broker die Erlaubnis, auf owlcms/# zu senden und zu empfangen. Das kann 5 Minuten dauern.',
  },
  notAcknowledged: {
    what: 'Der Broker bestätigt eine Nachricht nicht.',
    why: 'Er ist überlastet, oder das Netz verliert, was er schickt.',
    nextStep:
      'Prüfen Sie in einer Minute noch einmal. Dauert es an, sehen Sie auf die Statusseite des Brokers.',
  },
  slowRoundTrip: {
    what: 'Der Weg zum Broker und zurück ist langsam.',
    why: 'Der Broker ist weit weg von der Brücke, oder das Netz ist ausgelastet. Offizielle bemerken Verzögerungen über einer halben Sekunde.',
    nextStep:
      'Wählen Sie die Regionen von Broker und Brücke nah beieinander. In der Halle nehmen Sie ein Kabel.',
  },
  owlcmsSilent: {
    what: 'owlcms antwortet nicht.',
    why: 'Es ist aus, startet noch, oder ist mit einem anderen Broker verbunden; vielleicht ist sein eigenes Passwort falsch, was es nirgends zeigt; oder es ist älter als Version 38. Drücke erreichen den Broker, aber niemand nimmt sie an.',
    nextStep:
      'Öffnen Sie owlcms im Browser, um es zu wecken, dann prüfen Sie, ob owlcms dieselben OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD hat wie die Brücke.',
  },
  owlcmsStarting: {
    what: 'owlcms startet gerade.',
    why: 'Das hat es auf diesem Broker gesagt. In den ersten Sekunden jeder Plattform nimmt es keine Entscheidungen an.',
    nextStep: 'Warten Sie zehn Sekunden und prüfen Sie noch einmal.',
  },
  owlcmsOld: {
    what: 'owlcms ist da, aber für manches zu alt.',
    why: 'Es spricht auf diesem Broker, nennt aber weder seine Plattformen noch die Größe der Jury, wie owlcms es seit Version 43 tut.',
    nextStep:
      'Aktualisieren Sie owlcms. Bis dahin gehen die Geräte der Kampfrichter, und die Jury gilt als dreiköpfig.',
  },
  owlcmsElsewhere: {
    what: 'Auf diesem Broker entscheiden Geräte, aber owlcms ist nicht da.',
    why: 'owlcms ist aus, oder mit einem anderen Broker verbunden als die Geräte: Andere Broker sieht die Brücke nicht.',
    nextStep:
      'Vergleichen Sie OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD von owlcms und Brücke Buchstabe für Buchstabe, und starten Sie owlcms neu.',
  },
  owlcmsNotHere: {
    what: 'owlcms ist nicht mit dieser Brücke verbunden.',
    why: 'Es ist aus, startet noch, oder seine vier Einstellungen führen woandershin; vielleicht ist sein eigenes Passwort falsch, was es nirgends zeigt. Bis es da ist, wird jede Entscheidung sofort abgelehnt.',
    nextStep:
      'Öffnen Sie owlcms im Browser, um es zu wecken. Es braucht die Adresse dieser Brücke in OWLCMS_MQTTSERVER, 1883 in OWLCMS_MQTTPORT, und dieselben OWLCMS_MQTTUSERNAME und OWLCMS_MQTTPASSWORD wie hier.',
  },
  bridgeNotRunning: {
    what: 'Diese Brücke ist der Broker, aber sie läuft nicht auf diesem Rechner.',
    why: 'An ihrem Port für owlcms antwortet nichts.',
    nextStep:
      'Starten Sie die Brücke und prüfen Sie noch einmal; auf Fly.io prüfen Sie auf ihrer eigenen Maschine, mit fly ssh console.',
  },
  twoOwlcms: {
    what: 'Auf diesem Broker antworten zwei verschiedene owlcms.',
    why: 'Beide nehmen jede Entscheidung an, sodass eines Ergebnisse vom Wettkampf des anderen zeigt.',
    nextStep: 'Halten Sie das an, das nicht gemeint ist, oder geben Sie ihm einen eigenen Broker.',
  },
  dotInPlatform: {
    what: 'Der Broker kann den Namen einer Plattform nicht übertragen.',
    why: 'Er macht aus dem Punkt im Namen einen Schrägstrich, wie RabbitMQ: Auf dieser Plattform kommt nichts an, in keiner Richtung.',
    nextStep: 'Benennen Sie die Plattform in owlcms ohne Punkt, oder nehmen Sie einen anderen Broker.',
  },
  notReplayed: {
    what: 'Der Broker gibt nicht zurück, was er aufbewahrt.',
    why: 'Er bewahrt auf, was widerrufen wurde, sagt einer neu gestarteten Brücke aber nur einen Teil davon, wie RabbitMQ: Dann gelten alte Codes vielleicht wieder.',
    nextStep:
      'BRIDGE_JOURNAL_DIR auf einen Ordner setzen, der Neustarts übersteht, oder einen anderen Broker nehmen.',
  },
  runsTwice: {
    what: 'Eine zweite Maschine dieser Brücke ist mit demselben Broker verbunden.',
    why: 'Sie einigen sich, wer wo sitzt, haben aber denselben Namen: Niemand sieht, welches Gerät an welcher ist.',
    nextStep:
      'Wenn das niemand wollte: auf Fly.io „fly scale count 1“ ausführen, auf Heroku nur einen Web-Dyno behalten.',
  },
  machinesOnFly: {
    what: 'Diese App hat auf Fly.io mehr als eine Maschine.',
    why: '„fly deploy“ macht zwei, wenn man es nicht anders sagt. Sie einigen sich, wer wo sitzt, haben aber denselben Namen: Niemand sieht, welches Gerät an welcher ist.',
    nextStep:
      'Wenn das niemand wollte: „fly scale count 1“ ausführen, und in Zukunft „fly deploy --ha=false“.',
  },
  clientIdFight: {
    what: 'Ein anderes Programm übernimmt immer wieder den Platz der Brücke am Broker.',
    why: 'Es verbindet sich mit derselben Client-ID, und beide werfen einander abwechselnd hinaus.',
    nextStep:
      'Halten Sie das zweite Programm an: eine andere Kopie dieser Brücke, vielleicht auf jemandes Laptop.',
  },
  oneConnection: {
    what: 'Der Broker gibt der Brücke eine Verbindung statt zwei.',
    why: 'Alles geht, aber was owlcms sagt, kann die Geräte 40 ms später erreichen. Vielleicht zählt der Tarif die Verbindungen, oder der Broker lässt je Benutzer nur eine zu.',
    nextStep:
      'Es ist nichts zu tun. Zählt der Tarif Verbindungen, trennen Sie, was nicht gebraucht wird; die Brücke fragt bei jedem Verbinden nach einer zweiten.',
  },
  sleepingDyno: {
    what: 'Auf Heroku schläft ein Eco-Dyno nach einer halben Stunde ohne Webzugriffe ein.',
    why: 'Solange er schläft, gehen Entscheidungen verloren. Das Programm sieht nicht, auf welcher Art von Dyno es läuft.',
    nextStep: 'Führen Sie „heroku ps:type“ aus: Steht dort eco, dann „heroku ps:type web=basic“.',
  },
}
