import type { DemoWords } from '../en/demo.ts'

export const demo: DemoWords = {
  title: 'Vous êtes les trois arbitres',
  intro:
    'Une compétition simulée tourne sur cet ordinateur. Un robot tient le chronomètre ; les décisions sont à vous.',
  steps: [
    'Attendez que le chronomètre s’arrête : l’essai est terminé.',
    'Choisissez blanc ou rouge pour les trois arbitres (ou tapez 1 à 6). Le cadre vert indique qu’owlcms a la décision ; puis les lampes s’allument.',
    'À l’essai suivant, décidez pour deux seulement. Le troisième arbitre reçoit un rappel.',
    'Décidez encore quand les lampes sont allumées : c’est trop tard, et la page le dit. Rien ne tombe sur l’athlète suivant.',
    'Soyez l’organisateur : ouvrez la console, puis le journal avec chaque décision.',
  ],
  open: {
    console: 'Console de l’organisateur',
    password: 'Mot de passe :',
    journal: 'Journal',
    status: 'Page publique',
  },
}
