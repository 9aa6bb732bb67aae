import type { DemoWords } from '../en/demo.ts'

export const demo: DemoWords = {
  title: 'Sie sind die drei Kampfrichter',
  intro:
    'Auf diesem Rechner läuft ein simulierter Wettkampf. Die Uhr bedient ein Roboter, entscheiden müssen Sie.',
  steps: [
    'Warten Sie, bis die Uhr steht: Der Versuch ist zu Ende.',
    'Wählen Sie für alle drei Weiß oder Rot (oder tippen Sie 1 bis 6). Der grüne Rahmen heißt: owlcms hat die Entscheidung. Dann gehen die Lichter an.',
    'Nächster Versuch: Entscheiden Sie nur für zwei. Der dritte wird erinnert.',
    'Entscheiden Sie noch einmal, wenn die Lichter an sind: Es ist zu spät, und die Seite sagt es. Nichts trifft den nächsten Athleten.',
    'Seien Sie der Veranstalter: Öffnen Sie die Konsole, dann das Journal mit jeder Entscheidung.',
  ],
  open: {
    console: 'Konsole des Veranstalters',
    password: 'Passwort:',
    journal: 'Journal',
    status: 'Öffentliche Seite',
  },
}
