import type { ApiWords } from '../en/api.ts'

export const api: ApiWords = {
  otherSite:
    'Seules les pages de la console peuvent faire cela. Ouvrez la console à sa propre adresse et réessayez.',
  notJson: 'Envoyez du JSON, avec le type de contenu application/json.',
  notSignedIn: 'Vous n’êtes pas connecté, ou ne l’êtes plus. Connectez-vous à la console.',
  tooLarge: (kibibytes) => `C’est trop à la fois ; envoyez au plus ${kibibytes} Kio.`,
  noJson: 'Ce n’est pas du JSON.',
  invalid: 'La demande n’a pas la bonne forme.',
  invalidField: (field) => `${field} n’a pas la bonne forme.`,
  wrongPassword:
    'Ce n’est pas le mot de passe de l’administrateur. C’est BRIDGE_ADMIN_PASSWORD ; à défaut, le mot de passe du broker.',
  tooMany: 'Trop de mots de passe incorrects depuis votre réseau. Attendez dix secondes, puis réessayez.',
  noPassword:
    'Il n’y a pas de mot de passe d’administrateur. Définissez BRIDGE_ADMIN_PASSWORD et redémarrez la passerelle.',
  full: 'Trop de liens ont été révoqués un par un pour en retenir un autre. Révoquez le plateau, ou tous les liens, et distribuez-en de nouveaux.',
  hereOnly:
    'C’est en vigueur sur cette passerelle. Le broker est injoignable : les autres passerelles l’apprendront à son retour.',
  unconfirmed: (bridges: string) =>
    `C’est en vigueur sur cette passerelle, mais celles-ci ne l’ont pas confirmé : ${bridges}. Réessayez dans un instant ; d’ici là, les anciens codes peuvent encore y servir.`,
  untilRestart:
    'C’est en vigueur, mais le broker ne le retient pas : après un redémarrage, les anciens codes pourraient resservir. Indiquez dans BRIDGE_JOURNAL_DIR un dossier qui survit aux redémarrages.',
  gone: 'Cet appareil n’est plus à ce poste. Regardez de nouveau qui est là.',
  mqtt: 'Cette adresse est pour les appareils : connectez-les en MQTT sur WebSocket. La page d’état est à /',
  ws: 'Cette adresse est pour les programmes : du JSON sur WebSocket. La page d’état est à /',
  nothing: 'Il n’y a rien à cette adresse. La page d’état est à / et les appareils se connectent à /mqtt',
  mistake:
    'La passerelle a fait une erreur ; son journal technique en dit plus. Rechargez la page pour réessayer.',
  settingsElsewhere:
    'Les réglages se modifient sur l’ordinateur où fonctionne la passerelle : ouvrez-y cette console.',
  lightCheck: {
    unknownPlatform: 'owlcms n’a pas de plateau de ce nom en ce moment.',
    notInBreak:
      'Le test des lampes demande une pause, pour ne retenir aucune vraie décision. owlcms n’en a pas annoncé à cette passerelle : lancez une pause dans owlcms, ou relancez-la si la passerelle a redémarré depuis.',
    juryAtWork:
      'Le jury délibère, et un test des lampes retiendrait ses votes et sa décision. Lancez-le dans une autre pause.',
    running: 'Le test des lampes de ce plateau est déjà en cours.',
  },
}
