import type { ApiWords } from '../en/api.ts'

export const api: ApiWords = {
  otherSite:
    'Solo las páginas de la propia consola pueden hacer esto. Abra la consola en su propia dirección e inténtelo de nuevo.',
  notJson: 'Envíe JSON, con el tipo de contenido application/json.',
  notSignedIn: 'No ha iniciado sesión, o ya no. Inicie sesión en la consola.',
  tooLarge: (kibibytes) => `Es demasiado de una vez; envíe como mucho ${kibibytes} KiB.`,
  noJson: 'Esto no es JSON.',
  invalid: 'La petición no es como debe ser.',
  invalidField: (field) => `${field} no es como debe ser.`,
  wrongPassword:
    'Esa no es la contraseña del administrador. Es BRIDGE_ADMIN_PASSWORD; si no hay, la contraseña del broker.',
  tooMany: 'Demasiadas contraseñas incorrectas desde su red. Espere diez segundos e inténtelo de nuevo.',
  noPassword: 'No hay contraseña de administrador. Ponga BRIDGE_ADMIN_PASSWORD y reinicie el puente.',
  full: 'Se han revocado demasiados enlaces sueltos para recordar otro. Revoque la tarima, o todos los enlaces, y reparta nuevos.',
  hereOnly: 'Vale en este puente. No se llega al broker: los demás puentes lo sabrán cuando vuelva.',
  unconfirmed: (bridges: string) =>
    `Vale en este puente, pero estos no lo han confirmado: ${bridges}. Inténtelo de nuevo en un momento; hasta entonces los códigos antiguos pueden servir allí.`,
  untilRestart:
    'Vale ahora, pero el broker no lo guarda: tras un reinicio los códigos antiguos podrían volver a servir. Ponga en BRIDGE_JOURNAL_DIR una carpeta que sobreviva a los reinicios.',
  gone: 'Ese aparato ya no está en este puesto. Mire otra vez quién está.',
  mqtt: 'Esta dirección es para aparatos: conéctelos con MQTT sobre WebSocket. La página de estado está en /',
  ws: 'Esta dirección es para programas: JSON sobre WebSocket. La página de estado está en /',
  nothing: 'No hay nada en esta dirección. La página de estado está en / y los aparatos se conectan a /mqtt',
  mistake: 'El puente cometió un error; su registro dice más. Recargue la página para intentarlo de nuevo.',
  settingsElsewhere:
    'Los ajustes se cambian en el ordenador donde funciona el puente: abra allí esta consola.',
  lightCheck: {
    unknownPlatform: 'owlcms no tiene ahora ninguna tarima con este nombre.',
    notInBreak:
      'La prueba de luces necesita una pausa, para no retener ninguna decisión real. owlcms no ha avisado de ninguna a este puente: empiece una pausa en owlcms, o empiécela de nuevo si el puente se reinició después.',
    juryAtWork:
      'El jurado delibera, y una prueba de luces retendría sus votos y su decisión. Empiécela en otra pausa.',
    running: 'La prueba de luces de esta tarima ya está en marcha.',
  },
}
