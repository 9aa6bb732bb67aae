import type { DemoWords } from '../en/demo.ts'

export const demo: DemoWords = {
  title: 'Usted es los tres árbitros',
  intro: 'En este ordenador hay una competición simulada. Un robot lleva el reloj; las decisiones son suyas.',
  steps: [
    'Espere a que el reloj se pare: el intento ha terminado.',
    'Elija blanco o rojo para los tres árbitros (o teclee de 1 a 6). El marco verde dice que owlcms tiene la decisión; después se encienden las luces.',
    'En el siguiente intento, decida solo por dos. El tercer árbitro recibe un recordatorio.',
    'Decida otra vez con las luces encendidas: es demasiado tarde y la página lo dice. Nada cae sobre el siguiente atleta.',
    'Sea la organización: abra la consola y después el diario con cada decisión.',
  ],
  open: {
    console: 'Consola de la organización',
    password: 'Contraseña:',
    journal: 'Diario',
    status: 'Página pública',
  },
}
