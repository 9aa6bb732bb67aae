import type { SetupWords } from '../en/setup.ts'

const onlyTheName = 'Ponga solo el nombre del broker, como abc123.s1.eu.hivemq.cloud.'
const copyIt = 'Cópielo de los ajustes de owlcms o de la página del broker.'

export const setup: SetupWords = {
  title: 'Falta configurar',
  headline: (count) =>
    count === 1 ? 'Configuración: 1 ajuste por corregir' : `Configuración: ${count} ajustes por corregir`,
  intro:
    'El puente funciona, pero todavía no puede trabajar. Corrija lo que se indica aquí; entonces el puente se reinicia y esta página se convierte sola en la página de estado.',
  noticed: 'También se ha visto',
  replace:
    'Ponga su propio valor detrás de cada signo igual. Esta página nunca muestra los valores que usted ha puesto.',
  problem: { missing: 'falta', wrong: 'incorrecto' },
  places: { fly: 'En Fly.io', heroku: 'En Heroku', other: 'En cualquier otro sitio' },
  steps: {
    fly: 'En un terminal, en la carpeta de fly.toml:',
    heroku: 'En un terminal, en la carpeta de la app:',
    other: 'Como variables de entorno, por ejemplo en el archivo .env; después reinicie el puente:',
  },
  anywhere: 'En un terminal, en cualquier carpeta:',
  byMouse: 'O sin terminal, en el panel',
  dashboard: {
    fly: (app) => [
      `Abra https://fly.io/apps/${app ?? '…'}/secrets e inicie sesión.`,
      'Añada un secreto por línea: la palabra antes del signo igual es su nombre, y su propio valor el valor.',
      'Despliegue los secretos, en la misma página. El puente se reinicia solo.',
    ],
    heroku: (app) => [
      `Abra https://dashboard.heroku.com/apps/${app ?? '…'}/settings e inicie sesión.`,
      'Elija «Reveal Config Vars».',
      'Añada cada línea: la palabra antes del signo igual va en KEY, y su propio valor en VALUE. El puente se reinicia solo.',
    ],
  },
  copy: 'Copiar',
  copied: 'Copiado',
  swapped: {
    question: '¿Están cambiados el nombre de usuario y la contraseña?',
    answer:
      'El nombre de usuario es el que usted inventó para el usuario del broker; la página del broker lo muestra (HiveMQ Cloud: Access Management). Ninguna página muestra la contraseña. Si el valor de OWLCMS_MQTTUSERNAME no está en esa lista, ponga los dos otra vez. owlcms necesita los mismos.',
  },
  typed:
    'O, para que ninguna contraseña quede en el historial del terminal: escriba estas líneas y luego Ctrl-D',
  faults: {
    noServer: {
      what: 'No está puesto.',
      why: 'Es la dirección del broker MQTT, la misma que en owlcms. Sin ella el puente no llega al broker.',
      nextStep: copyIt,
    },
    noUserName: {
      what: 'No está puesto.',
      why: 'Es el nombre de usuario en el broker, el mismo que en owlcms. Sin él el puente no llega al broker.',
      nextStep: copyIt,
    },
    noPassword: {
      what: 'No está puesto.',
      why: 'Es la contraseña en el broker, la misma que en owlcms. Sin ella el puente no llega al broker.',
      nextStep: copyIt,
    },
    credentials: {
      what: 'Contiene una «@»: parece que en la dirección hay un nombre de usuario o una contraseña.',
      why: 'Tienen sus propios ajustes, para que sigan siendo secretos.',
      nextStep: 'Deje aquí solo la dirección; para lo demás use OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD.',
    },
    swapped: {
      what: 'Es un número de puerto, y OWLCMS_MQTTPORT no lo es: parece que están cambiados.',
      why: 'En OWLCMS_MQTTSERVER va la dirección del broker, en OWLCMS_MQTTPORT su puerto.',
      nextStep: 'Intercambie los dos valores.',
    },
    consolePage: {
      what: 'Es la página web donde usted administra los brokers, no un broker.',
      why: 'El broker tiene su propia dirección.',
      nextStep: 'Abra esa página, elija su cluster y copie su «URL»: se parece a abc123.s1.eu.hivemq.cloud.',
    },
    webPage: {
      what: 'Es la dirección de una página web (http o https).',
      why: 'Un broker habla MQTT, no HTTP.',
      nextStep: `${onlyTheName} Para MQTT sobre WebSocket escriba wss:// en lugar de https://.`,
    },
    scheme: {
      what: 'Antes de «://» hay algo desconocido.',
      why: 'El puente conoce mqtts, ssl, tls, mqtt, tcp, wss y ws.',
      nextStep: onlyTheName,
    },
    host: {
      what: 'No es la dirección de un ordenador.',
      why: 'Una dirección tiene letras, cifras, puntos y guiones, sin espacios.',
      nextStep: onlyTheName,
    },
    portInServer: {
      what: 'El puerto detrás de «:» no es un número de puerto.',
      why: 'Los puertos son números enteros de 1 a 65535.',
      nextStep: `${onlyTheName} El puerto va en OWLCMS_MQTTPORT.`,
    },
    brokerPort: {
      what: 'No es un número de puerto.',
      why: 'Los puertos son números enteros de 1 a 65535, sin ceros delante.',
      nextStep: 'Ponga 8883, o el puerto que indica la página del broker.',
    },
    portConflict: {
      what: 'OWLCMS_MQTTSERVER y OWLCMS_MQTTPORT indican puertos distintos.',
      why: 'El puente no puede saber cuál de los dos es el bueno.',
      nextStep: 'Quite el puerto de OWLCMS_MQTTSERVER y compare OWLCMS_MQTTPORT con la página del broker.',
    },
    path: {
      what: 'Detrás de la dirección hay algo que no debe estar ahí.',
      why: 'Solo una dirección wss:// puede tener una ruta, como /mqtt, y ninguna tiene «?» ni «#».',
      nextStep: onlyTheName,
    },
    userNameIsAddress: {
      what: 'Parece la dirección de un broker: algunos de los cuatro valores parecen cambiados.',
      why: 'El nombre de usuario es el que usted inventó para el usuario del broker.',
      nextStep:
        'Revise los cuatro: en OWLCMS_MQTTSERVER va la dirección del broker, en OWLCMS_MQTTUSERNAME el nombre del usuario.',
    },
    noVenueUserName: {
      what: 'No está puesto, pero BRIDGE_VENUE_PASSWORD sí.',
      why: 'MQTT no conoce contraseñas sin nombre de usuario.',
      nextStep:
        'Ponga también BRIDGE_VENUE_USERNAME, o quite BRIDGE_VENUE_PASSWORD para dejar entrar a cualquier aparato.',
    },
    ownOnHeroku: {
      what: 'Heroku solo deja entrar HTTPS, así que owlcms no puede conectarse allí a un puente.',
      why: 'owlcms habla MQTT simple, para el que Heroku no tiene puerto.',
      nextStep: 'Quite BRIDGE_BROKER y use un broker en la nube, o ponga el puente en Fly.io o en la sala.',
    },
    ownPortTaken: {
      what: 'Es el puerto de otro servicio de este puente.',
      why: 'Dos servicios no pueden compartir un puerto.',
      nextStep: 'Ponga BRIDGE_BROKER_PORT en otro puerto, normalmente 1883; en la sala, déjelo vacío.',
    },
    venueOnHeroku: {
      what: 'Heroku solo deja entrar HTTPS, así que aquí no se puede ofrecer MQTT sin cifrar.',
      why: 'El MQTT sin cifrar es para el pabellón, en un portátil o una Raspberry Pi.',
      nextStep: 'Quite BRIDGE_VENUE_PORT aquí, y ejecute «owlcms-bridge venue» en el pabellón.',
    },
    venuePortTaken: {
      what: 'Es el puerto del servidor web.',
      why: 'Dos servicios no pueden compartir un puerto.',
      nextStep: 'Ponga otro puerto en BRIDGE_VENUE_PORT, normalmente 1883.',
    },
    metricsOnHeroku: {
      what: 'Heroku solo deja entrar HTTPS en su propio puerto, así que nadie podría llegar.',
      why: 'Un segundo puerto es para proveedores con una red privada, como Fly.io.',
      nextStep:
        'Quite BRIDGE_METRICS_PORT, y ponga BRIDGE_METRICS_TOKEN para leer /metrics en la dirección de la app.',
    },
    metricsPortTaken: {
      what: 'Otro servicio del puente ya tiene este puerto.',
      why: 'Dos servicios no pueden compartir un puerto.',
      nextStep: 'Ponga otro puerto en BRIDGE_METRICS_PORT, normalmente 9091.',
    },
    range: (least, most) => ({
      what: 'El puente no puede usar este número.',
      why: `Debe ser un número entero de ${least} a ${most}.`,
      nextStep: `Ponga un número entero de ${least} a ${most}.`,
    }),
    port: {
      what: 'No es un número de puerto.',
      why: 'Los puertos son números enteros hasta 65535.',
      nextStep: 'Ponga un número de puerto.',
    },
    word: (words) => ({
      what: 'Esta palabra no vale aquí.',
      why: `Puede ser: ${words}.`,
      nextStep: 'Ponga una de estas palabras.',
    }),
    yesOrNo: {
      what: 'No es ni true ni false.',
      why: 'Este ajuste activa o desactiva algo.',
      nextStep: 'Ponga true o false.',
    },
    name: {
      what: 'El puente no puede usar este nombre.',
      why: 'Forma parte de un topic: como mucho 40 de los caracteres a-z, 0-9 y «-».',
      nextStep: 'Elija un nombre corto, como «sala-norte».',
    },
    listenAddress: {
      what: 'El puente no puede escuchar en esta dirección.',
      why: 'Debe ser una dirección IP de este ordenador.',
      nextStep: 'Quítela, o ponga 0.0.0.0 (todo IPv4) o :: (todas las direcciones).',
    },
    shortSecret: {
      what: 'Es demasiado corto.',
      why: 'Alguien podría adivinarlo.',
      nextStep: 'Use al menos 16 caracteres al azar, o quite este ajuste.',
    },
    proxyAddress: {
      what: 'Contiene algo que no es una dirección.',
      why: 'Solo su propio proxy puede decir de dónde viene un cliente, y se le conoce por su dirección.',
      nextStep:
        'Ponga loopback (un proxy en este ordenador), o direcciones como 10.0.0.5 o 10.0.0.0/24, separadas por comas.',
    },
    proxyTooWide: {
      what: 'Confía en demasiadas direcciones.',
      why: 'Cualquiera de ellas podría hacerse pasar por otro cliente.',
      nextStep: 'Indique solo los propios proxys.',
    },
    webAddress: {
      what: 'No es la dirección de un sitio web.',
      why: 'Los enlaces de los oficiales empiezan por ella.',
      nextStep: 'Escríbala como https://bridge.example.org, sin nada detrás del nombre.',
    },
    certificate: {
      what: 'No contiene ningún certificado legible.',
      why: 'Un certificado en formato PEM empieza por «-----BEGIN CERTIFICATE-----».',
      nextStep: 'Pegue el texto PEM del certificado CA, o indique la ruta de un archivo PEM.',
    },
    certificateFile: (code) => ({
      what: 'No se puede leer el archivo indicado.',
      why: `El ordenador dice: ${code}.`,
      nextStep: 'Revise la ruta y los permisos del archivo, o pegue el propio texto PEM.',
    }),
    certificateFileOdd: {
      what: 'No se puede leer el archivo indicado.',
      why: 'No es un archivo normal, o es demasiado grande para un certificado.',
      nextStep: 'Revise la ruta y los permisos del archivo, o pegue el propio texto PEM.',
    },
  },
  warnings: {
    spaces: 'Se quitaron los espacios o finales de línea alrededor del valor; no forman parte de él.',
    quotes: 'Se quitaron las comillas alrededor del valor; no forman parte de él.',
    unseen:
      'Contiene un carácter que ninguna pantalla muestra, como un espacio especial. Escriba el valor a mano.',
    curly: 'Contiene comillas curvas; algunos editores las ponen en lugar de las rectas.',
    halfQuoted: 'Empieza con una comilla sin final: un «#» o un espacio puede haberlo cortado.',
    fileLine: (line) => `La línea ${line} del archivo no es NOMBRE=valor y se ignora.`,
    twiceInFile: 'Está dos veces en el archivo; cuenta la última.',
    behindQuote: 'Lo que sigue a la comilla de cierre se toma por comentario.',
    behindHash: 'Lo que sigue a « #» se toma por comentario.',
    wordProcessor: 'El archivo es un documento de un procesador de textos. Guárdelo como texto sin formato.',
    notUtf8:
      'El archivo no está guardado en UTF-8: si un valor tiene letras como é o ü, guárdelo de nuevo en UTF-8.',
    noTextFile: 'No es un archivo de texto.',
    fileUnreadable: (code) => `No se puede leer el archivo (${code}).`,
    fileIsTxt:
      'Ese archivo no existe, pero sí uno que termina en .txt, como añade Windows: cámbiele el nombre o indique ese.',
    cutByNode: (taken, written) =>
      `El lector de Node tomó ${taken} de sus ${written} caracteres: un «#», comillas o la codificación del archivo lo detuvo. Escriba --settings ARCHIVO detrás del comando en lugar de --env-file.`,
    unknownName: 'El puente no conoce ningún ajuste con este nombre y no lo tiene en cuenta.',
    unknownNameLike: (name) =>
      `El puente no conoce ningún ajuste con este nombre y no lo tiene en cuenta. ¿Quería decir ${name}?`,
    capitals: (name) => `Aquí cuentan las mayúsculas, así que no se tiene en cuenta. ¿Quería decir ${name}?`,
    readByAll: (name) =>
      `Cualquiera en este ordenador puede leerlo en la lista de programas en marcha. Ponga ${name} en su lugar.`,
    plainOnTlsPort:
      'Pide una conexión sin cifrar, aunque los puertos que empiezan por 8 tienen TLS. Para TLS quite mqtt:// o tcp://.',
    plainOnCloud: 'Este broker en la nube solo acepta conexiones cifradas. Ponga 8883 en OWLCMS_MQTTPORT.',
    defaultPortWithWebSocket: 'No se usa 8883, porque OWLCMS_MQTTSERVER empieza por wss:// o ws://.',
    hiveMqWebSocket: '8884 es el puerto de HiveMQ Cloud para MQTT sobre WebSocket, y se usa como tal.',
    hostWithoutDot: 'No tiene ningún punto: solo es correcto para un ordenador de su propia red.',
    passwordIsAddress:
      'Parece la dirección de un broker: quizá algunos de los cuatro valores estén cambiados.',
    ownTlsPort:
      'owlcms pide TLS en un puerto que empieza por 8, y este puente lo toma sin TLS en 1883. Ponga 1883 aquí y en owlcms, salvo que algo delante termine TLS.',
    ownServerNotUsed:
      'No se usa: con BRIDGE_BROKER=own, owlcms se conecta a este puente. Quite uno de los dos.',
    noAdministrator: 'No está puesto, así que nadie puede abrir la consola y dar códigos para teléfonos.',
    samePassword: 'Es lo mismo que OWLCMS_MQTTUSERNAME: quizá uno de los dos se pegó dos veces.',
    proxyNotUsed: 'En Fly.io y Heroku no se usa: su propio proxy dice de dónde viene un cliente.',
    stopDelay: (seconds) =>
      `Heroku termina un programa 30 s después de pedirle que pare, así que se usan ${seconds} s.`,
  },
}
