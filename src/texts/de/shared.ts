import type { SharedTexts } from '../en/shared.ts'

export const shared: SharedTexts = {
  platform: (platform) => `Plattform ${platform}`,
  role: {
    referee: 'Kampfrichter',
    soloReferee: 'Einziger Kampfrichter',
    juryMember: 'Jurymitglied',
    juryPresident: 'Jurypräsident',
    timekeeper: 'Zeitnehmer',
    technicalController: 'Technischer Kontrolleur',
    viewer: 'Zuschauer',
  },
  phase: {
    idle: 'Warten auf die Gruppe',
    athleteCalled: 'Heber aufgerufen',
    clockRunning: 'Uhr läuft',
    clockStopped: 'Uhr steht',
    downSignal: 'Ab-Signal',
    decisionShown: 'Entscheidung',
    break: 'Pause',
    ceremony: 'Zeremonie',
  },
  /** By owlcms's own words for breaks. */
  breakType: {
    JURY: 'Beratung der Jury',
    CHALLENGE: 'Einspruch',
    TECHNICAL: 'Technische Pause',
    MARSHAL: 'Pause des Marshals',
    BEFORE_INTRODUCTION: 'Vor der Vorstellung',
    FIRST_SNATCH: 'Vor dem ersten Reißen',
    FIRST_CJ: 'Vor dem ersten Stoßen',
    GROUP_DONE: 'Ende der Gruppe',
    SNATCH_DONE: 'Reißen beendet',
    CEREMONY: 'Zeremonie',
  },
}
