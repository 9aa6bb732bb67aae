import type { SharedTexts } from '../en/shared.ts'

export const shared: SharedTexts = {
  platform: (platform) => `Tarima ${platform}`,
  role: {
    referee: 'Árbitro',
    soloReferee: 'Árbitro único',
    juryMember: 'Miembro del jurado',
    juryPresident: 'Presidente del jurado',
    timekeeper: 'Cronometrador',
    technicalController: 'Controlador técnico',
    viewer: 'Espectador',
  },
  phase: {
    idle: 'Esperando la sesión',
    athleteCalled: 'Atleta llamado',
    clockRunning: 'Reloj en marcha',
    clockStopped: 'Reloj parado',
    downSignal: 'Señal de bajada',
    decisionShown: 'Decisión',
    break: 'Pausa',
    ceremony: 'Ceremonia',
  },
  /** By owlcms's own words for breaks. */
  breakType: {
    JURY: 'Deliberación del jurado',
    CHALLENGE: 'Reclamación',
    TECHNICAL: 'Pausa técnica',
    MARSHAL: 'Pausa del mariscal',
    BEFORE_INTRODUCTION: 'Antes de la presentación',
    FIRST_SNATCH: 'Antes de la primera arrancada',
    FIRST_CJ: 'Antes del primer dos tiempos',
    GROUP_DONE: 'Fin de la sesión',
    SNATCH_DONE: 'Arrancada terminada',
    CEREMONY: 'Ceremonia',
  },
}
