import type { ApiWords } from '../en/api.ts'

export const api: ApiWords = {
  otherSite:
    'Das dürfen nur die Seiten der Konsole selbst. Öffnen Sie die Konsole an ihrer eigenen Adresse und versuchen Sie es noch einmal.',
  notJson: 'Senden Sie JSON, mit dem Inhaltstyp application/json.',
  notSignedIn: 'Sie sind nicht oder nicht mehr angemeldet. Melden Sie sich an der Konsole an.',
  tooLarge: (kibibytes) => `Das ist zu viel auf einmal; senden Sie höchstens ${kibibytes} KiB.`,
  noJson: 'Das ist kein JSON.',
  invalid: 'Die Anfrage ist nicht, wie sie sein muss.',
  invalidField: (field) => `${field} ist nicht, wie es sein muss.`,
  wrongPassword:
    'Das ist nicht das Passwort des Administrators. Es ist BRIDGE_ADMIN_PASSWORD; gibt es keines, das Passwort des Brokers.',
  tooMany:
    'Zu viele falsche Passwörter aus Ihrem Netz. Warten Sie zehn Sekunden, dann versuchen Sie es noch einmal.',
  noPassword:
    'Es gibt kein Passwort des Administrators. Setzen Sie BRIDGE_ADMIN_PASSWORD und starten Sie die Brücke neu.',
  full: 'Es wurden zu viele einzelne Links widerrufen, um sich noch einen zu merken. Widerrufen Sie die ganze Plattform oder alle Links, und geben Sie neue aus.',
  hereOnly:
    'Auf dieser Brücke gilt es. Der Broker ist nicht zu erreichen: Andere Brücken erfahren davon, wenn er wieder da ist.',
  unconfirmed: (bridges: string) =>
    `Auf dieser Brücke gilt es, aber diese haben es noch nicht bestätigt: ${bridges}. Versuchen Sie es gleich noch einmal; bis dahin gelten die alten Codes dort vielleicht noch.`,
  untilRestart:
    'Jetzt gilt es, aber der Broker merkt es sich nicht: Nach einem Neustart gelten die alten Codes vielleicht wieder. Setzen Sie BRIDGE_JOURNAL_DIR auf einen Ordner, der Neustarts übersteht.',
  gone: 'Dieses Gerät ist nicht mehr auf diesem Platz. Sehen Sie noch einmal nach, wer da ist.',
  mqtt: 'Diese Adresse ist für Geräte: Verbinden Sie sie mit MQTT über WebSocket. Die Statusseite ist unter /',
  ws: 'Diese Adresse ist für Programme: JSON über WebSocket. Die Statusseite ist unter /',
  nothing:
    'Unter dieser Adresse gibt es nichts. Die Statusseite ist unter /, und Geräte verbinden sich mit /mqtt',
  mistake:
    'Die Brücke hat einen Fehler gemacht; ihr Log sagt mehr. Laden Sie die Seite neu, um es noch einmal zu versuchen.',
  settingsElsewhere:
    'Die Einstellungen werden auf dem Rechner geändert, auf dem die Brücke läuft: Öffnen Sie die Konsole dort.',
  lightCheck: {
    unknownPlatform: 'owlcms hat jetzt keine Plattform dieses Namens.',
    notInBreak:
      'Der Lichttest braucht eine Pause, damit er keine echte Entscheidung behält. owlcms hat dieser Brücke keine genannt: Beginnen Sie in owlcms eine Pause, oder beginnen Sie sie neu, wenn die Brücke seither neu gestartet wurde.',
    juryAtWork:
      'Die Jury berät sich, und ein Lichttest würde ihre Stimmen und ihre Entscheidung zurückhalten. Beginnen Sie ihn in einer anderen Pause.',
    running: 'Der Lichttest dieser Plattform läuft schon.',
  },
}
