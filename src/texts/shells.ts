import type { Language } from './languages.ts'

/**
 * What a page says that its script has not started: an older browser, a script that did not arrive, JavaScript switched off.
 * The versions are those of scripts/oldest-browsers.mjs.
 */
export interface ShellTexts {
  /** What the browser’s tab says. */
  readonly titles: Readonly<Record<'seat' | 'view' | 'overlay' | 'console' | 'demo', string>>
  readonly notStarted: string
  readonly notStartedNext: string
  /** On a keypad, after the above. */
  readonly flags: string
  /** On a page that is there without its script, but grows old. */
  readonly noRefresh: string
}

export const shellTexts: Readonly<Record<Language, ShellTexts>> = {
  en: {
    titles: {
      seat: 'Keypad',
      view: 'Stage display',
      overlay: 'Overlay for video',
      console: 'Organiser’s console',
      demo: 'Demo',
    },
    notStarted: 'This page has not started',
    notStartedNext:
      'Reload it, and switch JavaScript on if it is off. If that does not help, this browser is too old. The page needs Safari 15 (iOS 15), Chrome or Edge 95, Firefox 102, or newer.',
    flags: 'Until then use your flags.',
    noRefresh: 'This browser does not keep the page fresh. Reload it to see what is true now.',
  },
  fr: {
    titles: {
      seat: 'Boutons',
      view: 'Affichage du plateau',
      overlay: 'Incrustation vidéo',
      console: 'Console de l’organisateur',
      demo: 'Démonstration',
    },
    notStarted: 'Cette page n’a pas démarré',
    notStartedNext:
      'Rechargez-la, et activez JavaScript s’il est désactivé. Si cela n’aide pas, ce navigateur est trop ancien. La page demande Safari 15 (iOS 15), Chrome ou Edge 95, Firefox 102, ou plus récent.',
    flags: 'D’ici là, utilisez vos drapeaux.',
    noRefresh: 'Ce navigateur ne tient pas la page à jour. Rechargez-la pour voir l’état actuel.',
  },
  es: {
    titles: {
      seat: 'Botones',
      view: 'Pantalla de la tarima',
      overlay: 'Superposición de vídeo',
      console: 'Consola de la organización',
      demo: 'Demostración',
    },
    notStarted: 'Esta página no ha arrancado',
    notStartedNext:
      'Recárguela y active JavaScript si está desactivado. Si no ayuda, este navegador es demasiado antiguo. La página necesita Safari 15 (iOS 15), Chrome o Edge 95, Firefox 102, o más nuevo.',
    flags: 'Mientras tanto, use sus banderas.',
    noRefresh: 'Este navegador no mantiene la página al día. Recárguela para ver el estado actual.',
  },
  de: {
    titles: {
      seat: 'Tasten',
      view: 'Plattformanzeige',
      overlay: 'Einblendung fürs Video',
      console: 'Konsole des Veranstalters',
      demo: 'Vorführung',
    },
    notStarted: 'Diese Seite ist nicht gestartet',
    notStartedNext:
      'Laden Sie sie neu, und schalten Sie JavaScript ein, wenn es aus ist. Hilft das nicht, ist dieser Browser zu alt. Die Seite braucht Safari 15 (iOS 15), Chrome oder Edge 95, Firefox 102 oder neuer.',
    flags: 'Bis dahin: Flaggen benutzen.',
    noRefresh:
      'Dieser Browser hält die Seite nicht aktuell. Laden Sie sie neu, um den jetzigen Stand zu sehen.',
  },
}
