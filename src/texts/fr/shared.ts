import type { SharedTexts } from '../en/shared.ts'

export const shared: SharedTexts = {
  platform: (platform) => `Plateau ${platform}`,
  role: {
    referee: 'Arbitre',
    soloReferee: 'Arbitre unique',
    juryMember: 'Membre du jury',
    juryPresident: 'Président du jury',
    timekeeper: 'Chronométreur',
    technicalController: 'Contrôleur technique',
    viewer: 'Spectateur',
  },
  phase: {
    idle: 'En attente du groupe',
    athleteCalled: 'Athlète appelé',
    clockRunning: 'Chronomètre en marche',
    clockStopped: 'Chronomètre arrêté',
    downSignal: 'Signal de descente',
    decisionShown: 'Décision',
    break: 'Pause',
    ceremony: 'Cérémonie',
  },
  /** By owlcms's own words for breaks. */
  breakType: {
    JURY: 'Délibération du jury',
    CHALLENGE: 'Contestation',
    TECHNICAL: 'Pause technique',
    MARSHAL: 'Pause du marshal',
    BEFORE_INTRODUCTION: 'Avant la présentation',
    FIRST_SNATCH: 'Avant le premier arraché',
    FIRST_CJ: 'Avant le premier épaulé-jeté',
    GROUP_DONE: 'Fin du groupe',
    SNATCH_DONE: 'Arraché terminé',
    CEREMONY: 'Cérémonie',
  },
}
