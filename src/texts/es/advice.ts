import type { Advice, AdviceCode } from '../../protocol/link/advice.ts'

export const advice: Readonly<Record<AdviceCode, Advice>> = {
  dns: {
    what: 'La dirección del broker no existe.',
    why: 'Ningún ordenador de Internet tiene el nombre de OWLCMS_MQTTSERVER, o el servicio de nombres no responde.',
    nextStep:
      'Copie otra vez la dirección del broker en OWLCMS_MQTTSERVER: solo el nombre, como lo muestra la página del broker.',
  },
  dnsSilent: {
    what: 'El servicio de nombres no responde: no se pudo buscar la dirección del broker.',
    why: 'El ordenador del puente no tiene Internet, o su red bloquea la búsqueda de nombres.',
    nextStep:
      'Revise la conexión a Internet del ordenador donde corre el puente: abra allí una página web. Después inténtelo de nuevo.',
  },
  refused: {
    what: 'El ordenador del broker está, pero nada responde en este puerto.',
    why: 'OWLCMS_MQTTPORT no es el puerto del broker, o el broker está apagado.',
    nextStep:
      'Revise OWLCMS_MQTTPORT (8883 en la mayoría de los brokers en la nube) y luego que el broker esté en marcha.',
  },
  brokerAway: {
    what: 'El broker no está en este momento.',
    why: 'Antes estaba, con los mismos ajustes, así que son correctos. Quizá se esté reiniciando, o alguien lo ha parado.',
    nextStep:
      'Espere: el puente lo intenta de nuevo solo. Si tarda más de dos minutos, mire la página o el ordenador del broker.',
  },
  timeout: {
    what: 'El broker no responde.',
    why: 'Quizá un cortafuegos se traga la conexión, o OWLCMS_MQTTSERVER u OWLCMS_MQTTPORT está mal.',
    nextStep:
      'Revise OWLCMS_MQTTSERVER y OWLCMS_MQTTPORT. Tras un cortafuegos estricto, use un broker en el puerto 443.',
  },
  reset: {
    what: 'La conexión con el broker se cortó.',
    why: 'La red o el broker la interrumpió. De vez en cuando es normal; una y otra vez, no.',
    nextStep:
      'Espere: el puente lo intenta de nuevo solo. Si se repite, revise OWLCMS_MQTTPORT y la página del broker.',
  },
  unreachable: {
    what: 'No hay camino de red hasta el broker.',
    why: 'Este ordenador no tiene Internet, o su red bloquea el broker.',
    nextStep: 'Revise la conexión a Internet del ordenador donde corre el puente, y luego OWLCMS_MQTTSERVER.',
  },
  cloudPort: {
    what: 'Este broker en la nube no acepta conexiones sin cifrado.',
    why: 'OWLCMS_MQTTPORT es un puerto sin TLS, como 1883. Los brokers en la nube escuchan en 8883.',
    nextStep: 'Ponga OWLCMS_MQTTPORT en 8883 y quite mqtt:// o tcp:// de OWLCMS_MQTTSERVER.',
  },
  certificateUnknownCa: {
    what: 'El certificado del broker lo firma alguien que el puente no conoce.',
    why: 'El broker usa una autoridad de certificación privada, o algo intercepta la conexión.',
    nextStep:
      'Para su propio broker, ponga su certificado CA en BRIDGE_MQTT_CA. Si no, revise OWLCMS_MQTTSERVER.',
  },
  certificateSelfSigned: {
    what: 'El certificado del broker está firmado por él mismo: nadie responde por él.',
    why: 'Es su propio broker con un certificado hecho a mano, o algo responde en su lugar.',
    nextStep:
      'Para su propio broker, ponga este certificado (PEM) en BRIDGE_MQTT_CA. Si no, revise OWLCMS_MQTTSERVER.',
  },
  certificateExpired: {
    what: 'El certificado del broker ha caducado.',
    why: 'El dueño del broker no lo ha renovado, o el reloj de este ordenador va mal.',
    nextStep:
      'Renueve el certificado del broker o pídaselo a su dueño. Revise el reloj del ordenador donde corre el puente.',
  },
  certificateNotYetValid: {
    what: 'El certificado del broker aún no es válido.',
    why: 'Probablemente el reloj de este ordenador va mal.',
    nextStep: 'Ponga en hora el ordenador donde corre el puente y reinicie el puente.',
  },
  certificateWrongHost: {
    what: 'El certificado del broker es para otra dirección.',
    why: 'OWLCMS_MQTTSERVER no es el nombre para el que se hizo el certificado.',
    nextStep:
      'Use en OWLCMS_MQTTSERVER el nombre completo del broker, no una dirección de números ni un nombre corto.',
  },
  certificateOther: {
    what: 'El certificado del broker no fue aceptado.',
    why: 'El puente comprueba con quién habla, y este certificado no pasó.',
    nextStep: 'Revise OWLCMS_MQTTSERVER. Para su propio broker, revise su certificado y BRIDGE_MQTT_CA.',
  },
  captivePortal: {
    what: 'Otra cosa responde en lugar del broker.',
    why: 'Su certificado no es el del broker. Así se comportan la página de acceso de una red de invitados, un cortafuegos o un antivirus.',
    nextStep:
      'Abra una página web en el ordenador del puente e inicie sesión en la red, o use otra red (el punto de acceso de un teléfono).',
  },
  tls: {
    what: 'No fue posible una conexión segura con el broker.',
    why: 'El puerto seguramente no tiene TLS, o el TLS del broker es demasiado antiguo. Un puerto que empieza por 8 significa TLS.',
    nextStep: 'Revise OWLCMS_MQTTPORT: 8883 con TLS, 1883 sin él.',
  },
  tlsTooOld: {
    what: 'El cifrado del broker es demasiado antiguo.',
    why: 'No ofrece nada más nuevo que TLS 1.1, que ya no es seguro; el puente pide TLS 1.2 o posterior.',
    nextStep:
      'Actualice el broker, o permita TLS 1.2 y 1.3 en sus ajustes. Ningún broker en la nube es tan antiguo.',
  },
  notTls: {
    what: 'Este puerto no tiene cifrado.',
    why: 'El puente usa TLS porque OWLCMS_MQTTPORT empieza por 8 (o la dirección lo pide), pero el otro lado no lo habla.',
    nextStep:
      'Ponga en OWLCMS_MQTTPORT el puerto con TLS del broker (normalmente 8883) o, en su propia red, el puerto sin TLS (normalmente 1883).',
  },
  tlsCut: {
    what: 'El otro lado cierra la conexión antes de cifrarla.',
    why: 'OWLCMS_MQTTPORT es un puerto sin TLS, el broker de esta dirección está caído, o un cortafuegos corta la conexión.',
    nextStep:
      'Revise OWLCMS_MQTTPORT: 8883 con TLS, 1883 sin él. Si está bien, mire si el broker está en marcha.',
  },
  notMqtt: {
    what: 'Algo responde, pero no es un broker MQTT.',
    why: 'OWLCMS_MQTTSERVER u OWLCMS_MQTTPORT lleva a otro servicio, por ejemplo una página web.',
    nextStep: 'Copie otra vez OWLCMS_MQTTSERVER y OWLCMS_MQTTPORT de la página del broker.',
  },
  webServer: {
    what: 'Responde un servidor web, no un broker MQTT.',
    why: 'OWLCMS_MQTTPORT es el puerto de una página web, o una página de acceso de la red responde en lugar del broker.',
    nextStep:
      'Copie otra vez OWLCMS_MQTTSERVER y OWLCMS_MQTTPORT de la página del broker: el puerto suele ser 8883.',
  },
  noMqttPath: {
    what: 'Responde un servidor web, pero no tiene MQTT en /mqtt.',
    why: 'Si es owlcms, es anterior a la versión 66, o tiene puesto OWLCMS_MQTTSERVER, lo que apaga su propio servidor.',
    nextStep:
      'Quite OWLCMS_MQTTSERVER de owlcms y actualícelo a la 66 o posterior, o dé a los dos la dirección de otro broker.',
  },
  badCredentials: {
    what: 'El broker rechaza el nombre de usuario o la contraseña.',
    why: 'OWLCMS_MQTTUSERNAME u OWLCMS_MQTTPASSWORD está mal. Algunos brokers dicen lo mismo cuando todas sus conexiones están en uso.',
    nextStep:
      'Ponga otra vez OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD, exactamente como se crearon en la página del broker. La comprobación dice cuántos caracteres de la contraseña llegan: #, $ o una comilla puede cortarla.',
  },
  passwordWanted: {
    what: 'El broker quiere un nombre de usuario y una contraseña.',
    why: 'El puente no los tiene: OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD están vacíos, y este broker no deja entrar a nadie sin ellos.',
    nextStep:
      'Ponga en OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD lo que tiene owlcms, y quite BRIDGE_ALLOW_ANONYMOUS.',
  },
  notAuthorised: {
    what: 'El broker no deja entrar al puente.',
    why: 'El usuario o la contraseña está mal, este usuario no tiene permiso, o todas las conexiones del broker están en uso.',
    nextStep:
      'Revise OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD, y luego el permiso del usuario (publicar y suscribirse en owlcms/#). Un cambio puede tardar 5 minutos. La comprobación dice cuántos caracteres de la contraseña llegan: #, $ o una comilla puede cortarla.',
  },
  noPermission: {
    what: 'El broker no deja entrar a este usuario.',
    why: 'OWLCMS_MQTTUSERNAME u OWLCMS_MQTTPASSWORD está mal, o este usuario no puede conectarse. No es el número de conexiones: el broker lo diría.',
    nextStep:
      'Ponga otra vez OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD, exactamente como se crearon en la página del broker. Un usuario nuevo puede tardar 5 minutos. La comprobación dice cuántos caracteres de la contraseña llegan: #, $ o una comilla puede cortarla.',
  },
  noServerName: {
    what: 'El broker no deja entrar al puente.',
    why: 'OWLCMS_MQTTSERVER es una dirección de números. Los brokers en la nube comparten esas direcciones y rechazan a quien no da el nombre. En su propio broker, el usuario o la contraseña está mal.',
    nextStep:
      'Ponga el nombre del broker en OWLCMS_MQTTSERVER, como abc123.s1.eu.hivemq.cloud. En su propio broker, revise OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD.',
  },
  connectionLimit: {
    what: 'Al broker no le queda ninguna conexión.',
    why: 'Su plan permite un número fijo de conexiones, y todas están en uso.',
    nextStep:
      'Desconecte del broker lo que no haga falta, conecte los aparatos al puente, o elija un plan mayor.',
  },
  serverBusy: {
    what: 'El broker está ocupado o en mantenimiento.',
    why: 'Lo ha dicho él mismo.',
    nextStep: 'Espere: el puente lo intenta de nuevo solo. Si dura, mire la página de estado del broker.',
  },
  takenOver: {
    what: 'Otro programa ocupó el lugar del puente en el broker.',
    why: 'Se conectó con el mismo identificador: seguramente una segunda copia de este puente.',
    nextStep: 'Pare la segunda copia. En Fly.io: fly scale count 1.',
  },
  subscriptionRefused: {
    what: 'El broker no deja que el puente escuche a owlcms.',
    why: 'El usuario de OWLCMS_MQTTUSERNAME no puede suscribirse a owlcms/#.',
    nextStep:
      'Dé a este usuario permiso para publicar y suscribirse en owlcms/# en el broker. Puede tardar 5 minutos.',
  },
  publishRefused: {
    what: 'El broker no deja que el puente pase las pulsaciones.',
    why: 'El usuario de OWLCMS_MQTTUSERNAME no puede publicar en owlcms/#.',
    nextStep:
      'Dé a este usuario permiso para publicar y suscribirse en owlcms/# en el broker. Puede tardar 5 minutos.',
  },
  messageNotTaken: {
    what: 'El broker cortó el enlace por un mensaje.',
    why: 'Algo que el puente pasó, o dijo él mismo, no lo acepta este broker. Los ajustes están bien: el broker dejó entrar al puente.',
    nextStep:
      'Espere: el puente se conecta de nuevo solo. Si se repite, mire en el registro o en el diario qué aparato envió algo justo antes, apague ese dispositivo y enseñe el texto del error a un técnico.',
  },
  halfOpen: {
    what: 'El broker se quedó callado.',
    why: 'Ya no llega nada de él: seguramente falta la red entre medias, o el broker está colgado.',
    nextStep: 'Espere: el puente lo intenta de nuevo solo. Si dura, revise la conexión a Internet.',
  },
  closedByBroker: {
    what: 'El broker cerró la conexión.',
    why: 'Quizá se está reiniciando, o no le gustó el usuario o los permisos del puente y no dio motivo.',
    nextStep:
      'Espere un minuto: el puente lo intenta de nuevo solo. Si dura, revise OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD.',
  },
  other: {
    what: 'El enlace con el broker falló por un motivo que el puente no conoce.',
    why: 'El texto del error le dice más a un técnico.',
    nextStep:
      'Revise OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD. Si están bien, enseñe el texto del error a un técnico.',
  },
  certificateSoon: {
    what: 'El certificado del broker caduca pronto.',
    why: 'Después de ese día ni el puente ni owlcms tendrán conexión.',
    nextStep:
      'Renueve el certificado del broker antes de la competición, o pregunte a su dueño si eso ocurre solo.',
  },
  messageNotReturned: {
    what: 'El broker acepta mensajes, pero no los devuelve.',
    why: 'El usuario de OWLCMS_MQTTUSERNAME puede publicar o suscribirse en owlcms/#, pero no ambas cosas.',
    nextStep:
      'Dé a este usuario permiso para publicar y suscribirse en owlcms/# en el broker. Puede tardar 5 minutos.',
  },
  notAcknowledged: {
    what: 'El broker no confirma un mensaje.',
    why: 'Está sobrecargado, o la red pierde lo que envía.',
    nextStep: 'Compruebe de nuevo dentro de un minuto. Si dura, mire la página de estado del broker.',
  },
  slowRoundTrip: {
    what: 'El camino de ida y vuelta al broker es lento.',
    why: 'El broker está lejos del puente, o la red está ocupada. Los oficiales notan retrasos de más de medio segundo.',
    nextStep: 'Elija regiones cercanas para el broker y el puente. En la sala, use un cable.',
  },
  owlcmsSilent: {
    what: 'owlcms no responde.',
    why: 'Está apagado, aún arranca, o está conectado a otro broker; su propia contraseña puede estar mal, cosa que no muestra en ningún sitio; o es anterior a la versión 38. Las pulsaciones llegan al broker, pero nadie las toma.',
    nextStep:
      'Abra owlcms en un navegador para despertarlo, y compruebe que owlcms tiene los mismos OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD que el puente.',
  },
  owlcmsStarting: {
    what: 'owlcms está arrancando.',
    why: 'Lo ha dicho en este broker. No acepta pulsaciones durante los primeros segundos de cada tarima.',
    nextStep: 'Espere diez segundos y compruebe de nuevo.',
  },
  owlcmsOld: {
    what: 'owlcms está, pero es demasiado antiguo para algunas cosas.',
    why: 'Habla en este broker, pero no dice sus tarimas ni el tamaño del jurado, como hace owlcms desde la versión 43.',
    nextStep:
      'Actualice owlcms. Hasta entonces funcionan los aparatos de los árbitros, y se supone un jurado de tres.',
  },
  owlcmsElsewhere: {
    what: 'Hay aparatos que pulsan en este broker, pero owlcms no está aquí.',
    why: 'owlcms está apagado, o conectado a otro broker que los aparatos: el puente no ve otros brokers.',
    nextStep:
      'Compare letra por letra OWLCMS_MQTTSERVER, OWLCMS_MQTTPORT, OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD de owlcms con los del puente, y reinicie owlcms.',
  },
  owlcmsNotHere: {
    what: 'owlcms no está conectado a este puente.',
    why: 'Está apagado, aún arranca, o sus cuatro ajustes llevan a otro sitio; su propia contraseña puede estar mal, cosa que no muestra en ningún sitio. Mientras no esté, cada pulsación se rechaza al momento.',
    nextStep:
      'Abra owlcms en un navegador para despertarlo. Necesita la dirección de este puente en OWLCMS_MQTTSERVER, 1883 en OWLCMS_MQTTPORT, y los mismos OWLCMS_MQTTUSERNAME y OWLCMS_MQTTPASSWORD que aquí.',
  },
  bridgeNotRunning: {
    what: 'Este puente es el broker, pero no está en marcha en este ordenador.',
    why: 'Nada responde en su puerto para owlcms.',
    nextStep:
      'Arranque el puente y compruebe otra vez; en Fly.io, compruébelo en su propia máquina, con fly ssh console.',
  },
  twoOwlcms: {
    what: 'Dos owlcms distintos responden en este broker.',
    why: 'Los dos toman cada pulsación, de modo que uno muestra resultados de la competición del otro.',
    nextStep: 'Pare el que sobra, o dele un broker propio.',
  },
  dotInPlatform: {
    what: 'El broker no puede transmitir el nombre de una tarima.',
    why: 'Convierte el punto del nombre en una barra, como RabbitMQ: en esa tarima no llega nada, en ningún sentido.',
    nextStep: 'Ponga a la tarima un nombre sin punto en owlcms, o use otro broker.',
  },
  notReplayed: {
    what: 'El broker no devuelve lo que guarda.',
    why: 'Guarda lo revocado, pero a un puente que se reinicia le dice solo una parte, como RabbitMQ: códigos antiguos podrían volver a servir.',
    nextStep: 'Ponga en BRIDGE_JOURNAL_DIR una carpeta que sobreviva a los reinicios, o use otro broker.',
  },
  runsTwice: {
    what: 'Una segunda máquina de este puente está conectada al mismo broker.',
    why: 'Acuerdan quién ocupa cada puesto, pero tienen el mismo nombre: no se ve en cuál está cada aparato.',
    nextStep: 'Si nadie lo quiso: en Fly.io ejecute «fly scale count 1», en Heroku deje un solo dyno web.',
  },
  machinesOnFly: {
    what: 'Esta aplicación tiene más de una máquina en Fly.io.',
    why: '«fly deploy» crea dos si no se le dice otra cosa. Acuerdan quién ocupa cada puesto, pero tienen el mismo nombre: no se ve en cuál está cada aparato.',
    nextStep: 'Si nadie lo quiso: ejecute «fly scale count 1», y en adelante «fly deploy --ha=false».',
  },
  clientIdFight: {
    what: 'Otro programa ocupa una y otra vez el lugar del puente en el broker.',
    why: 'Se conecta con el mismo identificador, y cada uno echa al otro por turnos.',
    nextStep: 'Pare el segundo programa: otra copia de este puente, quizá en el portátil de alguien.',
  },
  oneConnection: {
    what: 'El broker da al puente una conexión en lugar de dos.',
    why: 'Todo funciona, pero lo que dice owlcms puede llegar a los aparatos 40 ms más tarde. Quizá el plan cuenta las conexiones, o el broker acepta una por usuario.',
    nextStep:
      'No hay que hacer nada. Si el plan cuenta las conexiones, desconecte lo que no se necesite; el puente pide una segunda cada vez que se conecta.',
  },
  sleepingDyno: {
    what: 'En Heroku un dyno Eco se duerme tras media hora sin visitas web.',
    why: 'Las decisiones se pierden mientras duerme. El programa no ve en qué tipo de dyno corre.',
    nextStep: 'Ejecute «heroku ps:type»: si dice eco, ejecute «heroku ps:type web=basic».',
  },
}
